// SPDX-License-Identifier: Apache-2.0
#include "scsi/crc32c.h"

#include <doctest/doctest.h>

#include <string_view>
#include <vector>

using namespace tidemark;

namespace {

scsi::Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("CRC32C gives the values of RFC 3720, appendix B.4") {
  CHECK(scsi::crc32c(bytes_of("123456789")) == 0xE3069283);
  CHECK(scsi::crc32c(std::vector<std::uint8_t>(32, 0x00)) == 0x8A9136AA);
  CHECK(scsi::crc32c(std::vector<std::uint8_t>(32, 0xFF)) == 0x62A8AB43);
  CHECK(scsi::crc32c({}) == 0);
}

TEST_CASE("a protected block is known by its last four bytes, and a flipped bit is seen") {
  std::vector<std::uint8_t> block;
  scsi::append_protection(bytes_of("a block of thirty-three characters"), block);
  CHECK(scsi::is_protected_block(block));
  block[5] ^= 0x10;
  CHECK_FALSE(scsi::is_protected_block(block));
  CHECK_FALSE(scsi::is_protected_block(scsi::Bytes(block).first(4)));
  CHECK_FALSE(scsi::is_protected_block({}));
}
