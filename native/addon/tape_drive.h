// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

#include <napi.h>

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
  Napi::Value inquiry(const Napi::CallbackInfo& info);
  Napi::Value test_unit_ready(const Napi::CallbackInfo& info);
  Napi::Value read_block_limits(const Napi::CallbackInfo& info);
  Napi::Value mode_status(const Napi::CallbackInfo& info);
  Napi::Value set_variable_blocks(const Napi::CallbackInfo& info);
  Napi::Value end_of_data_valid(const Napi::CallbackInfo& info);
  Napi::Value tape_alerts(const Napi::CallbackInfo& info);
  Napi::Value read_attribute(const Napi::CallbackInfo& info);
  Napi::Value position(const Napi::CallbackInfo& info);
  Napi::Value rewind(const Napi::CallbackInfo& info);
  Napi::Value locate(const Napi::CallbackInfo& info);
  Napi::Value space_filemarks(const Napi::CallbackInfo& info);
  Napi::Value space_to_end_of_data(const Napi::CallbackInfo& info);
  Napi::Value load(const Napi::CallbackInfo& info);
  Napi::Value unload(const Napi::CallbackInfo& info);
  Napi::Value prevent_removal(const Napi::CallbackInfo& info);
  Napi::Value allow_overwrite(const Napi::CallbackInfo& info);
  Napi::Value read_block(const Napi::CallbackInfo& info);
  Napi::Value write_block(const Napi::CallbackInfo& info);
  Napi::Value write_filemarks(const Napi::CallbackInfo& info);
  Napi::Value digest_blocks(const Napi::CallbackInfo& info);
  Napi::Value digest_bytes(const Napi::CallbackInfo& info);
  Napi::Value copy_tape_file(const Napi::CallbackInfo& info);
  Napi::Value close(const Napi::CallbackInfo& info);

  DeviceObject<DrivePort> device_;
};

}  // namespace tidemark
