// SPDX-License-Identifier: Apache-2.0
#include "simulator/strict_json.h"

namespace tidemark::simulator {
namespace {

constexpr std::size_t longest_quoted = 64;

}  // namespace

std::string quoted(const std::string& text) { return '"' + text.substr(0, longest_quoted) + '"'; }

std::set<std::string> StrictJson::members(const std::string& what, const Members& known) {
  std::set<std::string> seen;
  json_.object([&](const std::string& name) {
    const auto found = known.find(name);
    if (found == known.end()) {
      json_.fail(what + " has no member " + quoted(name));
    } else if (!seen.insert(name).second) {
      json_.fail(what + " has the member " + quoted(name) + " twice");
    } else {
      found->second();
    }
  });
  return seen;
}

std::uint64_t StrictJson::integer(const char* name, std::uint64_t minimum, std::uint64_t maximum) {
  const auto value = json_.integer();
  const bool is_valid = value >= 0 && static_cast<std::uint64_t>(value) >= minimum &&
                        static_cast<std::uint64_t>(value) <= maximum;
  if (is_valid) return static_cast<std::uint64_t>(value);
  json_.fail(std::string(name) + " is an integer from " + std::to_string(minimum) + " to " +
             std::to_string(maximum));
  return minimum;
}

std::uint8_t StrictJson::byte(const char* name, std::uint8_t maximum) {
  return static_cast<std::uint8_t>(integer(name, 0, maximum));
}

void StrictJson::only_true(const char* name) {
  if (!json_.boolean()) json_.fail(std::string(name) + " can only be true");
}

}  // namespace tidemark::simulator
