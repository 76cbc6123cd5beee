// SPDX-License-Identifier: Apache-2.0
#include "stream/ustar_header.h"

#include <algorithm>
#include <cstring>
#include <limits>

namespace tidemark {
namespace {

using Field = std::span<const std::uint8_t>;

constexpr std::size_t checksum_offset = 148;
constexpr std::size_t checksum_width = 8;

std::string text(Field field) {
  const auto end = std::find(field.begin(), field.end(), 0);
  return {field.begin(), end};
}

/// GNU's base-256: the first bit marks it, the rest is a two's complement number, big-endian.
std::optional<std::int64_t> base256(Field field) {
  const bool negative = (field[0] & 0x40) != 0;
  const std::uint8_t filler = negative ? 0xFF : 0;
  std::uint64_t value = negative ? UINT64_MAX : 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    // The mark itself is not part of the number; it reads as a copy of the sign.
    const std::uint8_t byte =
        i == 0 ? static_cast<std::uint8_t>((field[0] & 0x7F) | (negative ? 0x80 : 0)) : field[i];
    if (i + sizeof value < field.size() && byte != filler) return std::nullopt;
    value = value << 8 | byte;
  }
  const auto number = static_cast<std::int64_t>(value);
  if ((number < 0) != negative) return std::nullopt;
  return number;
}

std::optional<std::int64_t> octal(Field field) {
  std::size_t i = 0;
  while (i < field.size() && field[i] == ' ') ++i;
  std::int64_t value = 0;
  for (; i < field.size() && field[i] != 0 && field[i] != ' '; ++i) {
    if (field[i] < '0' || field[i] > '7') return std::nullopt;
    if (value > std::numeric_limits<std::int64_t>::max() >> 3) return std::nullopt;
    value = value << 3 | (field[i] - '0');
  }
  return value;
}

std::optional<std::int64_t> number(Field field) {
  return (field[0] & 0x80) != 0 ? base256(field) : octal(field);
}

template <typename Unsigned>
bool store(Unsigned& target, std::optional<std::int64_t> value) {
  if (!value || *value < 0) return false;
  if (static_cast<std::uint64_t>(*value) > std::numeric_limits<Unsigned>::max()) return false;
  target = static_cast<Unsigned>(*value);
  return true;
}

/// The sum counts the checksum's own bytes as spaces (POSIX.1-1988, 10.1.1).
bool checksum_matches(TarBlock block) {
  std::int64_t sum = checksum_width * ' ';
  for (std::size_t i = 0; i < tar_block; ++i) {
    if (i < checksum_offset || i >= checksum_offset + checksum_width) sum += block[i];
  }
  return octal(Field(block).subspan(checksum_offset, checksum_width)) == sum;
}

}  // namespace

std::optional<std::uint64_t> padded_to_tar_block(std::uint64_t bytes) {
  constexpr std::uint64_t largest = std::numeric_limits<std::int64_t>::max();
  if (bytes > largest - tar_block) return std::nullopt;
  return (bytes + tar_block - 1) / tar_block * tar_block;
}

bool is_zero(TarBlock block) {
  return std::all_of(block.begin(), block.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::optional<UstarHeader> decode_ustar_header(TarBlock block) {
  const Field bytes(block);
  if (std::memcmp(block.data() + 257, "ustar", 5) != 0 || !checksum_matches(block))
    return std::nullopt;
  UstarHeader header;
  header.type = block[156] == 0 ? '0' : static_cast<char>(block[156]);
  header.path = text(bytes.subspan(0, 100));
  header.link_path = text(bytes.subspan(157, 100));
  header.user_name = text(bytes.subspan(265, 32));
  header.group_name = text(bytes.subspan(297, 32));
  // Only POSIX archives have a prefix there; the old GNU format has times.
  const std::string prefix = block[262] == 0 ? text(bytes.subspan(345, 155)) : std::string();
  if (!prefix.empty()) header.path = prefix + "/" + header.path;
  const auto mtime = number(bytes.subspan(136, 12));
  if (!mtime) return std::nullopt;
  header.mtime_s = *mtime;
  const bool numbers = store(header.mode, number(bytes.subspan(100, 8))) &&
                       store(header.uid, number(bytes.subspan(108, 8))) &&
                       store(header.gid, number(bytes.subspan(116, 8))) &&
                       store(header.size, number(bytes.subspan(124, 12))) &&
                       store(header.device_major, number(bytes.subspan(329, 8))) &&
                       store(header.device_minor, number(bytes.subspan(337, 8)));
  if (!numbers) return std::nullopt;
  return header;
}

}  // namespace tidemark
