// SPDX-License-Identifier: Apache-2.0
#include "simulator/hex_text.h"

namespace tidemark::simulator {
namespace {

constexpr std::string_view digits = "0123456789abcdef";

}  // namespace

std::string hex_text(std::span<const std::uint8_t> bytes) {
  if (bytes.empty()) return "-";
  std::string text;
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

std::optional<std::vector<std::uint8_t>> parse_hex(std::string_view text) {
  std::vector<std::uint8_t> bytes;
  if (text == "-") return bytes;
  if (text.empty() || text.size() % 2 != 0) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); at += 2) {
    const auto high = digits.find(text[at]);
    const auto low = digits.find(text[at + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    bytes.push_back(static_cast<std::uint8_t>(high << 4 | low));
  }
  return bytes;
}

}  // namespace tidemark::simulator
