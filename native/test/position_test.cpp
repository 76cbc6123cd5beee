// SPDX-License-Identifier: Apache-2.0
#include "scsi/position.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("short form") {
  Raw raw{0x40, 0x01, 0, 0, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00,
          0x0F, 0xF0, 0, 0, 0,    0x10, 0x00, 0x80, 0x00, 0x00};
  auto position = decode_short_position(raw);
  REQUIRE(position);
  CHECK(position->location_known);
  CHECK(position->end_of_partition);
  CHECK_FALSE(position->beginning_of_partition);
  CHECK(position->partition == 1);
  CHECK(position->object_number == 0x1000);
  CHECK(position->last_object_number == 0xFF0);
  CHECK(position->objects_in_buffer == 16);
  CHECK(position->bytes_in_buffer == 0x800000);
  CHECK(encode_short_position(*position) == raw);

  raw[0] = 0x30;  // LOCU, BYCU
  position = decode_short_position(raw);
  CHECK_FALSE(position->objects_in_buffer);
  CHECK_FALSE(position->bytes_in_buffer);
  raw[0] = 0x04;  // LOLU
  CHECK_FALSE(decode_short_position(raw)->location_known);
  raw[0] = 0x02;  // PERR
  CHECK_FALSE(decode_short_position(raw)->location_known);
  raw.pop_back();
  CHECK_FALSE(decode_short_position(raw));
}

TEST_CASE("long form") {
  Raw raw(32);
  raw[0] = 0x80;
  store_be64(raw, 8, 0x123456789A);
  store_be64(raw, 16, 42);
  auto position = decode_long_position(raw);
  REQUIRE(position);
  CHECK(position->location_known);
  CHECK(position->beginning_of_partition);
  CHECK(position->object_number == 0x123456789A);
  CHECK(position->file_number == 42);
  CHECK_FALSE(position->bytes_in_buffer);
  CHECK(encode_long_position(*position) == raw);
  raw[0] = 0x0C;  // MPU, LONU
  position = decode_long_position(raw);
  CHECK_FALSE(position->location_known);
  CHECK_FALSE(position->file_number);
  raw.resize(24);
  CHECK(decode_long_position(raw));
  raw.resize(23);
  CHECK_FALSE(decode_long_position(raw));
}

TEST_CASE("extended form") {
  Raw raw(32);
  raw[0] = 0x01;  // BPEW
  raw[1] = 1;
  store_be16(raw, 2, 0x1C);
  store_be24(raw, 5, 3);
  store_be64(raw, 8, 0x200000003);
  store_be64(raw, 16, 0x200000000);
  store_be64(raw, 24, 0x180000);
  const auto position = decode_extended_position(raw);
  REQUIRE(position);
  CHECK(position->beyond_programmable_early_warning);
  CHECK(position->object_number == 0x200000003);
  CHECK(position->last_object_number == 0x200000000);
  CHECK(position->objects_in_buffer == 3);
  CHECK(position->bytes_in_buffer == 0x180000);
  CHECK(encode_extended_position(*position) == raw);
  raw.pop_back();
  CHECK_FALSE(decode_extended_position(raw));
}

TEST_CASE("R10: a number past 32 bits does not fit the short form") {
  PositionData position;
  position.location_known = true;
  position.object_number = std::uint64_t{1} << 32;
  CHECK_FALSE(decode_short_position(encode_short_position(position))->location_known);
}

TEST_CASE("bytes in the buffer past 32 bits do not fit the short form either") {
  PositionData position;
  position.location_known = true;
  position.bytes_in_buffer = std::uint64_t{1} << 32;
  CHECK_FALSE(decode_short_position(encode_short_position(position))->location_known);
}
