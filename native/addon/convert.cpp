// SPDX-License-Identifier: Apache-2.0
#include "addon/convert.h"

#include <atomic>
#include <cmath>
#include <utility>

namespace tidemark {
namespace {

/// Of the whole process: environments share the addon.
std::atomic<std::uint64_t> crossing_count{0};

const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::completed:
      return "completed";
    case Outcome::not_sent:
      return "notSent";
    case Outcome::unknown:
      break;
  }
  return "unknown";
}

Napi::Object sense_to_js(Napi::Env env, const scsi::Sense& sense,
                         std::span<const std::uint8_t> raw) {
  auto object = Napi::Object::New(env);
  object.Set("deferred", sense.deferred);
  object.Set("senseKey", sense.key);
  object.Set("asc", sense.asc);
  object.Set("ascq", sense.ascq);
  object.Set("filemark", sense.filemark);
  object.Set("endOfMedium", sense.end_of_medium);
  object.Set("incorrectLength", sense.incorrect_length);
  if (sense.information) {
    object.Set("information", Napi::BigInt::New(env, std::int64_t{*sense.information}));
  }
  object.Set("raw", to_buffer(env, raw));
  return object;
}

}  // namespace

void count_crossing() { crossing_count.fetch_add(1, std::memory_order_relaxed); }

std::uint64_t crossings() { return crossing_count.load(std::memory_order_relaxed); }

Napi::BigInt to_bigint(Napi::Env env, std::uint64_t value) { return Napi::BigInt::New(env, value); }

Napi::Buffer<std::uint8_t> to_buffer(Napi::Env env, std::span<const std::uint8_t> bytes) {
  return Napi::Buffer<std::uint8_t>::Copy(env, bytes.data(), bytes.size());
}

Napi::Buffer<std::uint8_t> adopt_buffer(Napi::Env env,
                                        std::shared_ptr<std::vector<std::uint8_t>> bytes,
                                        std::size_t length) {
  // An external buffer keeps all of the vector: where only a small part of it is used, a copy is
  // cheaper.
  const std::span<const std::uint8_t> used(bytes->data(), length);
  if (length < bytes->size() / 2) return to_buffer(env, used);
  auto* const memory = bytes->data();
  auto* const keeper = new std::shared_ptr<std::vector<std::uint8_t>>(std::move(bytes));
  return Napi::Buffer<std::uint8_t>::NewOrCopy(
      env, memory, length,
      [](Napi::BasicEnv, std::uint8_t*, std::shared_ptr<std::vector<std::uint8_t>>* kept) {
        delete kept;
      },
      keeper);
}

Napi::Object result_to_js(Napi::Env env, const Result& result) {
  auto object = Napi::Object::New(env);
  object.Set("command", result.command);
  object.Set("outcome", name_of(result.outcome));
  object.Set("scsiStatus", result.scsi_status);
  object.Set("hostStatus", result.host_status);
  object.Set("driverStatus", result.driver_status);
  object.Set("errno", result.error_number);
  const bool has_sense = result.scsi_status == scsi_status::check_condition;
  if (const auto sense = has_sense ? result.decoded_sense() : std::nullopt) {
    object.Set("sense",
               sense_to_js(env, *sense, std::span(result.sense).first(result.sense_length)));
  }
  object.Set("residual", static_cast<double>(result.residual));
  object.Set("durationUs", static_cast<double>(result.duration_us));
  object.Set("nexus", result.nexus);
  if (!result.detail.empty()) object.Set("detail", result.detail);
  return object;
}

Napi::Object with_result(Napi::Env env, const Result& result) {
  auto object = Napi::Object::New(env);
  object.Set("result", result_to_js(env, result));
  return object;
}

Napi::Promise rejected(Napi::Env env, Napi::Error error) {
  napi_deferred deferred = nullptr;
  const auto promise = make_promise(env, deferred);
  if (deferred != nullptr) napi_reject_deferred(env, deferred, error.Value());
  return promise;
}

std::uint64_t copy_of_addon() { return reinterpret_cast<std::uintptr_t>(&crossing_count); }

Napi::Error ArgumentCheck::error() const {
  if (env_.IsExceptionPending()) return env_.GetAndClearPendingException();
  return is_type_error_ ? Napi::TypeError::New(env_, message_) : Napi::Error::New(env_, message_);
}

