// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <napi.h>

#include "stream/stream_reader.h"

namespace tidemark {

/// `StreamReader` of lib/native/binding.ts.
class StreamReaderObject : public Napi::ObjectWrap<StreamReaderObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit StreamReaderObject(const Napi::CallbackInfo& info);
  ~StreamReaderObject() override;

 private:
  Napi::Value read(const Napi::CallbackInfo& info);
  void expect_members(const Napi::CallbackInfo& info);
  Napi::Value member_at(const Napi::CallbackInfo& info);
  void end(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);
  Napi::Value stream_offset(const Napi::CallbackInfo& info);

  /// Hooks run in the opposite order of their registration; this one has to run before the drive's.
  void watch_environment(napi_env env);
  void leave_environment();
  static void end_of_environment(void* self);

  std::shared_ptr<StreamReader> reader_;
  napi_env env_ = nullptr;
  bool reading_ = false;
};

}  // namespace tidemark
