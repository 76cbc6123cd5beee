// SPDX-License-Identifier: Apache-2.0
#include "simulator/quirks.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "scripted_unit.h"
#include "scsi/log_page.h"

using namespace tidemark;
using tidemark::test::ScriptedUnit;

namespace {

/// A drive of this profile with a cartridge in it, past its unit attentions.
struct Bench {
  explicit Bench(const char* profile, std::uint64_t capacity_bytes = 1 << 20)
      : units({capacity_bytes, 0, profile}) {
    REQUIRE(succeeded(units.changer()->move_medium(
        {.source = test::SimulatedUnits::slot_0, .destination = test::SimulatedUnits::drive_0})));
    drive.emplace(units.folder(), "drive-0");
    CHECK(drive->run({0x00, 0, 0, 0, 0, 0}) == "6/29/00");
    CHECK(drive->run({0x00, 0, 0, 0, 0, 0}) == "good");
  }
  std::string write(std::size_t length, char fill = 'x') {
    return drive->run(
        {0x0A, 0, 0, static_cast<std::uint8_t>(length >> 8), static_cast<std::uint8_t>(length), 0},
        std::vector<std::uint8_t>(length, static_cast<std::uint8_t>(fill)));
  }
  std::string filemark() { return drive->run({0x10, 0, 0, 0, 1, 0}); }
  /// Length of the block that is next, or what was said instead.
  std::string read_length() {
    const auto said = drive->run({0x08, 0x02, 0, 0x40, 0, 0}, {}, 0x4000);
    const auto& sense = drive->sense();
    if (!sense) return "whole";
    if (sense->filemark) return "filemark";
    return sense->incorrect_length ? std::to_string(0x4000 - *sense->information) : said;
  }

  test::SimulatedUnits units;
  std::optional<ScriptedUnit> drive;
};

}  // namespace

TEST_CASE("profiles are found by name") {
  CHECK(simulator::find_quirks("tgt"));
  CHECK(simulator::find_quirks("lto-10+empty-buffer+no-protection"));
  CHECK_FALSE(simulator::find_quirks("lto-9+"));
  CHECK_FALSE(simulator::find_quirks("lto-9+friendly"));
  CHECK_FALSE(simulator::find_quirks("lto-11"));
  simulator::LibraryOptions options;
  options.profile = "lto-11";
  const auto error = simulator::Library::create("/nonexistent", options);
  REQUIRE(error);
  CHECK(error->message ==
        "\"lto-11\" is no profile of a simulated drive: lto-5 to lto-10, tgt, zeros or "
        "descriptor-sense, and behind it + and the name of a quirk");
}

TEST_CASE("tgt: what it does not know, and a position that it does not know either") {
  Bench bench("tgt");
  CHECK(bench.drive->run({0x2B, 0, 0, 0, 0, 0, 0, 0, 0, 0}) == "5/20/00");
  CHECK(bench.drive->run({0x4D, 0, 0x57, 0, 0, 0, 0, 1, 0, 0}, {}, 256) == "5/20/00");
  CHECK(bench.drive->run({0x8C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, {}, 256) ==
        "5/20/00");
  CHECK(bench.drive->run({0x19, 0, 0, 0, 0, 0}) == "5/20/00");
  CHECK(bench.write(100) == "good");
  CHECK(bench.drive->run({0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {}, 20) == "good");
  auto expected = std::vector<std::uint8_t>(20);
  expected[0] = 0x14;
  CHECK(bench.drive->data() == expected);
  CHECK(bench.drive->run({0x34, 6, 0, 0, 0, 0, 0, 0, 0, 0}, {}, 32) == "good");
  expected.assign(32, 0);
  expected[0] = 0x20;
  CHECK(bench.drive->data() == expected);
  CHECK(bench.drive->run({0x34, 8, 0, 0, 0, 0, 0, 0, 32, 0}, {}, 32) == "5/24/00");
}

TEST_CASE("tgt: what is written is on the medium at once, and the tape has no end") {
  Bench bench("tgt", 1000);
  CHECK(bench.write(600) == "good");
  CHECK(std::filesystem::file_size(bench.units.folder() + "/media/LTO001L9.tape") == 600);
  CHECK(bench.write(600) == "0/00/00");
  CHECK(bench.drive->sense()->end_of_medium);
  CHECK_FALSE(bench.drive->sense()->information);
  CHECK(bench.filemark() == "good");
  CHECK(bench.write(9000) == "0/00/00");
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.read_length() == "600");
  CHECK(bench.read_length() == "600");
  CHECK(bench.read_length() == "filemark");
  CHECK(bench.read_length() == "9000");
}

TEST_CASE("tgt: reads deliver the difference, and SILI is not heard") {
  Bench bench("tgt");
  CHECK(bench.write(100) == "good");
  CHECK(bench.filemark() == "good");
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x08, 0x02, 0, 0, 120, 0}, {}, 120) == "0/00/00");
  CHECK(bench.drive->sense()->incorrect_length);
  CHECK(bench.drive->sense()->information == 20);
  CHECK(bench.drive->data().size() == 20);
  CHECK(bench.drive->run({0x08, 0, 0, 0, 120, 0}, {}, 120) == "0/00/01");
  CHECK(bench.drive->data().size() == 120);
  CHECK(bench.drive->run({0x08, 0, 0, 0, 120, 0}, {}, 120) == "8/00/00");
  CHECK(bench.drive->sense()->end_of_medium);
  CHECK(bench.drive->data().size() == 120);
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x08, 0, 0, 0, 100, 0}, {}, 100) == "good");
  CHECK(bench.drive->data() == std::vector<std::uint8_t>(100, 'x'));
}

