// SPDX-License-Identifier: Apache-2.0
/// What a fault plan does to a drive and its medium.
#include <doctest/doctest.h>

#include <cerrno>
#include <string>
#include <vector>

#include "faulty_units.h"

using namespace tidemark;
using tidemark::test::FaultyUnits;
using tidemark::test::position_of;
using tidemark::test::read;
using tidemark::test::SimulatedUnits;
using tidemark::test::status_of;
using tidemark::test::synchronise;
using tidemark::test::tape_alerts;
using tidemark::test::write;

namespace {

constexpr auto slot_0 = SimulatedUnits::slot_0;
constexpr auto drive_0 = SimulatedUnits::drive_0;
constexpr auto drive_1 = SimulatedUnits::drive_1;

}  // namespace

TEST_CASE("W5: a bad spot refuses each write from it on, and stays with the cartridge") {
  const FaultyUnits library;
  library.plan(R"({"id": "W5", "unit": "drive", "times": "always",
                   "when": {"volume": "LTO001L9", "object": 3},
                   "effect": {"sense": {"key": 3, "asc": 12, "ascq": 0}}})");
  {
    const auto drive = library.open();
    for (int i = 0; i < 3; ++i) CHECK(write(*drive) == "good");
    CHECK(write(*drive) == "3/0C/00");
    CHECK_FALSE(drive->sense()->deferred);
    CHECK(drive->sense()->information == 1000);
    // What was accepted before is not touched by it.
    CHECK(position_of(*drive).objects_in_buffer == 3);
    CHECK(synchronise(*drive) == "good");
    CHECK(position_of(*drive).object_number == 3);
    CHECK(write(*drive) == "3/0C/00");
    CHECK(drive->run(scsi::write_filemarks_6(1, false)) == "3/0C/00");
    CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{3, 4, 6});
    CHECK(drive->run(scsi::rewind()) == "good");
    for (int i = 0; i < 3; ++i) CHECK(read(*drive) == "good");
    CHECK(read(*drive) == "8/00/05");
    CHECK(drive->run(scsi::load_unload({})) == "good");
  }
  const auto changer = library.units.changer();
  REQUIRE(succeeded(changer->move_medium({.source = drive_0, .destination = drive_1})));
  const auto other = library.open("drive-1");
  CHECK(other->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
  CHECK(write(*other) == "3/0C/00");
  CHECK(other->run(scsi::load_unload({})) == "good");
  REQUIRE(succeeded(changer->move_medium({.source = drive_1, .destination = slot_0})));
  // Another cartridge in the same drive has no bad spot.
  REQUIRE(succeeded(changer->move_medium({.source = slot_0 + 1, .destination = drive_1})));
  CHECK(other->run(scsi::test_unit_ready()) == "6/28/00");
  for (int i = 0; i < 5; ++i) CHECK(write(*other) == "good");
}

TEST_CASE("W4: a deferred bad spot lets through what lies in front of it") {
  const FaultyUnits library;
  library.plan(R"({"id": "W4", "times": "always", "when": {"volume": "LTO001L9", "object": 3},
                   "effect": {"sense": {"key": 3, "asc": 12, "ascq": 2, "deferred": true}}})");
  const auto drive = library.open();
  for (int i = 0; i < 5; ++i) CHECK(write(*drive) == "good");
  CHECK(synchronise(*drive) == "3/0C/02");
  CHECK(drive->sense()->deferred);
  CHECK(position_of(*drive).object_number == 3);
  CHECK(position_of(*drive).objects_in_buffer == 0);
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{3, 4, 6});
  // Sticky: whatever is put there is lost, too.
  CHECK(write(*drive) == "good");
  CHECK(drive->run(scsi::rewind()) == "3/0C/02");
  CHECK(drive->run(scsi::rewind()) == "good");
  for (int i = 0; i < 3; ++i) CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "8/00/05");
}

