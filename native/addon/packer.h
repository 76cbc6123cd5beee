// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <napi.h>

#include "addon/packer_channel.h"
#include "stream/packer.h"

namespace tidemark {

/// `Packer` of lib/native/binding.ts.
class PackerObject : public Napi::ObjectWrap<PackerObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit PackerObject(const Napi::CallbackInfo& info);
  ~PackerObject() override;

 private:
  void start(const Napi::CallbackInfo& info);
  void answer(const Napi::CallbackInfo& info);
  void request_barrier(const Napi::CallbackInfo& info);
  void release(const Napi::CallbackInfo& info);
  Napi::Value flush(const Napi::CallbackInfo& info);
  Napi::Value member_at(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);
  Napi::Value stop(const Napi::CallbackInfo& info);

  void end();
  static void end_of_environment(void* self);

  std::shared_ptr<PackerChannel> channel_;
  std::shared_ptr<Packer> packer_;
  bool takes_turns_ = false;
  napi_env env_ = nullptr;
};

/// `checkContinued` of lib/native/binding.ts.
[[nodiscard]] Napi::Value check_continued(const Napi::CallbackInfo& info);

}  // namespace tidemark
