// SPDX-License-Identifier: Apache-2.0
#include "addon/record_sieve.h"

#include <cstring>
#include <variant>

#include "addon/convert.h"

namespace tidemark {
namespace {

Napi::Object to_js(Napi::Env env, const LooseRecords& loose) {
  auto ordinals = Napi::Uint32Array::New(env, loose.ordinals.size());
  std::memcpy(ordinals.Data(), loose.ordinals.data(), ordinals.ByteLength());
  auto object = Napi::Object::New(env);
  object.Set("kind", "loose");
  object.Set("records", to_buffer(env, loose.bytes));
  object.Set("ordinals", ordinals);
  return object;
}

Napi::Object to_js(Napi::Env env, const WholeContainer& whole) {
  auto object = Napi::Object::New(env);
  object.Set("kind", "whole");
  object.Set("containerId", Napi::Number::New(env, static_cast<double>(whole.container_id)));
  object.Set("firstOrdinal", Napi::Number::New(env, whole.first_ordinal));
  object.Set("lastOrdinal", Napi::Number::New(env, whole.last_ordinal));
  object.Set("firstOffset", to_bigint(env, whole.first_offset));
  object.Set("endOffset", to_bigint(env, whole.end_offset));
  object.Set("objects", Napi::Number::New(env, whole.objects));
  object.Set("memberBytes", to_bigint(env, whole.member_bytes));
  object.Set("close", to_buffer(env, whole.close));
  object.Set("records", to_buffer(env, whole.records));
  return object;
}

Napi::Array to_js(Napi::Env env, const std::vector<RecordSieve::Step>& steps) {
  auto array = Napi::Array::New(env, steps.size());
  for (std::uint32_t i = 0; i < steps.size(); ++i) {
    array.Set(i, std::visit([&](const auto& step) { return to_js(env, step); }, steps[i]));
  }
  return array;
}

}  // namespace

Napi::Function RecordSieveObject::define(Napi::Env env) {
  return DefineClass(env, "RecordSieve",
                     {InstanceMethod("take", &RecordSieveObject::take),
                      InstanceMethod("finish", &RecordSieveObject::finish)});
}

RecordSieveObject::RecordSieveObject(const Napi::CallbackInfo& info)
    : Napi::ObjectWrap<RecordSieveObject>(info) {}

Napi::Value RecordSieveObject::take(const Napi::CallbackInfo& info) {
  ArgumentCheck check(info.Env(), "RecordSieve.take");
  const auto payload = check.bytes(info[0], "payload");
  if (!check.ok()) {
    check.error().ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  if (payload.size() > RecordSieve::most_payload_bytes) {
    Napi::RangeError::New(info.Env(),
                          "RecordSieve.take: the payload is longer than that of any frame")
        .ThrowAsJavaScriptException();
    return info.Env().Undefined();
  }
  return to_js(info.Env(), sieve_.take(payload));
}

Napi::Value RecordSieveObject::finish(const Napi::CallbackInfo& info) {
  return to_js(info.Env(), sieve_.finish());
}

}  // namespace tidemark