TEST_CASE("tgt: fixed blocks") {
  Bench bench("tgt");
  CHECK(bench.drive->run(scsi::mode_select_6(12), {0, 0, 0x10, 8, 0, 0, 0, 0, 0, 0, 0, 10}) ==
        "good");
  CHECK(bench.drive->run({0x0A, 1, 0, 0, 2, 0}, std::vector<std::uint8_t>(20, 'f')) == "good");
  CHECK(bench.filemark() == "good");
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x08, 1, 0, 0, 3, 0}, {}, 30) == "0/00/01");
  CHECK(bench.drive->sense()->information == 1);
  CHECK(bench.drive->run({0x08, 1, 0, 0, 1, 0}, {}, 10) == "3/31/00");
}

TEST_CASE("tgt: a block of another length among fixed ones is an error, and stays ahead") {
  Bench bench("tgt");
  CHECK(bench.write(4) == "good");
  CHECK(bench.drive->run(scsi::mode_select_6(12), {0, 0, 0x10, 8, 0, 0, 0, 0, 0, 0, 0, 10}) ==
        "good");
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x08, 1, 0, 0, 1, 0}, {}, 10) == "3/31/00");
  CHECK(bench.drive->run({0x08, 1, 0, 0, 1, 0}, {}, 10) == "3/31/00");
}

TEST_CASE("tgt: SPACE") {
  Bench bench("tgt");
  for (std::size_t length : {10, 11, 12}) {
    CHECK(bench.write(length) == "good");
    CHECK(bench.filemark() == "good");
  }
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x11, 0, 0, 0, 2, 0}) == "good");  // over the filemark
  CHECK(bench.read_length() == "11");
  CHECK(bench.drive->run({0x11, 1, 0, 0, 1, 0}) == "good");
  CHECK(bench.read_length() == "12");
  CHECK(bench.drive->run({0x11, 3, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x11, 1, 0xFF, 0xFF, 0xFF, 0}) == "good");
  CHECK(bench.read_length() == "12");  // one too far back
  CHECK(bench.drive->run({0x11, 1, 0, 0, 5, 0}) == "0/00/05");
  CHECK_FALSE(bench.drive->sense()->information);
  CHECK(bench.drive->run({0x11, 0, 0xFF, 0, 0, 0}) == "good");  // to the beginning, untold
  CHECK(bench.read_length() == "10");
}

