// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <napi.h>

#include "addon/device_object.h"
#include "device/device_thread.h"
#include "device/medium_changer.h"

namespace tidemark {

/// A changer and the thread on which alone it may be touched; the thread ends first.
struct ChangerPort {
  ChangerPort(std::unique_ptr<Transport> transport, std::string name)
      : changer(std::move(transport), std::move(name)) {}
  MediumChanger& device() { return changer; }

  MediumChanger changer;
  DeviceThread thread;
};

/// `MediumChanger` of lib/native/binding.ts.
class MediumChangerObject : public Napi::ObjectWrap<MediumChangerObject> {
 public:
  static constexpr napi_type_tag type_tag{0xC7A92E5B14F04D36, 0x8E21B6F3597D0A4C};

  static Napi::Function define(Napi::Env env);
  explicit MediumChangerObject(const Napi::CallbackInfo& info);

 private:
  Napi::Value call(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  DeviceObject<ChangerPort> device_;
};

}  // namespace tidemark
