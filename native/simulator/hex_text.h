// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::simulator {

/// Two lower-case digits a byte; `-` for no bytes, so that it is always a word.
[[nodiscard]] std::string hex_text(std::span<const std::uint8_t> bytes);
/// Nothing where it is not such a word.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text);

}  // namespace tidemark::simulator