TEST_CASE("tgt: UNLOAD is nothing, offline is not there, and the robot takes what is loaded") {
  Bench bench("tgt");
  CHECK(bench.write(10) == "good");
  CHECK(bench.write(11) == "good");
  CHECK(bench.drive->run({0x01, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.read_length() == "10");
  CHECK(bench.drive->run({0x1B, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x00, 0, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run({0x1B, 0, 0, 0, 2, 0}) == "good");
  CHECK(bench.drive->run({0x00, 0, 0, 0, 0, 0}) == "2/3A/00");
  CHECK(bench.drive->run({0x1B, 0, 0, 0, 3, 0}) == "good");
  CHECK(bench.read_length() == "11");
  const auto changer = bench.units.changer();
  constexpr auto slot_0 = test::SimulatedUnits::slot_0;
  constexpr auto drive_0 = test::SimulatedUnits::drive_0;
  CHECK(succeeded(changer->move_medium({.source = drive_0, .destination = slot_0})));
  CHECK(bench.drive->run({0x00, 0, 0, 0, 0, 0}) == "2/3A/00");
  CHECK(succeeded(changer->move_medium(
      {.source = static_cast<std::uint16_t>(slot_0 + 1), .destination = drive_0})));
  CHECK(bench.read_length() == "8/00/00");  // another cartridge, and nobody said so
}

TEST_CASE("zeros: positions, log pages and attributes are there and tell nothing") {
  Bench bench("zeros");
  CHECK(bench.write(100) == "good");
  CHECK(bench.drive->run({0x34, 8, 0, 0, 0, 0, 0, 0, 32, 0}, {}, 32) == "good");
  CHECK(bench.drive->data() == std::vector<std::uint8_t>(32));
  CHECK(bench.drive->run({0x34, 6, 0, 0, 0, 0, 0, 0, 0, 0}, {}, 32) == "good");
  CHECK(bench.drive->data() == std::vector<std::uint8_t>(32));
  CHECK(bench.drive->run({0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {}, 20) == "good");
  CHECK(bench.drive->data() == std::vector<std::uint8_t>(20));
  CHECK(bench.drive->run({0x4D, 0, 0x57, 0, 0, 0, 0, 4, 0, 0}, {}, 1024) == "good");
  const auto log = scsi::decode_log_page(bench.drive->data(), 0x17);
  REQUIRE(log);
  CHECK_FALSE(log->empty());
  const auto is_zero = [](scsi::Bytes bytes) {
    return std::all_of(bytes.begin(), bytes.end(), [](auto byte) { return byte == 0; });
  };
  for (const auto& each : *log) CHECK(is_zero(each.value));
  CHECK(bench.drive->run({0x8C, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0}, {}, 1024) == "good");
  const auto attributes = scsi::decode_attributes(bench.drive->data());
  REQUIRE(attributes);
  CHECK_FALSE(attributes->empty());
  for (const auto& each : *attributes) CHECK(is_zero(each.value));
}

TEST_CASE("descriptor-sense: the same in the other format") {
  Bench bench("descriptor-sense", 20);
  CHECK(bench.drive->run({0x08, 0, 0, 0, 10, 0}, {}, 10) == "8/00/05");
  CHECK(bench.drive->result().sense[0] == 0x72);
  CHECK(bench.write(20) == "0/00/02");
  CHECK(bench.drive->sense()->end_of_medium);
}

TEST_CASE("W1: early warning in another key, or without a name and a residue") {
  Bench recovered("lto-9+recovered-early-warning", 100);
  CHECK(recovered.write(100) == "1/00/02");
  CHECK(recovered.drive->sense()->end_of_medium);
  Bench nameless("lto-9+nameless-early-warning", 100);
  CHECK(nameless.write(100) == "0/00/00");
  CHECK(nameless.drive->sense()->end_of_medium);
  CHECK_FALSE(nameless.drive->sense()->information);
}

TEST_CASE("W3: what was in the buffer at the hard end is lost, or is not") {
  for (const bool survives : {false, true}) {
    Bench bench(survives ? "lto-9+buffer-survives-end" : "lto-9", 250);
    (void)bench.write(100);
    (void)bench.write(100);
    CHECK(bench.write(100) == "D/00/02");
    CHECK(bench.drive->run(scsi::rewind()) == "good");
    CHECK(bench.drive->run(scsi::read_6(100), {}, 100) == (survives ? "good" : "8/00/05"));
  }
}

TEST_CASE("R7: a drive that counts its files from one") {
  Bench bench("lto-9+file-off-by-one");
  for (int i = 0; i < 3; ++i) CHECK(bench.drive->run(scsi::write_filemarks_6(1, false)) == "good");
  // LOCATE(16), DEST_TYPE file.
  CHECK(bench.drive->run({0x92, 0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}) == "good");
  CHECK(bench.drive->run(scsi::read_position(scsi::PositionForm::long_form), {}, 32) == "good");
  CHECK(scsi::decode_long_position(bench.drive->data())->object_number == 2);
}

TEST_CASE("drives that lack something, or say that nothing is in their buffers") {
  Bench bench("lto-6+empty-buffer+no-protection+no-configuration-extension");
  CHECK(bench.write(100) == "good");
  CHECK(bench.drive->run(scsi::read_position(scsi::PositionForm::extended_form), {}, 32) == "good");
  CHECK(scsi::decode_extended_position(bench.drive->data())->objects_in_buffer == 0);
  CHECK(bench.drive->run({0x1A, 8, 0x0A, 0xF0, 255, 0}, {}, 255) == "5/24/00");
  CHECK(bench.drive->run({0x1A, 8, 0x10, 0x01, 255, 0}, {}, 255) == "5/24/00");
  CHECK(bench.drive->run({0x1A, 0, 0x10, 0x00, 255, 0}, {}, 255) == "good");
  // The density in the block descriptor.
  CHECK(bench.drive->data().at(4) == 0x5A);
}

TEST_CASE(
    "a drive for which time passes counts in page 30h how often it stopped; the others do not") {
  const auto parameters = [](const char* profile) {
    Bench bench(profile);
    CHECK(bench.write(100) == "good");
    // LOG SENSE of page 30h, cumulative.
    CHECK(bench.drive->run({0x4D, 0, 0x70, 0, 0, 0, 0, 1, 0, 0}, {}, 256) == "good");
    std::vector<std::uint16_t> codes;
    const auto page = scsi::decode_log_page(bench.drive->data());
    REQUIRE(page);
    for (const auto& each : page->parameters) codes.push_back(each.code);
    return codes;
  };
  CHECK(parameters("lto-8+timed") == std::vector<std::uint16_t>{1, 2, 5, 7});
  CHECK(parameters("lto-8") == std::vector<std::uint16_t>{1, 2, 7});
  const auto quirks = simulator::find_quirks("lto-8+timed");
  REQUIRE(quirks);
  REQUIRE(quirks->speed);
  CHECK(quirks->speed->slowest_mb_s == 112);
  CHECK(quirks->speed->fastest_mb_s == 365);
}
