// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <napi.h>

#include "stream/extractor.h"

namespace tidemark {

/// `Extractor` of lib/native/binding.ts.
class ExtractorObject : public Napi::ObjectWrap<ExtractorObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit ExtractorObject(const Napi::CallbackInfo& info);
  ~ExtractorObject() override;

 private:
  void expect(const Napi::CallbackInfo& info);
  Napi::Value extract(const Napi::CallbackInfo& info);
  Napi::Value finish_directories(const Napi::CallbackInfo& info);
  Napi::Value finish(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);

  /// Hooks run in the opposite order of their registration; this one has to run before the drive's.
  void watch_environment(napi_env env);
  void leave_environment();
  static void end_of_environment(void* self);

  std::shared_ptr<Extractor> extractor_;
  napi_env env_ = nullptr;
  bool extracting_ = false;
};

}  // namespace tidemark
