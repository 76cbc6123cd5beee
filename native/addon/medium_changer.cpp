// SPDX-License-Identifier: Apache-2.0
#include "addon/medium_changer.h"

#include "addon/convert.h"
#include "addon/device_results.h"

namespace tidemark {
namespace {

const char* name_of(scsi::ElementType type) {
  switch (type) {
    case scsi::ElementType::transport:
      return "transport";
    case scsi::ElementType::storage:
      return "storage";
    case scsi::ElementType::import_export:
      return "importExport";
    case scsi::ElementType::data_transfer:
      break;
  }
  return "dataTransfer";
}

Napi::Object element_to_js(Napi::Env env, const scsi::Element& element) {
  auto object = Napi::Object::New(env);
  object.Set("address", element.address);
  object.Set("type", name_of(element.type));
  object.Set("full", element.full);
  if (element.exception) {
    auto exception = Napi::Object::New(env);
    exception.Set("asc", element.exception->asc);
    exception.Set("ascq", element.exception->ascq);
    object.Set("exception", exception);
  }
  object.Set("accessible", element.accessible);
  // An empty element has no tag; a full one with an empty tag has a label that cannot be read.
  if (element.volume_tag && (element.full || !element.volume_tag->empty())) {
    object.Set("volumeTag", *element.volume_tag);
  }
  if (element.source_address) object.Set("sourceAddress", *element.source_address);
  if (element.device_serial_number) {
    object.Set("driveSerialNumber", *element.device_serial_number);
  }
  return object;
}

Napi::Object elements_to_js(Napi::Env env, const ElementsOutcome& outcome) {
  auto object = with_result(env, outcome.result);
  if (outcome.elements) {
    auto elements = Napi::Array::New(env, outcome.elements->size());
    for (std::uint32_t i = 0; i < outcome.elements->size(); ++i) {
      elements.Set(i, element_to_js(env, (*outcome.elements)[i]));
    }
    object.Set("elements", elements);
  }
  return object;
}

}  // namespace

Napi::Function MediumChangerObject::define(Napi::Env env) {
  using Self = MediumChangerObject;
  return DefineClass(
      env, "MediumChanger",
      {InstanceMethod<&Self::inquiry>("inquiry"),
       InstanceMethod<&Self::test_unit_ready>("testUnitReady"),
       InstanceMethod<&Self::initialize_element_status>("initializeElementStatus"),
       InstanceMethod<&Self::elements>("elements"),
       InstanceMethod<&Self::move_medium>("moveMedium"), InstanceMethod<&Self::close>("close")});
}

MediumChangerObject::MediumChangerObject(const Napi::CallbackInfo& info)
    : ObjectWrap(info), device_(info, "MediumChanger") {
  info.This().As<Napi::Object>().TypeTag(&type_tag);
}

Napi::Value MediumChangerObject::inquiry(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](MediumChanger& changer) { return changer.inquiry(); }, inquiry_to_js);
}

Napi::Value MediumChangerObject::test_unit_ready(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](MediumChanger& changer) { return changer.test_unit_ready(); }, result_to_js);
}

Napi::Value MediumChangerObject::initialize_element_status(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](MediumChanger& changer) { return changer.initialize_element_status(); },
      result_to_js);
}

Napi::Value MediumChangerObject::elements(const Napi::CallbackInfo& info) {
  return device_.run(
      info, [](MediumChanger& changer) { return changer.elements(); }, elements_to_js);
}

Napi::Value MediumChangerObject::move_medium(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "MediumChanger.moveMedium");
  const auto source = static_cast<std::uint16_t>(check.integer(info[0], "source", 0, 0xFFFF));
  const auto destination =
      static_cast<std::uint16_t>(check.integer(info[1], "destination", 0, 0xFFFF));
  if (!check.ok()) return rejected(info.Env(), check.error());
  return device_.run(
      info,
      [source, destination](MediumChanger& changer) {
        return changer.move_medium(source, destination);
      },
      result_to_js);
}

Napi::Value MediumChangerObject::close(const Napi::CallbackInfo& info) {
  return device_.close(info);
}

}  // namespace tidemark
