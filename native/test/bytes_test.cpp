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
