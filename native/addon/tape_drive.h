// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <napi.h>

#include "addon/device_method.h"
#include "addon/device_object.h"
#include "device/device_thread.h"
#include "device/tape_drive.h"

namespace tidemark {

/// A drive and the thread on which alone it may be touched; the thread ends first.
struct DrivePort {
  DrivePort(std::unique_ptr<Transport> transport, std::string name)
      : drive(std::move(transport), std::move(name)) {}
  TapeDrive& device() { return drive; }

  TapeDrive drive;
  DeviceThread thread;
};

/// `TapeDrive` of lib/native/binding.ts.
class TapeDriveObject : public Napi::ObjectWrap<TapeDriveObject> {
 public:
  static constexpr napi_type_tag type_tag{0x3B1D6F0A5E9C4721, 0x9A40C7D2E81B5F63};

  static Napi::Function define(Napi::Env env);
  explicit TapeDriveObject(const Napi::CallbackInfo& info);

  /// Null once the drive was closed.
  [[nodiscard]] std::shared_ptr<DrivePort> port() const { return device_.port(); }

 private:
  Napi::Value call(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  DeviceObject<DrivePort> device_;
};

/// Those that move the tape or its data.
void add_tape_methods(DeviceMethods<DrivePort>& methods);

}  // namespace tidemark