TEST_CASE("a block that no buffer holds meets a deferred bad spot, too") {
  const FaultyUnits library;
  library.plan(R"({"when": {"volume": "LTO001L9", "object": 1},
                   "effect": {"sense": {"key": 3, "asc": 12, "ascq": 0, "deferred": true}}})");
  const auto drive = library.open();
  CHECK(write(*drive, 100'000) == "good");
  CHECK(write(*drive, 100'000) == "3/0C/00");
  CHECK(position_of(*drive).object_number == 1);
  CHECK(write(*drive, 100'000) == "good");  // once
}

TEST_CASE("R5: some blocks cannot be read, those behind them can") {
  const FaultyUnits library;
  {
    const auto drive = library.open();
    for (int i = 0; i < 5; ++i) CHECK(write(*drive) == "good");
  }
  library.plan(R"({"id": "R5", "times": "always",
                   "when": {"volume": "LTO001L9", "object": 1, "lastObject": 2},
                   "effect": {"sense": {"key": 3, "asc": 12, "ascq": 0}}})");
  const auto drive = library.open();
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "3/11/00");
  CHECK(drive->sense()->information == 1000);
  CHECK(read(*drive) == "3/11/00");
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{3, 4, 5});
  CHECK(drive->run(scsi::locate_16(3)) == "good");
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "8/00/05");
  // Only in partition 0 of this medium, and only where something is read.
  CHECK(drive->run(scsi::locate_16(1)) == "good");
  CHECK(drive->run(scsi::space_6(scsi::SpaceCode::blocks, 2)) == "good");
}

TEST_CASE("W6: a drive whose hardware has failed stays so until the plan goes") {
  const FaultyUnits library;
  library.plan(R"_({"id": "W6", "unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 3
}
, "effect" : { "hardwareFailure" : true }
})_");
  {
    const auto drive = library.open();
    CHECK(write(*drive) == "good");
    CHECK(synchronise(*drive) == "good");
    CHECK(write(*drive) == "good");
    CHECK(write(*drive) == "4/44/00");
    CHECK(synchronise(*drive) == "4/44/00");
    CHECK(read(*drive) == "4/44/00");
    CHECK(drive->run(scsi::rewind()) == "4/44/00");
    CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{31});
  }
  {
    // Another process finds it as it is; the cartridge can be saved.
    const auto drive = library.open();
    CHECK(write(*drive) == "4/44/00");
    CHECK(drive->run(scsi::load_unload({})) == "good");
    CHECK(drive->run(scsi::load_unload({.load = true})) == "4/44/00");
  }
  REQUIRE(
      succeeded(library.units.changer()->move_medium({.source = drive_0, .destination = drive_1})));
  const auto other = library.open("drive-1");
  CHECK(read(*other) == "good");
  CHECK(read(*other) == "8/00/05");  // what was in the buffer is lost
  library.plan(std::nullopt);
  {
    const auto drive = library.open();
    CHECK(drive->run(scsi::rewind()) == "2/3A/00");
  }
  // Gone for good: the same plan begins anew.
  library.plan(R"({"unit": "drive", "when": {"operation": "REWIND"},
                   "effect": {"hardwareFailure": true}})");
  CHECK(library.open()->run(scsi::read_position(scsi::PositionForm::short_form), {}, 20) ==
        "2/3A/00");
}

TEST_CASE("W6: who is refused the drive does not mend it") {
  const FaultyUnits library;
  const std::string failing = R"({"id": "W6", "when": {"operation": "REWIND"},
                                  "effect": {"hardwareFailure": true}})";
  library.plan(failing);
  {
    const auto drive = library.open();
    CHECK(drive->run(scsi::rewind()) == "4/44/00");
    library.plan(std::nullopt);
    SimulatedTransport other(library.units.folder(), "drive-0");
    Command command;
    command.cdb = scsi::test_unit_ready();
    CHECK(other.execute(command).error_number == EBUSY);
  }
  library.plan(failing);
  CHECK(read(*library.open()) == "4/44/00");
}

TEST_CASE("W14: of the buffer only the first blocks reach the medium") {
  const FaultyUnits library;
  library.plan(R"_({"id": "W14", "unit": "drive-0", "when": {"operation": "WRITE FILEMARKS(6)"
}
, "effect" : { "dropBuffer" : 2 }
})_");
  const auto drive = library.open();
  for (int i = 0; i < 5; ++i) CHECK(write(*drive) == "good");
  CHECK(synchronise(*drive) == "3/0C/00");
  CHECK(drive->sense()->deferred);
  CHECK(position_of(*drive).object_number == 2);
  CHECK(synchronise(*drive) == "good");
  CHECK(drive->run(scsi::rewind()) == "good");
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "8/00/05");
}

TEST_CASE("W12: a drive asks for cleaning, and has no need of it afterwards") {
  tidemark::test::LibraryShape shape;
  shape.barcodes = {"LTO001L9", "CLN001L9"};
  const FaultyUnits library(shape);
  library.plan(R"_({"id": "W12", "unit": "drive-0", "when": {"operation": "WRITE(6)"
}
, "effect" : { "tapeAlert" : 20 }
},
                  {"unit": "drive-0", "when": {"operation": "WRITE(6)"},
                   "effect": {"sense": {"key": 0, "asc": 0, "ascq": 23}, "executed": true}},
                  {"unit": "drive-0", "when": {"operation": "UNLOAD"}, "effect": {"tapeAlert": 21}})_");
  const auto drive = library.open();
  CHECK(write(*drive) == "0/00/17");
  CHECK(position_of(*drive).object_number == 1);
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{20});
  CHECK(status_of(*drive).cleaning_required);
  CHECK_FALSE(status_of(*drive).cleaning_requested);
  CHECK(drive->run(scsi::load_unload({})) == "good");
  const auto changer = library.units.changer();
  REQUIRE(succeeded(changer->move_medium({.source = drive_0, .destination = slot_0})));
  REQUIRE(succeeded(changer->move_medium({.source = slot_0 + 1, .destination = drive_0})));
  CHECK(drive->run(scsi::test_unit_ready()) == "2/30/03");
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{11});
  CHECK_FALSE(status_of(*drive).cleaning_required);
  CHECK_FALSE(status_of(*drive).cleaning_requested);
}
