// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// SCSI fields are big-endian (SPC-5 3.6.1). The loads return zero past the end of the bytes, so
/// that a decoder that checks its lengths only once still cannot read what a device did not send.
namespace tidemark::scsi {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

[[nodiscard]] constexpr std::uint64_t load_be(Bytes bytes, std::size_t offset, std::size_t width) {
  if (offset > bytes.size() || width > bytes.size() - offset) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | bytes[offset + i];
  return value;
}

[[nodiscard]] constexpr std::uint8_t load_u8(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint8_t>(load_be(bytes, offset, 1));
}
[[nodiscard]] constexpr std::uint16_t load_be16(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint16_t>(load_be(bytes, offset, 2));
}
[[nodiscard]] constexpr std::uint32_t load_be24(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(load_be(bytes, offset, 3));
}
[[nodiscard]] constexpr std::uint32_t load_be32(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(load_be(bytes, offset, 4));
}
[[nodiscard]] constexpr std::uint64_t load_be64(Bytes bytes, std::size_t offset) {
  return load_be(bytes, offset, 8);
}

/// Stores nothing where the field would not fit.
constexpr void store_be(MutableBytes bytes, std::size_t offset, std::size_t width,
                        std::uint64_t value) {
  if (offset > bytes.size() || width > bytes.size() - offset) return;
  for (std::size_t i = width; i > 0; --i) {
    bytes[offset + i - 1] = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
}

constexpr void store_u8(MutableBytes bytes, std::size_t offset, std::uint8_t value) {
  store_be(bytes, offset, 1, value);
}
constexpr void store_be16(MutableBytes bytes, std::size_t offset, std::uint16_t value) {
  store_be(bytes, offset, 2, value);
}
constexpr void store_be24(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
  store_be(bytes, offset, 3, value);
}
constexpr void store_be32(MutableBytes bytes, std::size_t offset, std::uint32_t value) {
  store_be(bytes, offset, 4, value);
}
constexpr void store_be64(MutableBytes bytes, std::size_t offset, std::uint64_t value) {
  store_be(bytes, offset, 8, value);
}

/// Bits `high` to `low` of a byte, as the standards write them: 7 to 5 is `(7, 5)`. Zero past the
/// end.
[[nodiscard]] constexpr std::uint8_t load_bits(Bytes bytes, std::size_t offset, unsigned high,
                                               unsigned low) {
  return static_cast<std::uint8_t>(load_u8(bytes, offset) >> low & ((2U << (high - low)) - 1));
}
[[nodiscard]] constexpr bool load_bit(Bytes bytes, std::size_t offset, unsigned bit) {
  return load_bits(bytes, offset, bit, bit) != 0;
}

/// Leaves the other bits of the byte as they are; nothing past the end.
constexpr void store_bits(MutableBytes bytes, std::size_t offset, unsigned high, unsigned low,
                          unsigned value) {
  const auto mask = ((2U << (high - low)) - 1) << low;
  const auto others = load_u8(bytes, offset) & ~mask;
  store_u8(bytes, offset, static_cast<std::uint8_t>(others | (value << low & mask)));
}
constexpr void store_bit(MutableBytes bytes, std::size_t offset, unsigned bit, bool value) {
  store_bits(bytes, offset, bit, bit, value ? 1 : 0);
}

/// The first `length` bytes behind the first `offset` ones, as far as they are there: lengths
/// inside an answer are never trusted beyond what was received.
[[nodiscard]] constexpr Bytes clip(Bytes bytes, std::size_t offset, std::size_t length) {
  if (offset >= bytes.size()) return {};
  const auto rest = bytes.subspan(offset);
  return rest.first(length < rest.size() ? length : rest.size());
}

/// An ASCII field without the spaces and zeros that devices pad it with on either side.
[[nodiscard]] std::string load_ascii(Bytes bytes, std::size_t offset, std::size_t width);

/// A left-justified ASCII field, space padded (SPC-5 4.3.1).
void store_ascii(MutableBytes bytes, std::size_t offset, std::size_t width, std::string_view text);

/// Lower-case hexadecimal digits, two a byte.
[[nodiscard]] std::string hexadecimal(Bytes bytes);

}  // namespace tidemark::scsi
