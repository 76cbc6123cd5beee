// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "transport/json_cursor.h"

namespace tidemark::simulator {

inline constexpr std::uint64_t largest_count = std::numeric_limits<std::int64_t>::max();

/// In messages.
[[nodiscard]] std::string quoted(const std::string& text);

/// Reads values that have bounds, and objects all of whose members are known; the cursor keeps the
/// first problem.
class StrictJson {
 public:
  explicit StrictJson(std::string_view text) : json_(text) {}

  using Members = std::map<std::string, std::function<void()>, std::less<>>;
  /// An object whose members are all known, none twice. Returns those that were there.
  std::set<std::string> members(const std::string& what, const Members& known);
  std::uint64_t integer(const char* name, std::uint64_t minimum, std::uint64_t maximum);
  std::uint8_t byte(const char* name, std::uint8_t maximum = 0xFF);
  void only_true(const char* name);
  /// One of these texts; returns its value.
  template <class Value, class Choices>
  Value choice(const char* name, const Choices& choices) {
    const auto text = json_.string();
    std::string all;
    for (const auto& [each, value] : choices) {
      if (text == each) return value;
      all += (all.empty() ? "" : ", ") + std::string(each);
    }
    json_.fail(std::string(name) + " is one of " + all);
    return Value();
  }

  [[nodiscard]] JsonCursor& cursor() { return json_; }

 private:
  JsonCursor json_;
};

}  // namespace tidemark::simulator