void ArgumentCheck::fail(const char* name, const std::string& expected) {
  if (!ok()) return;
  message_ = std::string(function_) + ": expected " + name + " to be " + expected;
}

void ArgumentCheck::refuse(const std::string& sentence) {
  if (!ok()) return;
  message_ = sentence;
  is_type_error_ = false;
}

Napi::Object ArgumentCheck::object(const Napi::Value& value, const char* name) {
  if (value.IsObject()) return value.As<Napi::Object>();
  fail(name, "an object");
  return Napi::Object::New(env_);
}

std::uint64_t ArgumentCheck::bigint(const Napi::Value& value, const char* name) {
  constexpr const char* expected = "a bigint of 0 or more, below 2n ** 64n";
  if (!value.IsBigInt()) {
    fail(name, expected);
    return 0;
  }
  bool lossless = false;
  const auto number = value.As<Napi::BigInt>().Uint64Value(&lossless);
  if (!lossless) fail(name, expected);
  return lossless ? number : 0;
}

std::int64_t ArgumentCheck::signed_bigint(const Napi::Value& value, const char* name) {
  bool lossless = false;
  const auto number = value.IsBigInt() ? value.As<Napi::BigInt>().Int64Value(&lossless) : 0;
  if (!lossless) fail(name, "a bigint of 64 bits with a sign");
  return lossless ? number : 0;
}

std::int64_t ArgumentCheck::integer(const Napi::Value& value, const char* name,
                                    std::int64_t minimum, std::int64_t maximum) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : std::nan("");
  const bool fits = std::trunc(number) == number && number >= static_cast<double>(minimum) &&
                    number <= static_cast<double>(maximum);
  if (fits) return static_cast<std::int64_t>(number);
  fail(name, "an integer from " + std::to_string(minimum) + " to " + std::to_string(maximum));
  return minimum;
}

bool ArgumentCheck::boolean(const Napi::Value& value, const char* name) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>();
  fail(name, "a boolean");
  return false;
}

std::string ArgumentCheck::string(const Napi::Value& value, const char* name) {
  std::size_t length = longest_text + 1;
  if (value.IsString()) napi_get_value_string_utf8(env_, value, nullptr, 0, &length);
  if (length <= longest_text) {
    auto text = value.As<Napi::String>().Utf8Value();
    // Strings become paths and names here; one with a NUL would silently mean a shorter one.
    if (text.find('\0') == std::string::npos) return text;
  }
  fail(name, "a string of at most 1 MiB without NUL characters");
  return {};
}

std::string ArgumentCheck::path(const Napi::Value& value, const char* name) {
  const auto given = bytes(value, name);
  if (given.size() <= longest_text) {
    std::string text(given.begin(), given.end());
    if (text.find('\0') == std::string::npos) return text;
  }
  fail(name, "a path of at most 1 MiB without NUL");
  return {};
}

std::vector<std::string> ArgumentCheck::strings(const Napi::Value& value, const char* name) {
  std::vector<std::string> all;
  if (!value.IsArray()) {
    fail(name, "an array of strings");
    return all;
  }
  const auto array = value.As<Napi::Array>();
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::Value each = array.Get(i);
    if (!each.IsString()) {
      fail(name, "an array of strings");
      return {};
    }
    all.push_back(string(each, name));
  }
  return all;
}

std::span<std::uint8_t> ArgumentCheck::bytes(const Napi::Value& value, const char* name) {
  if (value.IsTypedArray() && value.As<Napi::TypedArray>().TypedArrayType() == napi_uint8_array) {
    auto array = value.As<Napi::Uint8Array>();
    return {array.Data(), array.ElementLength()};
  }
  fail(name, "a Buffer or Uint8Array");
  return {};
}

Napi::Array ArgumentCheck::array(const Napi::Value& value, const char* name) {
  if (value.IsArray()) return value.As<Napi::Array>();
  fail(name, "an array");
  return Napi::Array::New(env_);
}

Napi::Function ArgumentCheck::function(const Napi::Value& value, const char* name) {
  if (value.IsFunction()) return value.As<Napi::Function>();
  fail(name, "a function");
  return Napi::Function();
}

}  // namespace tidemark
