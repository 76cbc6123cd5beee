// SPDX-License-Identifier: Apache-2.0
/// A simulated drive that compresses: what a block takes of the capacity, and what is told of it.
#include "simulator/compression.h"

#include <doctest/doctest.h>

#include <random>
#include <string>
#include <vector>

#include "loaded_drive.h"
#include "scsi/attribute.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::simulator::native_bytes;
using tidemark::simulator::parts_saved_by_compression;
using tidemark::test::LoadedDrive;

namespace {

constexpr const char* compressing = "lto-9+compression";

/// The same each time.
std::vector<std::uint8_t> noise(std::size_t length) {
  std::mt19937 random(7);
  std::vector<std::uint8_t> bytes(length);
  for (auto& each : bytes) each = static_cast<std::uint8_t>(random());
  return bytes;
}

std::string write_noise(LoadedDrive& bench, std::size_t length) {
  return bench.drive.run(scsi::write_6(static_cast<std::uint32_t>(length)), noise(length));
}

std::string switch_compression(LoadedDrive& bench, bool on) {
  const auto page = bench.mode_page(scsi::mode_page::data_compression);
  auto values = *scsi::decode_data_compression(page);
  values.compress = on;
  return bench.select_page(scsi::encode_data_compression(values, page));
}

/// What was answered to the block of zeros that was answered otherwise than those before it, and
/// which one it was.
std::pair<int, std::string> write_until_told(LoadedDrive& bench, std::size_t length,
                                             const std::string& usual, int most) {
  for (int count = 1; count <= most; ++count) {
    auto said = bench.write(length, 0);
    if (said != usual) return {count, std::move(said)};
  }
  return {0, usual};
}

std::uint64_t attribute(LoadedDrive& bench, std::uint16_t id) {
  REQUIRE(bench.drive.run(scsi::read_attribute(id, 8192), {}, 8192) == "good");
  return *scsi::attribute_number(scsi::decode_attributes(bench.drive.data())->front());
}

}  // namespace

TEST_CASE("what a block takes is in its content") {
  CHECK(parts_saved_by_compression({}) == 0);
  CHECK(parts_saved_by_compression(noise(1)) == 0);
  CHECK(parts_saved_by_compression(noise(65536)) == 0);
  CHECK(parts_saved_by_compression(std::vector<std::uint8_t>(65536)) == 126);
  // A block that is half noise saves the other half, or nearly.
  auto half = noise(32768);
  half.resize(65536);
  const auto saved = parts_saved_by_compression(half);
  CHECK(saved > 50);
  CHECK(saved < 64);
  CHECK(parts_saved_by_compression(half) == saved);
  // Repetitions are found near by only.
  const auto repeated = [](std::size_t length) {
    const auto once = noise(length);
    std::vector<std::uint8_t> bytes;
    for (int i = 0; i < 4; ++i) bytes.insert(bytes.end(), once.begin(), once.end());
    return bytes;
  };
  CHECK(parts_saved_by_compression(repeated(500)) == 90);
  CHECK(parts_saved_by_compression(repeated(1500)) == 0);
}

TEST_CASE("room is rounded up, and compression never needs more") {
  CHECK(native_bytes(0, 127) == 0);
  CHECK(native_bytes(1, 127) == 1);
  CHECK(native_bytes(128, 127) == 1);
  CHECK(native_bytes(129, 127) == 2);
  CHECK(native_bytes(UINT32_MAX, 0) == UINT32_MAX);
  CHECK(native_bytes(1000, 64) == 500);
}

