// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <napi.h>

#include "addon/blocks_channel.h"
#include "stream/tape_writer.h"

namespace tidemark {

/// `TapeWriter` of lib/native/binding.ts.
class TapeWriterObject : public Napi::ObjectWrap<TapeWriterObject> {
 public:
  static Napi::Function define(Napi::Env env);
  explicit TapeWriterObject(const Napi::CallbackInfo& info);
  ~TapeWriterObject() override;

 private:
  Napi::Value run(const Napi::CallbackInfo& info);
  void set_limit(const Napi::CallbackInfo& info);
  void request_stop(const Napi::CallbackInfo& info);
  void acknowledge_blocks(const Napi::CallbackInfo& info);
  Napi::Value progress(const Napi::CallbackInfo& info);

  void release();
  static void end_of_environment(void* self);

  /// Keeps the drive's thread alive.
  Napi::ObjectReference drive_;
  std::shared_ptr<BlocksChannel> channel_;
  std::shared_ptr<TapeWriter> writer_;
  napi_env env_ = nullptr;
  bool running_ = false;
};

}  // namespace tidemark
