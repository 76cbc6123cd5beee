// SPDX-License-Identifier: Apache-2.0
#include "scsi/block_protection.h"

#include <doctest/doctest.h>

#include <numeric>
#include <string_view>
#include <vector>

#include "loaded_drive.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;

namespace {

std::vector<std::uint8_t> protect(std::vector<std::uint8_t> block) {
  const auto protection = scsi::block_protection(block);
  block.insert(block.end(), protection.begin(), protection.end());
  return block;
}

std::string select_protection(LoadedDrive& bench, scsi::ControlDataProtection values) {
  const auto page =
      bench.mode_page(scsi::mode_page::control, scsi::mode_subpage::control_data_protection);
  return bench.select_page(scsi::encode_control_data_protection(values, page));
}

constexpr scsi::ControlDataProtection crc32c_both{scsi::ControlDataProtection::Method::crc32c, 4,
                                                  true, true, false};

}  // namespace

TEST_CASE("CRC32C of what RFC 3720 gives as examples") {
  const std::vector<std::uint8_t> zeros(32);
  CHECK(scsi::crc32c(zeros) == 0x8A9136AA);
  CHECK(scsi::crc32c(std::vector<std::uint8_t>(32, 0xFF)) == 0x62A8AB43);
  std::vector<std::uint8_t> ascending(32);
  std::iota(ascending.begin(), ascending.end(), std::uint8_t{0});
  CHECK(scsi::crc32c(ascending) == 0x46DD794E);
  constexpr std::string_view digits = "123456789";
  CHECK(scsi::crc32c(std::vector<std::uint8_t>(digits.begin(), digits.end())) == 0xE3069283);
  CHECK(scsi::crc32c({}) == 0);
  CHECK(scsi::block_protection(zeros) == std::array<std::uint8_t, 4>{0xAA, 0x36, 0x91, 0x8A});
  CHECK(scsi::is_protected(protect(ascending)));
  CHECK_FALSE(scsi::is_protected(std::vector<std::uint8_t>{1, 2, 3}));
}

TEST_CASE("W11: with block protection each block has four bytes more, which must be right") {
  LoadedDrive bench;
  CHECK(select_protection(bench, crc32c_both) == "good");
  const std::vector<std::uint8_t> block(100, 'p');
  auto sent = protect(block);
  CHECK(bench.drive.run(scsi::write_6(104), sent) == "good");
  sent[17] ^= 0x10;
  CHECK(bench.drive.run(scsi::write_6(104), sent) == "4/10/01");
  CHECK(bench.drive.sense()->information == 104);
  CHECK(bench.object_number() == 1);
  CHECK(bench.drive.run(scsi::write_6(4), {0, 0, 0, 0}) == "5/24/00");  // a block of nothing
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(104) == "good");
  CHECK(bench.drive.data() == protect(block));
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(200) == "0/00/00");
  CHECK(bench.drive.sense()->information == 96);
  CHECK(bench.drive.data() == protect(block));
  // On the medium there is the block alone.
  CHECK(select_protection(bench, {}) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(100) == "good");
  CHECK(bench.drive.data() == block);
}

TEST_CASE("block protection of blocks of fixed length, and in one direction only") {
  LoadedDrive bench;
  CHECK(bench.select_block_bytes(50) == "good");
  CHECK(select_protection(
            bench, {scsi::ControlDataProtection::Method::crc32c, 4, true, false, false}) == "good");
  auto two = protect(std::vector<std::uint8_t>(50, 'a'));
  auto second = protect(std::vector<std::uint8_t>(50, 'b'));
  second[0] ^= 1;
  two.insert(two.end(), second.begin(), second.end());
  CHECK(bench.drive.run(scsi::write_6({2, true, false}), two) == "4/10/01");
  CHECK(bench.drive.sense()->information == 1);
  CHECK(bench.object_number() == 1);
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::read_6({1, true, false}), {}, 50) == "good");
  CHECK(bench.drive.data() == std::vector<std::uint8_t>(50, 'a'));
}

TEST_CASE("methods of block protection that this drive does not have") {
  LoadedDrive bench;
  using Method = scsi::ControlDataProtection::Method;
  CHECK(select_protection(bench, {Method::reed_solomon, 4, true, true, false}) == "5/26/00");
  CHECK(select_protection(bench, {Method::crc32c, 8, true, true, false}) == "5/26/00");
  CHECK(select_protection(bench, {Method::crc32c, 4, true, true, true}) == "5/26/00");
}
