// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <napi.h>

#include "addon/convert.h"
#include "device/response.h"

/// Structs to JavaScript objects and back by lists of their fields, so that a struct is described
/// once instead of being taken apart by hand wherever it crosses.
namespace tidemark {

template <typename T, typename M>
struct Field {
  const char* name;
  M T::*member;
};
template <typename T, typename M>
constexpr Field<T, M> field(const char* name, M T::*member) {
  return {name, member};
}

/// Specialised for each struct that crosses: `static constexpr auto list = std::tuple{field(...),
/// ...}`, with the names of lib/native/binding.ts.
template <typename T>
struct Fields;

/// Specialised for each enumeration that crosses: `static constexpr auto list = std::array{
/// std::pair{T::value, "name"}, ...}`.
template <typename T>
struct Names;

template <typename T>
concept Described = requires {
  Fields<T>::list;
};

/// Knows itself how it looks in JavaScript.
template <typename T>
concept SelfConverting = requires(const T& value, Napi::Env env) {
  { value.to_js(env) } -> std::convertible_to<Napi::Value>;
};

/// Knows itself how it comes from JavaScript.
template <typename T>
concept SelfChecking = requires(ArgumentCheck& check, const Napi::Value& value,
                                const std::string& name) {
  { T::from_js(check, value, name) } -> std::same_as<T>;
};

template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsBytes : std::is_same<T, std::vector<std::uint8_t>> {};
template <std::size_t N>
struct IsBytes<std::array<std::uint8_t, N>> : std::true_type {};
template <typename T>
struct IsResponse : std::false_type {};
template <typename T>
struct IsResponse<Response<T>> : std::true_type {};

template <typename T>
[[nodiscard]] const char* enumerator_name(T value) {
  for (const auto& [each, name] : Names<T>::list) {
    if (each == value) return name;
  }
  return "unknown";
}

template <typename T>
[[nodiscard]] Napi::Value to_js(Napi::Env env, const T& value);

template <Described T>
[[nodiscard]] Napi::Object fields_to_js(Napi::Env env, const T& value) {
  auto object = Napi::Object::New(env);
  const auto set = [&](const auto& described) {
    const auto& member = value.*described.member;
    if constexpr (IsOptional<std::decay_t<decltype(member)>>::value) {
      // What a device did not say is absent, not null or zero.
      if (member) object.Set(described.name, to_js(env, *member));
    } else {
      object.Set(described.name, to_js(env, member));
    }
  };
  std::apply([&](const auto&... described) { (set(described), ...); }, Fields<T>::list);
  return object;
}

/// Integers of up to 32 bits become numbers, larger ones bigints; bytes a Buffer.
template <typename T>
[[nodiscard]] Napi::Value to_js(Napi::Env env, const T& value) {
  if constexpr (SelfConverting<T>) {
    return value.to_js(env);
  } else if constexpr (std::is_same_v<T, Result>) {
    return result_to_js(env, value);
  } else if constexpr (IsResponse<T>::value) {
    auto object = with_result(env, value.result);
    if (value.value) object.Set("value", to_js(env, *value.value));
    return object;
  } else if constexpr (IsOptional<T>::value) {
    return value ? to_js(env, *value) : env.Undefined();
  } else if constexpr (std::is_same_v<T, bool>) {
    return Napi::Boolean::New(env, value);
  } else if constexpr (std::is_enum_v<T>) {
    return Napi::String::New(env, enumerator_name(value));
  } else if constexpr (std::is_integral_v<T>) {
    if constexpr (sizeof(T) <= 4) {
      return Napi::Number::New(env, value);
    } else {
      return Napi::BigInt::New(
          env,
          static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(value));
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    return Napi::String::New(env, value);
  } else if constexpr (IsBytes<T>::value) {
    return to_buffer(env, value);
  } else if constexpr (IsVector<T>::value) {
    auto array = Napi::Array::New(env, value.size());
    for (std::size_t i = 0; i < value.size(); ++i) {
      array.Set(static_cast<std::uint32_t>(i), to_js(env, value[i]));
    }
    return array;
  } else {
    return fields_to_js(env, value);
  }
}

/// An argument, or a property of one, as the type that the device layer takes. Properties that are
/// undefined keep the struct's defaults.
template <typename T>
[[nodiscard]] T from_js(ArgumentCheck& check, const Napi::Value& value, const std::string& name) {
  if constexpr (SelfChecking<T>) {
    return T::from_js(check, value, name);
  } else if constexpr (IsOptional<T>::value) {
    if (value.IsUndefined()) return std::nullopt;
    return from_js<typename T::value_type>(check, value, name);
  } else if constexpr (std::is_same_v<T, bool>) {
    return check.boolean(value, name.c_str());
  } else if constexpr (std::is_enum_v<T>) {
    return check.enumerator<T>(value, name.c_str(), Names<T>::list);
  } else if constexpr (std::is_same_v<T, std::int64_t>) {
    return check.signed_bigint(value, name.c_str());
  } else if constexpr (std::is_same_v<T, std::uint64_t>) {
    return check.bigint(value, name.c_str());
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(check.integer(value, name.c_str(), std::numeric_limits<T>::min(),
                                        std::numeric_limits<T>::max()));
  } else if constexpr (std::is_same_v<T, std::string>) {
    return check.string(value, name.c_str());
  } else if constexpr (IsBytes<T>::value) {
    // A copy: the caller may change its buffer before the command is sent.
    const auto bytes = check.bytes(value, name.c_str());
    if (bytes.size() > most_copied_bytes) check.fail(name.c_str(), "at most 16 MiB");
    if (!check.ok()) return {};
    return {bytes.begin(), bytes.end()};
  } else if constexpr (IsVector<T>::value) {
    T all;
    const auto array = check.array(value, name.c_str());
    for (std::uint32_t i = 0; check.ok() && i < array.Length(); ++i) {
      all.push_back(from_js<typename T::value_type>(check, array.Get(i),
                                                    name + "[" + std::to_string(i) + "]"));
    }
    return all;
  } else {
    T all{};
    const auto object = check.object(value, name.c_str());
    const auto take = [&](const auto& described) {
      const Napi::Value property = object.Get(described.name);
      if (!check.ok() || property.IsUndefined()) return;
      auto& member = all.*described.member;
      member =
          from_js<std::decay_t<decltype(member)>>(check, property, name + "." + described.name);
    };
    std::apply([&](const auto&... described) { (take(described), ...); }, Fields<T>::list);
    return all;
  }
}

}  // namespace tidemark
