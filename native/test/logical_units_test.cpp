// SPDX-License-Identifier: Apache-2.0
#include "scsi/logical_units.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("the list") {
  const Raw raw{0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0};
  const std::vector<std::uint64_t> units{0, 0x0001000000000000};
  CHECK(decode_logical_units(raw) == units);
  CHECK(encode_logical_units(units) == raw);
  CHECK(decode_logical_units(std::span(raw).first(23))->size() == 1);
}

TEST_CASE("numbers in each form of addressing") {
  CHECK(logical_unit_number(0x0003000000000000) == 3);
  CHECK(logical_unit_number(0x4100000000000000) == 256);
  CHECK(logical_unit_number(0xD200400000000000) == 0x4000);
  CHECK_FALSE(logical_unit_number(0x0103000000000000));  // another bus
  CHECK_FALSE(logical_unit_number(0x0003000100000000));  // two levels
  CHECK_FALSE(logical_unit_number(0xC101000000000000));  // REPORT LUNS well-known unit
  CHECK_FALSE(logical_unit_number(0xD200400000000001));
  for (const std::uint32_t number : {0U, 255U, 256U, 0x3FFFU, 0x4000U, 0xFFFFFFU}) {
    CHECK(logical_unit_number(logical_unit_from_number(number)) == number);
  }
}
