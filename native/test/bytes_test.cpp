// SPDX-License-Identifier: Apache-2.0
#include "scsi/bytes.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

using namespace tidemark::scsi;

TEST_CASE("loads are big-endian and zero past the end") {
  const std::array<std::uint8_t, 9> bytes{0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09};
  CHECK(load_u8(bytes, 8) == 0x09);
  CHECK(load_be16(bytes, 1) == 0x0203);
  CHECK(load_be24(bytes, 0) == 0x010203);
  CHECK(load_be32(bytes, 5) == 0x06070809);
  CHECK(load_be64(bytes, 1) == 0x0203040506070809);
  CHECK(load_be64(bytes, 2) == 0);
  CHECK(load_u8(bytes, 9) == 0);
  CHECK(load_u8(bytes, SIZE_MAX) == 0);
}

TEST_CASE("stores that would not fit change nothing") {
  std::array<std::uint8_t, 4> bytes{};
  store_be32(bytes, 1, 0xFFFFFFFF);
  CHECK(bytes == std::array<std::uint8_t, 4>{});
  store_be24(bytes, 1, 0xABCDEF);
  CHECK(bytes == std::array<std::uint8_t, 4>{0x00, 0xAB, 0xCD, 0xEF});
}

TEST_CASE("ASCII fields lose their padding and gain it") {
  const std::array<std::uint8_t, 8> padded{' ', ' ', 'A', ' ', 'B', ' ', 0, 0};
  CHECK(load_ascii(padded, 0, 8) == "A B");
  CHECK(load_ascii(padded, 2, 1) == "A");
  CHECK(load_ascii(padded, 5, 100).empty());
  CHECK(load_ascii(padded, 100, 1).empty());
  std::array<std::uint8_t, 4> stored{};
  store_ascii(stored, 0, 4, "xy");
  CHECK(stored == std::array<std::uint8_t, 4>{'x', 'y', ' ', ' '});
  store_ascii(stored, 0, 4, "longer");
  CHECK(stored == std::array<std::uint8_t, 4>{'l', 'o', 'n', 'g'});
}

TEST_CASE("bits are numbered as in the standards, and stored without touching the others") {
  const std::array<std::uint8_t, 2> bytes{0xA5, 0x3C};
  CHECK(load_bits(bytes, 0, 7, 5) == 5);
  CHECK(load_bits(bytes, 1, 5, 2) == 0x0F);
  CHECK(load_bits(bytes, 1, 7, 0) == 0x3C);
  CHECK(load_bit(bytes, 0, 0));
  CHECK_FALSE(load_bit(bytes, 0, 1));
  CHECK(load_bits(bytes, 2, 7, 0) == 0);
  std::array<std::uint8_t, 1> stored{0xFF};
  store_bits(stored, 0, 5, 4, 0);
  CHECK(stored[0] == 0xCF);
  store_bits(stored, 0, 5, 4, 0xFE);  // more than the field holds
  CHECK(stored[0] == 0xEF);
  store_bit(stored, 0, 7, false);
  CHECK(stored[0] == 0x6F);
  store_bit(stored, 1, 7, true);  // past the end
  CHECK(stored[0] == 0x6F);
}

TEST_CASE("a length inside an answer covers no more than what was received") {
  const std::array<std::uint8_t, 4> bytes{1, 2, 3, 4};
  CHECK(clip(bytes, 1, 2).size() == 2);
  CHECK(clip(bytes, 1, SIZE_MAX).size() == 3);
  CHECK(clip(bytes, 4, 1).empty());
  CHECK(clip(bytes, SIZE_MAX, 1).empty());
}

TEST_CASE("hexadecimal digits") {
  CHECK(hexadecimal(std::array<std::uint8_t, 3>{0x00, 0x9A, 0xFF}) == "009aff");
  CHECK(hexadecimal({}).empty());
}
