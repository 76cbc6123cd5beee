// SPDX-License-Identifier: Apache-2.0
/// The power of a simulated library: cuts, what survives them, and what was traced.
#include "simulator/power.h"

#include <doctest/doctest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "faulty_units.h"

using namespace tidemark;
using simulator::Power;
using tidemark::test::FaultyUnits;
using tidemark::test::position_of;
using tidemark::test::read;
using tidemark::test::ScriptedUnit;
using tidemark::test::synchronise;
using tidemark::test::tape_alerts;
using tidemark::test::write;

namespace {

Result send(SimulatedTransport& transport, const scsi::Cdb& cdb = scsi::test_unit_ready()) {
  Command command;
  command.cdb = cdb;
  return transport.execute(command);
}

bool is_dead(SimulatedTransport& transport) {
  const auto result = send(transport);
  return result.outcome == Outcome::unknown && result.host_status == 1;
}

std::vector<scsi::PartitionRecord> used_capacity(ScriptedUnit& drive) {
  REQUIRE(drive.run(scsi::log_sense(scsi::log_page::volume_statistics, 0, 4096), {}, 4096) ==
          "good");
  const auto page = *scsi::decode_log_page(drive.data());
  for (const auto& each : page.parameters) {
    if (each.code == scsi::used_capacity_parameter) {
      return scsi::decode_partition_records(each.value);
    }
  }
  return {};
}

}  // namespace

