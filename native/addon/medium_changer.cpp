// SPDX-License-Identifier: Apache-2.0
#include "addon/medium_changer.h"

#include "addon/common_methods.h"
#include "addon/device_fields.h"
#include "addon/device_method.h"

namespace tidemark {
namespace {

const std::vector<DeviceMethod<ChangerPort>>& changer_methods() {
  static const auto all = [] {
    DeviceMethods<ChangerPort> methods("MediumChanger");
    add_common_methods(methods);
    methods.add("elementAddresses", &MediumChanger::element_addresses)
        .add("transportGeometry", &MediumChanger::transport_geometry)
        .add("capabilities", &MediumChanger::capabilities)
        .add("elements", &MediumChanger::elements)
        .add("initializeElementStatus", &MediumChanger::initialize_element_status)
        .add("initializeElementRange", &MediumChanger::initialize_element_range, {"range"})
        .add("moveMedium", &MediumChanger::move_medium, {"move"})
        .add("exchangeMedium", &MediumChanger::exchange_medium, {"exchange"})
        .add("positionToElement", &MediumChanger::position_to_element, {"wanted"})
        .add("openImportExport", &MediumChanger::open_import_export, {"element"})
        .add("closeImportExport", &MediumChanger::close_import_export, {"element"})
        .add("findVolumeTag", &MediumChanger::find_volume_tag, {"template"});
    return methods.all();
  }();
  return all;
}

}  // namespace

Napi::Function MediumChangerObject::define(Napi::Env env) {
  auto properties =
      method_properties<MediumChangerObject>(changer_methods(), &MediumChangerObject::call);
  properties.push_back(InstanceMethod("close", &MediumChangerObject::close));
  return DefineClass(env, "MediumChanger", properties);
}

MediumChangerObject::MediumChangerObject(const Napi::CallbackInfo& info)
    : ObjectWrap(info), device_(info, "MediumChanger") {
  info.This().As<Napi::Object>().TypeTag(tag_of<MediumChangerObject>());
}

Napi::Value MediumChangerObject::call(const Napi::CallbackInfo& info) {
  return method_of<ChangerPort>(info).call(device_, info);
}

Napi::Value MediumChangerObject::close(const Napi::CallbackInfo& info) {
  return device_.close(info);
}

}  // namespace tidemark
