// SPDX-License-Identifier: Apache-2.0
#include "scsi/block_limits.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("block limits") {
  const Raw raw{0x02, 0x80, 0x00, 0x00, 0x00, 0x04};
  CHECK(decode_block_limits(raw) == BlockLimits{0x800000, 4, 2});
  CHECK(encode_block_limits({0x800000, 4, 2}) == raw);
  CHECK_FALSE(decode_block_limits(std::span(raw).first(5)));
}

TEST_CASE("the largest object identifier") {
  const auto raw = encode_maximum_object_identifier(0x0102030405060708);
  CHECK(raw.size() == 20);
  CHECK(raw[12] == 1);
  CHECK(raw[19] == 8);
  CHECK(decode_maximum_object_identifier(raw) == 0x0102030405060708);
  CHECK_FALSE(decode_maximum_object_identifier(std::span(raw).first(19)));
}
