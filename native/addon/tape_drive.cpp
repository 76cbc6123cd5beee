// SPDX-License-Identifier: Apache-2.0
#include "addon/tape_drive.h"

#include <vector>

#include "addon/common_methods.h"
#include "addon/device_fields.h"

namespace tidemark {
namespace {

const std::vector<DeviceMethod<DrivePort>>& drive_methods() {
  static const auto all = [] {
    DeviceMethods<DrivePort> methods("TapeDrive");
    add_common_methods(methods);
    add_tape_methods(methods);
    return methods.all();
  }();
  return all;
}

}  // namespace

Napi::Function TapeDriveObject::define(Napi::Env env) {
  auto properties = method_properties<TapeDriveObject>(drive_methods(), &TapeDriveObject::call);
  properties.push_back(InstanceMethod("close", &TapeDriveObject::close));
  return DefineClass(env, "TapeDrive", properties);
}

TapeDriveObject::TapeDriveObject(const Napi::CallbackInfo& info)
    : ObjectWrap(info), device_(info, "TapeDrive") {
  info.This().As<Napi::Object>().TypeTag(tag_of<TapeDriveObject>());
}

Napi::Value TapeDriveObject::call(const Napi::CallbackInfo& info) {
  return method_of<DrivePort>(info).call(device_, info);
}

Napi::Value TapeDriveObject::close(const Napi::CallbackInfo& info) { return device_.close(info); }

}  // namespace tidemark
