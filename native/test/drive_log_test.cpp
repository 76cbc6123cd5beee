// SPDX-License-Identifier: Apache-2.0
/// LOG SENSE and LOG SELECT of the simulated drive.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "loaded_drive.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;

namespace {

std::string log_select(LoadedDrive& bench, const scsi::LogSelect& wanted) {
  return bench.drive.run(scsi::log_select(wanted, 0));
}

}  // namespace

TEST_CASE("the pages that there are, and each of them can be asked for") {
  LoadedDrive bench;
  CHECK(bench.drive.run(scsi::log_sense(0, 0, 255), {}, 255) == "good");
  const auto pages = scsi::decode_supported_log_pages(bench.drive.data());
  REQUIRE(pages);
  std::vector<int> codes;
  for (const auto& each : *pages) codes.push_back(each.page);
  CHECK(codes ==
        std::vector<int>{0x00, 0x02, 0x03, 0x0C, 0x11, 0x12, 0x14, 0x17, 0x1B, 0x2E, 0x30, 0x31});
  for (const auto code : codes) {
    if (code != 0) CHECK_FALSE(bench.log(static_cast<std::uint8_t>(code)).empty());
  }
  scsi::LogSense with_subpages;
  with_subpages.subpage = 0xFF;
  CHECK(bench.drive.run(scsi::log_sense(with_subpages, 255), {}, 255) == "good");
  const auto subpages = scsi::decode_supported_log_pages(bench.drive.data());
  REQUIRE(subpages);
  CHECK(subpages->size() == pages->size() + 1);
  CHECK((*subpages)[1] == scsi::LogPageCode{0x00, 0xFF});
}

TEST_CASE("LTO-5 and LTO-6 tell at another place what compression does") {
  for (const char* profile : {"lto-5", "lto-6", "lto-7", "lto-8", "lto-9", "lto-10"}) {
    CAPTURE(profile);
    LoadedDrive bench({1 << 20, 1 << 18, profile});
    const bool is_older = profile == std::string("lto-5") || profile == std::string("lto-6");
    const std::uint8_t here = is_older ? 0x32 : 0x1B;
    const std::uint8_t elsewhere = is_older ? 0x1B : 0x32;
    CHECK(bench.write(100) == "good");
    CHECK(scsi::log_counter(bench.log(here), 7) == 100);
    CHECK(bench.drive.run(scsi::log_sense(elsewhere, 0, 255), {}, 255) == "5/24/00");
    CHECK(bench.drive.run(scsi::log_sense(0, 0, 255), {}, 255) == "good");
    const auto pages = *scsi::decode_supported_log_pages(bench.drive.data());
    CHECK(std::count(pages.begin(), pages.end(), scsi::LogPageCode{here, 0}) == 1);
    CHECK(std::count(pages.begin(), pages.end(), scsi::LogPageCode{elsewhere, 0}) == 0);
    CHECK(log_select(bench, {here, 0, scsi::LogPageControl::cumulative, true, false}) == "good");
    CHECK(scsi::log_counter(bench.log(here), 7) == 0);
  }
}

