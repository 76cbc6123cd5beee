// SPDX-License-Identifier: Apache-2.0
#include "simulator/unit_name.h"

#include <charconv>

namespace tidemark::simulator {

std::optional<std::uint16_t> drive_number(std::string_view unit) {
  constexpr std::string_view prefix = "drive-";
  if (!unit.starts_with(prefix)) return std::nullopt;
  unit.remove_prefix(prefix.size());
  if (unit.size() > 1 && unit.front() == '0') return std::nullopt;
  std::uint16_t number = 0;
  const auto* end = unit.data() + unit.size();
  const auto [stopped, error] = std::from_chars(unit.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace tidemark::simulator
