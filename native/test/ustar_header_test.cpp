// SPDX-License-Identifier: Apache-2.0
#include "stream/ustar_header.h"

#include <doctest/doctest.h>

#include "tar_bytes.h"

using namespace tidemark;

namespace {

TarBlock block_of(const std::vector<std::uint8_t>& bytes) {
  return TarBlock(bytes.data(), tar_block);
}

}  // namespace

TEST_CASE("a ustar header is decoded, its prefix in front of its name") {
  auto bytes = test::tar_header({.path = "name", .size = 0777, .mode = 04755, .uid = 12});
  std::memcpy(bytes.data() + 345, "some/folder", 11);
  test::set_checksum(bytes);
  const auto header = decode_ustar_header(block_of(bytes));
  REQUIRE(header);
  CHECK(header->path == "some/folder/name");
  CHECK(header->size == 0777);
  CHECK(header->mode == 04755);
  CHECK(header->uid == 12);
  CHECK(header->mtime_s == 1'600'000'000);
}

TEST_CASE("numbers in base-256 are decoded, also negative times") {
  auto bytes = test::tar_header({.path = "name"});
  std::memset(bytes.data() + 124, 0, 12);
  bytes[124] = 0x80;
  bytes[124 + 6] = 0x01;  // 2^40
  std::memset(bytes.data() + 136, 0xFF, 12);
  bytes[147] = 0xFE;  // -2
  test::set_checksum(bytes);
  const auto header = decode_ustar_header(block_of(bytes));
  REQUIRE(header);
  CHECK(header->size == std::uint64_t{1} << 40);
  CHECK(header->mtime_s == -2);
}

TEST_CASE("a number that no 63 bits hold is refused") {
  auto bytes = test::tar_header({.path = "name"});
  std::memset(bytes.data() + 124, 0, 12);
  bytes[124] = 0x80;
  SUBCASE("more than 64 bits") { bytes[126] = 1; }
  SUBCASE("the sign bit") { bytes[128] = 0x80; }
  SUBCASE("negative size") { std::memset(bytes.data() + 124, 0xFF, 12); }
  SUBCASE("no octal digit") { std::memcpy(bytes.data() + 124, "00000000008", 12); }
  test::set_checksum(bytes);
  CHECK_FALSE(decode_ustar_header(block_of(bytes)));
}

TEST_CASE("a wrong checksum or magic is refused") {
  auto bytes = test::tar_header({.path = "name"});
  SUBCASE("checksum") { bytes[0] ^= 1; }
  SUBCASE("magic") {
    bytes[257] = 'v';
    test::set_checksum(bytes);
  }
  CHECK_FALSE(decode_ustar_header(block_of(bytes)));
}

TEST_CASE("padding does not overflow") {
  CHECK(padded_to_tar_block(0) == 0);
  CHECK(padded_to_tar_block(1) == 512);
  CHECK(padded_to_tar_block(512) == 512);
  CHECK_FALSE(padded_to_tar_block(UINT64_MAX));
  CHECK_FALSE(padded_to_tar_block(INT64_MAX));
}
