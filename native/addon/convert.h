// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <napi.h>

#include "addon/completion.h"
#include "transport/transport.h"

namespace tidemark {

/// Counts one call from a native thread into JavaScript, or one call of a packer or writer method.
void count_crossing();
[[nodiscard]] std::uint64_t crossings();

[[nodiscard]] Napi::BigInt to_bigint(Napi::Env env, std::uint64_t value);
/// Copies.
[[nodiscard]] Napi::Buffer<std::uint8_t> to_buffer(Napi::Env env,
                                                   std::span<const std::uint8_t> bytes);
/// Hands the memory over without a copy where the engine allows it.
[[nodiscard]] Napi::Buffer<std::uint8_t> adopt_buffer(
    Napi::Env env, std::shared_ptr<std::vector<std::uint8_t>> bytes, std::size_t length);
/// `NativeResult` of lib/native/binding.ts.
[[nodiscard]] Napi::Object result_to_js(Napi::Env env, const Result& result);
/// `{ result }`, to which the caller adds the payload.
[[nodiscard]] Napi::Object with_result(Napi::Env env, const Result& result);

[[nodiscard]] Napi::Promise rejected(Napi::Env env, Napi::Error error);

/// Differs between copies of the addon that one process has loaded, of several versions perhaps.
[[nodiscard]] std::uint64_t copy_of_addon();

/// Longer than any path or name. A message that quotes a longer one could not be made.
inline constexpr std::size_t longest_text = 1 << 20;
/// More than any command transfers.
inline constexpr std::size_t most_copied_bytes = 16 << 20;

/// Checks arguments and option properties. The first fault is kept, everything after it yields
/// zeros; the caller asks `ok()` once and then throws or rejects with `error()`.
class ArgumentCheck {
 public:
  /// `function`: as the user called it, begins each message.
  ArgumentCheck(Napi::Env env, const char* function) : env_(env), function_(function) {}

  Napi::Object object(const Napi::Value& value, const char* name);
  std::uint64_t bigint(const Napi::Value& value, const char* name);
  /// An integral number in [minimum, maximum].
  std::int64_t integer(const Napi::Value& value, const char* name, std::int64_t minimum,
                       std::int64_t maximum);
  /// A bigint that fits 64 bits with a sign.
  std::int64_t signed_bigint(const Napi::Value& value, const char* name);
  bool boolean(const Napi::Value& value, const char* name);
  /// Of at most `longest_text` bytes.
  std::string string(const Napi::Value& value, const char* name);
  /// The same in a Buffer or Uint8Array: paths need not be UTF-8.
  std::string path(const Napi::Value& value, const char* name);
  std::vector<std::string> strings(const Napi::Value& value, const char* name);
  /// The bytes of a Buffer or Uint8Array; they belong to JavaScript.
  std::span<std::uint8_t> bytes(const Napi::Value& value, const char* name);
  Napi::Array array(const Napi::Value& value, const char* name);
  Napi::Function function(const Napi::Value& value, const char* name);
  /// One of the names of `list`, pairs of value and name.
  template <typename T, typename List>
  T enumerator(const Napi::Value& value, const char* name, const List& list) {
    const auto given = value.IsString() ? value.As<Napi::String>().Utf8Value() : std::string();
    std::string expected = "one of";
    for (const auto& [each, each_name] : list) {
      if (given == each_name) return each;
      expected += std::string(" \"") + each_name + "\"";
    }
    fail(name, expected);
    return list[0].first;
  }

  void fail(const char* name, const std::string& expected);
  /// Nothing is wrong with the arguments, but with what they name: a sentence.
  void refuse(const std::string& sentence);

  /// False also where a getter of an argument has thrown.
  [[nodiscard]] bool ok() const { return message_.empty() && !env_.IsExceptionPending(); }
  /// The getter's exception, which is taken away: the engine aborts where a second one is thrown
  /// on top of it. Otherwise a TypeError that names the argument, or an Error with
  /// the sentence of `refuse`.
  [[nodiscard]] Napi::Error error() const;

 private:
  Napi::Env env_;
  const char* function_;
  std::string message_;
  bool is_type_error_ = true;
};

/// What tells objects of class `T` and of this copy of the addon from all others. `T` has `static
/// constexpr napi_type_tag type_tag`; its constructor puts this one on the object.
template <typename T>
[[nodiscard]] const napi_type_tag* tag_of() {
  static const napi_type_tag tag{T::type_tag.lower, T::type_tag.upper ^ copy_of_addon()};
  return &tag;
}

/// The native object behind a JavaScript one, or null where `value` is no object of that class.
template <typename T>
[[nodiscard]] T* unwrap(const Napi::Value& value) {
  if (!value.IsObject()) return nullptr;
  const auto object = value.As<Napi::Object>();
  return object.CheckTypeTag(tag_of<T>()) ? T::Unwrap(object) : nullptr;
}

}  // namespace tidemark
