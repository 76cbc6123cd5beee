// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include <napi.h>

#include "stream/ring.h"

namespace tidemark {

/// `Ring` of lib/native/binding.ts.
class RingObject : public Napi::ObjectWrap<RingObject> {
 public:
  static constexpr napi_type_tag type_tag{0x61F0D8B27C3A4E95, 0xB4E7192C05D86FA3};

  static Napi::Function define(Napi::Env env);
  explicit RingObject(const Napi::CallbackInfo& info);
  ~RingObject() override;

  [[nodiscard]] std::shared_ptr<Ring> ring() const { return ring_; }

 private:
  Napi::Value filled_bytes(const Napi::CallbackInfo& info);
  void close(const Napi::CallbackInfo& info);

  static void end_of_environment(void* self);

  std::shared_ptr<Ring> ring_;
  napi_env env_ = nullptr;
};

/// `drainRing` of lib/native/binding.ts.
[[nodiscard]] Napi::Value drain_ring_to_descriptor(const Napi::CallbackInfo& info);

}  // namespace tidemark
