// SPDX-License-Identifier: Apache-2.0
#include "scsi/bytes.h"

#include <algorithm>

namespace tidemark::scsi {

std::string load_ascii(Bytes bytes, std::size_t offset, std::size_t width) {
  if (offset >= bytes.size()) return {};
  const auto field = bytes.subspan(offset, std::min(width, bytes.size() - offset));
  const auto is_text = [](std::uint8_t byte) { return byte != ' ' && byte != 0; };
  const auto first = std::find_if(field.begin(), field.end(), is_text);
  const auto last = std::find_if(field.rbegin(), field.rend(), is_text).base();
  return first < last ? std::string(first, last) : std::string();
}

void store_ascii(MutableBytes bytes, std::size_t offset, std::size_t width, std::string_view text) {
  if (offset > bytes.size() || width > bytes.size() - offset) return;
  const auto field = bytes.subspan(offset, width);
  const auto used = std::min(width, text.size());
  std::copy_n(text.begin(), used, field.begin());
  std::fill(field.begin() + static_cast<std::ptrdiff_t>(used), field.end(), std::uint8_t{' '});
}

std::string hexadecimal(Bytes bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(2 * bytes.size());
  for (const auto byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0F];
  }
  return text;
}

}  // namespace tidemark::scsi