TEST_CASE("what LOG SENSE refuses") {
  LoadedDrive bench;
  scsi::LogSense wanted;
  wanted.page = 0x0C;
  wanted.subpage = 1;
  CHECK(bench.drive.run(scsi::log_sense(wanted, 255), {}, 255) == "5/24/00");
  wanted.subpage = 0;
  wanted.control = scsi::LogPageControl::threshold;
  CHECK(bench.drive.run(scsi::log_sense(wanted, 255), {}, 255) == "5/24/00");
  wanted.control = scsi::LogPageControl::cumulative;
  wanted.save = true;
  CHECK(bench.drive.run(scsi::log_sense(wanted, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(scsi::log_sense(0x0D, 0, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(scsi::log_sense(0x0C, 0x0101, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(scsi::log_sense(0x0C, 0x0009, 255), {}, 255) == "good");
  const auto from_there = scsi::decode_log_page(bench.drive.data(), 0x0C);
  REQUIRE(from_there);
  CHECK(from_there->size() == 1);
  CHECK(from_there->front().code == 0x0100);
}

TEST_CASE("counters move with what is done, and LOG SELECT sets them to zero") {
  LoadedDrive bench({20'000'000, 1'000'000});
  CHECK(bench.write(1'500'000) == "good");
  CHECK(bench.write(100) == "good");
  auto access = bench.log(0x0C);
  CHECK(scsi::log_counter(access, 0) == 1'500'100);
  CHECK(scsi::log_counter(access, 1) == 1'500'000);  // the second block is in the buffer
  CHECK(scsi::log_counter(access, 4) == 1);
  CHECK(scsi::log_counter(access, 5) == 19);
  CHECK(scsi::log_counter(access, 7) == 1);
  CHECK(bench.rewind() == "good");
  CHECK(bench.read(1000) == "0/00/00");
  access = bench.log(0x0C);
  CHECK(scsi::log_counter(access, 1) == 1'500'100);
  CHECK(scsi::log_counter(access, 2) == 1'500'000);
  CHECK(scsi::log_counter(access, 3) == 1000);
  CHECK(scsi::log_counter(access, 7) == 1);
  const auto compression = bench.log(0x1B);
  CHECK(scsi::log_counter(compression, 0) == 100);
  CHECK(scsi::log_counter(compression, 6) == 1);
  CHECK(scsi::log_counter(compression, 7) == 500'100);
  CHECK(scsi::log_counter(bench.log(0x02), 5) == 1'500'100);
  CHECK(scsi::log_counter(bench.log(0x03), 5) == 1'500'000);
  CHECK(log_select(bench, {0x0C, 0, scsi::LogPageControl::cumulative, false, false}) == "5/24/00");
  CHECK(log_select(bench, {0, 0, scsi::LogPageControl::cumulative, true, false}) == "good");
  CHECK(scsi::log_counter(bench.log(0x0C), 0) == 0);
  CHECK(scsi::log_counter(bench.log(0x17), 0x10) == 1);  // of the medium's life
}

TEST_CASE("statistics of the volume and of the device") {
  LoadedDrive bench({20'000'000, 1'000'000});
  CHECK(bench.write(3'000'000) == "good");
  CHECK(bench.filemarks(0) == "good");
  const auto volume = bench.log(0x17);
  CHECK(scsi::log_counter(volume, 0x0000) == 1);
  CHECK(scsi::log_counter(volume, 0x0001) == 1);
  CHECK(scsi::log_counter(volume, 0x0016) == 20);
  CHECK(scsi::log_counter(volume, 0x0017) == 3);
  CHECK(scsi::log_text(volume, 0x0042) == "LTO001L9");
  CHECK(scsi::log_counter(volume, 0x0081) == 0);
  const auto* used = scsi::find_log_parameter(volume, scsi::used_capacity_parameter);
  REQUIRE(used != nullptr);
  CHECK(scsi::decode_partition_records(used->value) == std::vector<scsi::PartitionRecord>{{0, 3}});
  const auto device = bench.log(0x14);
  CHECK(scsi::log_counter(device, 0x0000) == 1);
  CHECK(scsi::log_counter(bench.log(0x31), 3) == 19);
  CHECK(scsi::log_counter(bench.log(0x30), 1) == 1);
  CHECK(scsi::log_counter(bench.log(0x30), 2) == 2);
  CHECK(scsi::log_counter(bench.log(0x30), 7) == 0);
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  CHECK(scsi::log_counter(bench.log(0x17), 0) == 0);  // the page means nothing without a medium
  CHECK(bench.drive.run(scsi::load_unload(true)) == "good");
  CHECK(bench.drive.run(scsi::test_unit_ready()) == "6/28/00");
  CHECK(scsi::log_counter(bench.log(0x14), 0) == 2);
  CHECK(scsi::log_counter(bench.log(0x17), 1) == 2);
}

TEST_CASE("page 11h tells what the drive is about") {
  LoadedDrive bench;
  auto status = scsi::decode_drive_status(bench.log(0x11));
  REQUIRE(status);
  CHECK(status->initialized);
  CHECK(status->medium_mounted);
  CHECK_FALSE(status->prevented);
  CHECK(bench.drive.run(scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(scsi::decode_drive_status(bench.log(0x11))->prevented);
  CHECK(bench.drive.run(scsi::prevent_allow_medium_removal(false)) == "good");
  CHECK(bench.drive.run(scsi::load_unload(false)) == "good");
  status = scsi::decode_drive_status(bench.log(0x11));
  CHECK_FALSE(status->medium_mounted);
  CHECK(status->medium_present);
  CHECK(status->robotic_access_allowed);
}

TEST_CASE("TapeAlert: page 12h does not take the flags away, page 2Eh does") {
  LoadedDrive bench;
  CHECK(bench.drive.run(scsi::prevent_allow_medium_removal(true)) == "good");
  CHECK(bench.drive.run(scsi::load_unload(false)) == "5/53/02");
  const std::vector<std::uint8_t> wanted{10};
  CHECK(scsi::set_tape_alert_response_flags(bench.log(0x12)) == wanted);
  CHECK(scsi::set_tape_alert_response_flags(bench.log(0x12)) == wanted);
  CHECK(scsi::set_tape_alert_flags(bench.log(0x2E)) == wanted);
  CHECK(scsi::set_tape_alert_flags(bench.log(0x2E)).empty());
  CHECK(scsi::set_tape_alert_response_flags(bench.log(0x12)).empty());
}