TEST_CASE(
    "H3: after a cut so many objects of the buffer are on the tape, and old handles are dead") {
  for (const std::uint64_t survivors : {0U, 2U, 9U}) {
    const FaultyUnits library;
    const auto power = Power::of(library.units.folder());
    SimulatedTransport changer(library.units.folder(), "changer");
    REQUIRE(send(changer).outcome == Outcome::completed);
    SimulatedTransport old(library.units.folder(), "drive-0");
    ScriptedUnit drive(library.units.folder(), "drive-0");
    CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
    CHECK(write(drive) == "good");
    CHECK(synchronise(drive) == "good");
    for (int i = 0; i < 3; ++i) CHECK(write(drive) == "good");
    power->cut({survivors, false});
    CHECK(power->is_cut());
    CHECK(is_dead(old));
    CHECK(is_dead(changer));
    // Nothing that is opened without power works, then or later.
    SimulatedTransport dark(library.units.folder(), "drive-0");
    CHECK(is_dead(dark));
    power->restore();
    CHECK_FALSE(power->is_cut());
    CHECK(is_dead(dark));
    CHECK(is_dead(old));
    // Though the handle of before is still there, the drive is free.
    const auto again = library.open();
    CHECK(again->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
    CHECK(position_of(*again).object_number == 1 + std::min<std::uint64_t>(survivors, 3));
  }
}

TEST_CASE("H2: drives with a supply of their own write out what they have when the host goes") {
  const FaultyUnits library;
  library.plan(R"({"id": "H2", "when": {"libraryCommand": 4}, "effect": {"hostLoss": true}})");
  const auto power = Power::of(library.units.folder());
  power->restore();
  SimulatedTransport changer(library.units.folder(), "changer");
  SimulatedTransport drive(library.units.folder(), "drive-0");
  REQUIRE(send(drive).outcome == Outcome::completed);
  const std::vector<std::uint8_t> block(1000, 'x');
  Command writes;
  writes.cdb = scsi::write_6(1000);
  writes.data_out = block;
  CHECK(drive.execute(writes).scsi_status == scsi_status::good);
  REQUIRE(send(changer).outcome == Outcome::completed);
  const auto last = drive.execute(writes);
  CHECK(last.outcome == Outcome::unknown);
  CHECK(last.host_status == 1);
  CHECK(last.detail == "the fault plan cut drive-0 off (H2): host status 1");
  CHECK(power->is_cut());
  CHECK(is_dead(changer));
  library.plan(std::nullopt);
  power->restore();
  const auto again = library.open();
  CHECK(again->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
  CHECK(position_of(*again).object_number == 1);
}

TEST_CASE("H3: a cut at a command that was executed, in the middle of a fault plan") {
  const FaultyUnits library;
  library.plan(R"_({"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 3},
                   "effect": {"powerCut": {"survivors": 3}, "executed": true}})_");
  SimulatedTransport drive(library.units.folder(), "drive-0");
  (void)send(drive);
  const std::vector<std::uint8_t> block(1000, 'x');
  Command writes;
  writes.cdb = scsi::write_6(1000);
  writes.data_out = block;
  for (int i = 0; i < 2; ++i) CHECK(drive.execute(writes).scsi_status == scsi_status::good);
  CHECK(drive.execute(writes).host_status == 1);
  library.plan(std::nullopt);
  Power::of(library.units.folder())->restore();
  const auto again = library.open();
  CHECK(again->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
  CHECK(position_of(*again).object_number == 3);
}

TEST_CASE("R4: a tape whose writing was cut off has no end of data until it is written again") {
  const FaultyUnits library;
  const auto power = Power::of(library.units.folder());
  {
    const auto drive = library.open();
    for (int i = 0; i < 3; ++i) CHECK(write(*drive) == "good");
    CHECK(drive->run(scsi::write_filemarks_6(1, false)) == "good");
    CHECK(write(*drive) == "good");
    power->cut({0, true});
    power->restore();
  }
  const auto drive = library.open();
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{18});
  CHECK(used_capacity(*drive).at(0).value == std::nullopt);
  CHECK(drive->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "3/14/03");
  CHECK(tape_alerts(*drive) == std::vector<std::uint8_t>{4});
  CHECK(drive->run(scsi::locate_16(5)) == "3/14/03");
  CHECK(drive->run(scsi::locate_16(2)) == "good");
  CHECK(read(*drive) == "good");
  CHECK(read(*drive) == "0/00/01");
  CHECK(read(*drive) == "8/14/03");
  CHECK(drive->run(scsi::locate_16(3)) == "good");
  CHECK(write(*drive) == "good");
  CHECK(synchronise(*drive) == "good");
  CHECK(read(*drive) == "8/00/05");
  CHECK(used_capacity(*drive).at(0).value == 0);
  CHECK(drive->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
  // What was synchronised is ended, whatever the cut says.
  power->cut({0, true});
  power->restore();
  const auto again = library.open();
  CHECK(again->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
}

TEST_CASE("R4: a WORM tape without an end of data takes nothing any more") {
  const FaultyUnits library({.worm_barcodes = {"LTO001L9"}});
  const auto power = Power::of(library.units.folder());
  {
    const auto drive = library.open();
    CHECK(write(*drive) == "good");
    power->cut({1, true});
    power->restore();
  }
  const auto drive = library.open();
  CHECK(read(*drive) == "good");
  CHECK(write(*drive) == "7/30/0C");
}

TEST_CASE("equal commands with equal answers have one trace, others another") {
  const auto trace_of = [](char fill, bool extra) {
    const FaultyUnits library;
    const auto power = Power::of(library.units.folder() + "/.");
    {
      const auto before = library.open();
      CHECK(power->trace().entries().empty());
    }
    power->restore();
    const auto drive = library.open();
    CHECK(write(*drive, 1000, fill) == "good");
    if (extra) CHECK(library.open("changer")->run(scsi::test_unit_ready()) == "good");
    const auto entries = power->trace().entries();
    REQUIRE(entries.size() == (extra ? 4 : 2));
    CHECK(std::string(entries[1].operation) == "WRITE(6)");
    CHECK(entries.back().unit == (extra ? "changer" : "drive-0"));
    CHECK(power->count_command() == entries.size() + 1);
    return power->trace().digest();
  };
  const auto digest = trace_of('x', false);
  CHECK(digest == trace_of('x', false));
  CHECK(digest != trace_of('y', false));
  CHECK(digest != trace_of('x', true));
}

TEST_CASE("cuts from one thread and commands of others do not meet") {
  const FaultyUnits library;
  const auto power = Power::of(library.units.folder());
  std::atomic<int> rounds{0};
  std::vector<std::thread> users;
  for (const std::string unit : {"drive-0", "drive-1", "changer"}) {
    users.emplace_back([&, unit] {
      while (rounds < 50) {
        SimulatedTransport transport(library.units.folder(), unit);
        for (int i = 0; i < 3; ++i) (void)send(transport);
        ++rounds;
      }
    });
  }
  while (rounds < 50) {
    power->cut({0, false});
    power->restore();
  }
  for (auto& user : users) user.join();
  const auto drive = library.open();
  CHECK(synchronise(*drive) == "good");
}

TEST_CASE("a library has one power, whatever it and others are called") {
  const test::SimulatedUnits library;
  const test::SimulatedUnits other;
  const auto power = Power::of(library.folder());
  const auto other_power = Power::of(other.folder() + "/.");
  REQUIRE(power != nullptr);
  CHECK(Power::of(library.folder()) == power);
  CHECK(Power::of(library.folder() + "/.") == power);
  CHECK(Power::of(other.folder()) == other_power);
}

TEST_CASE("there is no power where there is no library") {
  const FaultyUnits library;
  CHECK(Power::of(library.units.folder() + "/media") == nullptr);
  CHECK(Power::of(library.units.folder() + "/nowhere") == nullptr);
}

TEST_CASE("I8: a trace tells which blocks a drive has put where on a tape") {
  const FaultyUnits library;
  library.plan(R"_({"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 2},
                    "effect": {"sense": {"key": 3, "asc": 12, "ascq": 0}}},
                   {"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 3},
                    "effect": {"initiator": "rewind"}},
                   {"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 3},
                    "effect": {"scsiStatus": 64, "executed": true}},
                   {"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 4},
                    "effect": {"hostLoss": true, "executed": true}})_");
  const auto power = Power::of(library.units.folder());
  power->restore();
  SimulatedTransport drive(library.units.folder(), "drive-0");
  REQUIRE(send(drive).outcome == Outcome::completed);  // 6/29/00
  const std::vector<std::uint8_t> block(1000, 'x');
  Command command;
  command.cdb = scsi::write_6(1000);
  command.data_out = block;
  CHECK(succeeded(drive.execute(command)));
  CHECK_FALSE(succeeded(drive.execute(command)));
  CHECK_FALSE(succeeded(drive.execute(command)));
  CHECK(drive.execute(command).outcome == Outcome::unknown);
  const auto entries = power->trace().entries();
  REQUIRE(entries.size() == 5);
  REQUIRE(entries[1].block);
  CHECK(entries[1].block->volume == "LTO001L9");
  CHECK(entries[1].block->object == 0);
  CHECK(entries[1].block->bytes == 1000);
  CHECK(entries[1].block->is_accepted);
  CHECK_FALSE(entries[2].block);
  for (const std::size_t i : {0U, 1U}) {
    REQUIRE(entries[3 + i].block);
    CHECK(entries[3 + i].block->object == i);
    CHECK_FALSE(entries[3 + i].block->is_accepted);
  }
}
