// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <napi.h>

#include "stream/record_sieve.h"

namespace tidemark {

/// `RecordSieve` of lib/native/binding.ts.
class RecordSieveObject : public Napi::ObjectWrap<RecordSieveObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit RecordSieveObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value take(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);

  RecordSieve sieve_;
};

}  // namespace tidemark
