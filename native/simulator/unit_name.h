// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

/// What the units of a simulated library are called, in addresses and in fault plans.
namespace tidemark::simulator {

inline constexpr std::string_view changer_unit = "changer";

/// The number of `drive-N`, which is written in one way only: nothing counts for one spelling and
/// not for another.
[[nodiscard]] std::optional<std::uint16_t> drive_number(std::string_view unit);

}  // namespace tidemark::simulator