TEST_CASE("a cartridge takes more than its capacity, as far as that can be compressed") {
  LoadedDrive bench({10'000, 2'000, compressing});
  const std::vector<std::uint8_t> zeros(10'000);
  const auto room = native_bytes(10'000, parts_saved_by_compression(zeros));
  CHECK(room == 157);
  // Early warning begins at 8000, and the end is at 10000.
  CHECK(write_until_told(bench, 10'000, "good", 100) == std::pair(51, std::string("0/00/02")));
  CHECK(write_until_told(bench, 10'000, "0/00/02", 100) ==
        std::pair(64 - 51, std::string("D/00/02")));
}

TEST_CASE("what cannot be compressed takes its length, and so does all where compression is off") {
  LoadedDrive incompressible({10'000, 2'000, compressing});
  CHECK(write_noise(incompressible, 5'000) == "good");
  CHECK(write_noise(incompressible, 5'000) == "0/00/02");
  CHECK(write_noise(incompressible, 1) == "D/00/02");

  LoadedDrive switched_off({10'000, 2'000, compressing});
  CHECK(switched_off.write(4'000, 0) == "good");
  CHECK(switch_compression(switched_off, false) == "good");
  CHECK(switched_off.write(4'000, 0) == "good");
  CHECK(switched_off.write(4'000, 0) == "0/00/02");
  CHECK(switched_off.write(4'000, 0) == "D/00/02");
  CHECK(switch_compression(switched_off, true) == "good");

  LoadedDrive usual({10'000, 2'000});
  CHECK(usual.write(5'000, 0) == "good");
  CHECK(usual.write(5'000, 0) == "0/00/02");
}

TEST_CASE("W2: programmable early warning counts what is on the tape") {
  LoadedDrive bench({3'000'000, 1'000'000, compressing});
  const auto page = bench.mode_page(scsi::mode_page::device_configuration,
                                    scsi::mode_subpage::device_configuration_extension);
  auto values = *scsi::decode_device_configuration_extension(page);
  values.programmable_early_warning_mb = 1;
  CHECK(bench.select_page(scsi::encode_device_configuration_extension(values, page)) == "good");
  CHECK(write_noise(bench, 750'000) == "good");
  CHECK(bench.write(8'000'000, 0) == "good");     // 875'000
  CHECK(bench.write(8'000'000, 0) == "0/00/07");  // 1'000'000
  CHECK(bench.write(8'000'000, 0) == "good");
}

TEST_CASE("logs and attributes tell what hosts wrote, and what that took") {
  LoadedDrive bench({20'000'000, 1'000'000, compressing});
  for (int i = 0; i < 3; ++i) CHECK(bench.write(8'000'000, 0) == "good");  // 125'000 each
  CHECK(write_noise(bench, 2'000'000) == "good");
  CHECK(bench.filemarks(0) == "good");
  const auto access = bench.log(0x0C);
  CHECK(scsi::log_counter(access, 0) == 26'000'000);
  CHECK(scsi::log_counter(access, 1) == 2'375'000);
  CHECK(scsi::log_counter(access, 4) == 2);
  CHECK(scsi::log_counter(access, 7) == 2);
  const auto compression = bench.log(0x1B);
  CHECK(scsi::log_counter(compression, 0) == 100);  // nothing was read
  CHECK(scsi::log_counter(compression, 1) == 1094);
  CHECK(scsi::log_counter(compression, 6) == 26);
  CHECK(scsi::log_counter(compression, 7) == 0);
  CHECK(scsi::log_counter(compression, 8) == 2);
  CHECK(scsi::log_counter(compression, 9) == 375'000);
  const auto volume = bench.log(0x17);
  CHECK(scsi::log_counter(volume, 0x0E) == 2);
  CHECK(scsi::log_counter(volume, 0x10) == 2);
  CHECK(scsi::log_counter(volume, 0x12) == 1094);
  CHECK(scsi::log_counter(volume, 0x13) == 100);
  CHECK(scsi::log_counter(volume, 0x16) == 20);
  CHECK(scsi::log_counter(volume, 0x17) == 2);
  const auto* left = scsi::find_log_parameter(volume, 0x0204);
  REQUIRE(left != nullptr);
  CHECK(scsi::decode_partition_records(left->value) == std::vector<scsi::PartitionRecord>{{0, 17}});
  CHECK(scsi::log_counter(bench.log(0x31), 1) == 16);
  CHECK(attribute(bench, 0x0000) == 16);
  CHECK(attribute(bench, 0x0001) == 19);
  CHECK(attribute(bench, 0x0220) == 2);
}

TEST_CASE("compressed blocks are read as they were written, by who loads the cartridge later too") {
  LoadedDrive bench({20'000'000, 1'000'000, compressing});
  for (int i = 0; i < 12; ++i) CHECK(bench.write(8'000'000, 0) == "good");  // 1'500'000 in all
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  CHECK(bench.drive.run(scsi::load_unload(true)) == "good");
  CHECK(bench.drive.run(scsi::test_unit_ready()) == "6/28/00");
  CHECK(scsi::log_counter(bench.log(0x0C), 4) == 1);
  CHECK(scsi::log_counter(bench.log(0x17), 0x17) == 1);
  CHECK(bench.read(8'000'000) == "good");
  CHECK(bench.drive.data() == std::vector<std::uint8_t>(8'000'000));
  const auto access = bench.log(0x0C);
  CHECK(scsi::log_counter(access, 2) == 125'000);
  CHECK(scsi::log_counter(access, 3) == 8'000'000);
  CHECK(scsi::log_counter(bench.log(0x1B), 0) == 6400);
  CHECK(scsi::log_counter(bench.log(0x17), 0x13) == 6400);
  // Of the load that is over.
  CHECK(scsi::log_counter(bench.log(0x17), 0x12) == 100);
}
