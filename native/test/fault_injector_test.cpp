// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_injector.h"

#include <doctest/doctest.h>

#include <signal.h>

#include <algorithm>
#include <string>
#include <vector>

#include "faulty_units.h"

using namespace tidemark;
using tidemark::test::FaultyUnits;
using tidemark::test::position_of;
using tidemark::test::ScriptedUnit;
using tidemark::test::signal_of_process;
using tidemark::test::SimulatedUnits;
using tidemark::test::synchronise;
using tidemark::test::write;

namespace {

constexpr auto slot_0 = SimulatedUnits::slot_0;
constexpr auto drive_1 = SimulatedUnits::drive_1;

}  // namespace

TEST_CASE("without a plan nothing happens") {
  const FaultyUnits library;
  const auto drive = library.open();
  CHECK(write(*drive) == "good");
  CHECK(synchronise(*drive) == "good");
}

TEST_CASE("the n-th command, executed or not, is answered with any sense data") {
  const FaultyUnits library;
  library.plan(R"({"unit": "drive-0", "when": {"command": 3},
                   "effect": {"sense": {"key": 11, "asc": 68, "ascq": 1, "information": -5}}},
                  {"unit": "drive-0", "when": {"command": 4}, "effect":
                   {"sense": {"key": 1, "asc": 0, "ascq": 2, "endOfMedium": true},
                    "executed": true}})");
  const auto drive = library.open();
  CHECK(write(*drive) == "good");
  CHECK(write(*drive) == "B/44/01");
  CHECK(drive->sense()->information == -5);
  CHECK(write(*drive) == "1/00/02");
  CHECK(drive->sense()->end_of_medium);
  CHECK(position_of(*drive).object_number == 2);
  // Each process counts for itself, and so does each unit.
  const auto changer = library.open("changer");
  for (int i = 0; i < 5; ++i) CHECK(changer->run(scsi::test_unit_ready()) == "good");
}

TEST_CASE("what is to be told of an executed command waits for one that the unit carries out") {
  const FaultyUnits library;
  library.plan(R"({"unit": "drive-0", "when": {"command": 2}, "effect":
                   {"sense": {"key": 1, "asc": 24, "ascq": 2}, "executed": true}},
                  {"unit": "drive-0", "when": {"operation": "REWIND"},
                   "effect": {"unitAttention": [42, 1]}},
                  {"unit": "drive-0", "when": {"operation": "REWIND"},
                   "effect": {"scsiStatus": 64, "executed": true}})");
  const auto drive = library.open();
  // There is nothing to be read.
  CHECK(drive->run(scsi::read_6(1000), {}, 1000) == "8/00/05");
  CHECK(write(*drive) == "1/18/02");
  CHECK(drive->run(scsi::rewind()) == "6/2A/01");
  CHECK(position_of(*drive).object_number == 1);
  CHECK(drive->run(scsi::rewind()) == "status 64");
  CHECK(position_of(*drive).object_number == 0);
}

TEST_CASE("a spot that is told after the command was executed left nothing over") {
  const FaultyUnits library;
  library.plan(R"({"when": {"volume": "LTO001L9", "object": 0},
                   "effect": {"sense": {"key": 1, "asc": 24, "ascq": 2}, "executed": true}})");
  const auto drive = library.open();
  CHECK(write(*drive) == "1/18/02");
  CHECK_FALSE(drive->sense()->information);
  CHECK(position_of(*drive).object_number == 1);
}

TEST_CASE("T2: the transport fails, and only the medium knows whether it was done") {
  const FaultyUnits library;
  library.plan(R"_({"id": "T2", "when": {"operation": "WRITE(6)", "count": 1
}
, "effect" : { "hostStatus" : 3 }
},
                  {"id": "T2", "when": {"operation": "WRITE(6)", "count": 2},
                   "effect": {"hostStatus": 8, "executed": true}})_");
  const auto drive = library.units.open_drive();
  CHECK_FALSE(succeeded(drive->test_unit_ready()));
  REQUIRE(succeeded(drive->rewind()));
  const std::vector<std::uint8_t> block(1000);
  const auto lost = drive->write_block(block).result;
  CHECK(lost.outcome == Outcome::unknown);
  CHECK(lost.host_status == 3);
  CHECK(lost.residual == 1000);
  CHECK(lost.detail == "the fault plan cut drive-0 off (T2): host status 3");
  CHECK(drive->read_position().value->object_number == 0);
  const auto executed = drive->write_block(block).result;
  CHECK(executed.outcome == Outcome::unknown);
  CHECK(executed.host_status == 8);
  CHECK(drive->read_position().value->object_number == 1);
}

TEST_CASE("H1: the process is killed at a command, before or after it") {
  for (const bool executed : {false, true}) {
    const FaultyUnits library;
    library.plan(std::string(R"({"id": "H1", "when": {"volume": "LTO001L9", "object": 2},
                                 "effect": {"crash": true, "executed": )") +
                 (executed ? "true" : "false") + "}}");
    const auto work = [&] {
      ScriptedUnit drive(library.units.folder(), "drive-0");
      (void)drive.run(scsi::test_unit_ready());
      for (int i = 0; i < 2; ++i) (void)write(drive);
      (void)drive.run(scsi::write_filemarks_6(1, false));
    };
    CHECK(signal_of_process(work) == SIGKILL);
    library.plan(std::nullopt);
    const auto drive = library.open();
    CHECK(drive->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
    // Everything was in the buffer until the filemark.
    CHECK(position_of(*drive).object_number == (executed ? 3 : 0));
  }
}

TEST_CASE("C4: a crash in mid-move leaves the cartridge in the robot's hand") {
  const FaultyUnits library;
  library.plan(R"({"id": "C4", "unit": "changer", "when": {"operation": "MOVE MEDIUM"},
                   "effect": {"crash": true, "inTransport": true}})");
  const auto work = [&] {
    ScriptedUnit changer(library.units.folder(), "changer");
    (void)changer.run(scsi::test_unit_ready());
    (void)changer.run(scsi::move_medium({.source = slot_0 + 1, .destination = drive_1}));
  };
  CHECK(signal_of_process(work) == SIGKILL);
  library.plan(std::nullopt);
  const auto inventory = library.inventory();
  CHECK_FALSE(inventory.contains(slot_0 + 1));
  CHECK_FALSE(inventory.contains(drive_1));
  const auto& held = inventory.at(simulator::transport_address);
  CHECK(held.barcode == "LTO002L9");
  CHECK(held.source_address == slot_0 + 1);
  CHECK_FALSE(held.loaded);
  // Where it is told, and from where it can be brought home.
  const auto changer = library.units.changer();
  const auto elements = *changer->elements().value;
  CHECK(elements.front().type == scsi::ElementType::transport);
  CHECK(elements.front().full);
  CHECK(elements.front().source_address == slot_0 + 1);
  CHECK(succeeded(
      changer->move_medium({.source = simulator::transport_address, .destination = slot_0 + 1})));
  CHECK(library.inventory().contains(slot_0 + 1));
}

TEST_CASE("an exchange can end in the robot's hand, and without a crash, too") {
  const FaultyUnits library;
  library.plan(R"({"id": "C5", "unit": "changer", "when": {"operation": "EXCHANGE MEDIUM"},
                   "effect": {"sense": {"key": 4, "asc": 21, "ascq": 1}, "inTransport": true}},
                  {"id": "C6", "unit": "changer", "when": {"volume": "LTO003L9"},
                   "effect": {"hostStatus": 3, "inTransport": true}})");
  const auto changer = library.open("changer");
  CHECK(changer->run(scsi::exchange_medium({.source = slot_0 + 1,
                                            .first_destination = slot_0 + 2,
                                            .second_destination = slot_0 + 1})) == "4/15/01");
  CHECK(library.inventory().at(simulator::transport_address).barcode == "LTO002L9");
  CHECK(library.inventory().at(slot_0 + 2).barcode == "LTO003L9");
  // The hand is full: the next one stays where it is, whatever the transport says.
  const auto driver = library.units.open_changer();
  CHECK_FALSE(succeeded(driver->test_unit_ready()));
  const auto lost = driver->move_medium({.source = slot_0 + 2, .destination = slot_0 + 3});
  CHECK(lost.outcome == Outcome::unknown);
  CHECK(library.inventory().at(slot_0 + 2).barcode == "LTO003L9");
}

TEST_CASE("U2: a unit attention waits for the next command that tells such") {
  const FaultyUnits library;
  library.plan(R"({"id": "U2", "unit": "drive-0", "when": {"operation": "INQUIRY"},
                   "effect": {"unitAttention": [41, 4]}},
                  {"unit": "changer", "when": {"command": 2}, "effect": {"unitAttention": [40, 1]}})");
  const auto drive = library.open();
  CHECK(drive->run(scsi::inquiry(36), {}, 36) == "good");
  CHECK(drive->run(scsi::inquiry(36), {}, 36) == "good");
  CHECK(write(*drive) == "6/29/04");
  CHECK(write(*drive) == "good");
  const auto changer = library.open("changer");
  CHECK(changer->run(scsi::test_unit_ready()) == "6/28/01");
  CHECK(changer->run(scsi::test_unit_ready()) == "good");
}

TEST_CASE("U8: a unit is not ready for a while") {
  const FaultyUnits library;
  library.plan(R"({"id": "U8", "when": {"volume": "LTO001L9", "operation": "TEST UNIT READY"},
                   "effect": {"notReady": [4, 1], "polls": 2}},
                  {"unit": "changer", "when": {"command": 2},
                   "effect": {"notReady": [4, 24], "polls": 1, "afterwards": [40, 1]}})");
  const auto drive = library.open();
  CHECK(drive->run(scsi::test_unit_ready()) == "2/04/01");
  CHECK(drive->run(scsi::rewind()) == "2/04/01");
  CHECK(drive->run(scsi::inquiry(36), {}, 36) == "good");
  CHECK(drive->run(scsi::rewind()) == "good");
  const auto changer = library.open("changer");
  const auto move = scsi::move_medium({.source = slot_0 + 1, .destination = slot_0 + 3});
  CHECK(changer->run(move) == "2/04/18");
  CHECK(changer->run(move) == "6/28/01");  // the door is closed
  CHECK(changer->run(move) == "good");
}

TEST_CASE("C1, C7: a changer says once of its elements what is not so") {
  struct Lie {
    std::string name;
    /// Full elements, each with its barcode.
    std::string told;
  };
  const std::string truth = "4097:LTO002L9 4098:LTO003L9 256:LTO001L9 ";
  const std::vector<Lie> lies{
      {"noVolumeTags", "4097: 4098: 256: "},
      {"swappedTags", "4097:LTO003L9 4098:LTO002L9 256:LTO001L9 "},
      {"allEmpty", ""},
      {"allFull", "4096: 4097:LTO002L9 4098:LTO003L9 4099: 4100: 768: 256:LTO001L9 257: "},
      {"stale", "4097:LTO002L9 4099:LTO003L9 256:LTO001L9 "}};
  for (const auto& lie : lies) {
    CAPTURE(lie.name);
    const FaultyUnits library;
    library.plan(R"({"unit": "changer", "when": {"operation": "READ ELEMENT STATUS"},
                     "effect": {"inventory": ")" +
                 lie.name + "\"}}");
    const auto changer = library.open("changer");
    CHECK(changer->run(scsi::move_medium({.source = slot_0 + 2, .destination = slot_0 + 3})) ==
          "good");
    CHECK(changer->run(scsi::move_medium({.source = slot_0 + 3, .destination = slot_0 + 2})) ==
          "good");
    const auto told = [&] {
      const scsi::ReadElementStatus wanted{.count = 0xFFFF, .volume_tags = true};
      REQUIRE(changer->run(scsi::read_element_status(wanted, 4096), {}, 4096) == "good");
      const auto elements = scsi::decode_element_status(changer->data());
      REQUIRE(elements);
      std::string text;
      for (const auto& each : *elements) {
        if (each.full) text += std::to_string(each.address) + ":" + *each.volume_tag + " ";
      }
      return text;
    };
    CHECK(told() == lie.told);
    CHECK(told() == truth);
  }
}

TEST_CASE("how often a fault happens, and which goes first") {
  const FaultyUnits library;
  library.plan(R"({"when": {"operation": "REWIND", "count": 2}, "times": 2,
                   "effect": {"sense": {"key": 3, "asc": 20, "ascq": 0}}},
                  {"when": {"command": 3}, "effect": {"sense": {"key": 11, "asc": 0, "ascq": 0}}})");
  const auto drive = library.open();
  CHECK(drive->run(scsi::rewind()) == "good");
  // Both are due at the third command: the other one waits for the next.
  CHECK(drive->run(scsi::rewind()) == "3/14/00");
  CHECK(drive->run(scsi::rewind()) == "3/14/00");
  CHECK(drive->run(scsi::rewind()) == "B/00/00");
  CHECK(drive->run(scsi::rewind()) == "good");
}

TEST_CASE("a probability gives the same faults for the same seed, and others for another") {
  const FaultyUnits library;
  const auto faults_of = [&](const std::string& probability, const std::string& unit) {
    library.plan(R"({"times": "always", "when": {"operation": "TEST UNIT READY", "probability": )" +
                 probability + R"(}, "effect": {"sense": {"key": 11, "asc": 0, "ascq": 0}}})");
    ScriptedUnit opened(library.units.folder(), unit);
    std::string pattern;
    for (int i = 0; i < 400; ++i) {
      pattern += opened.run(scsi::test_unit_ready()) == "B/00/00" ? '!' : '.';
    }
    return pattern;
  };
  const auto pattern = faults_of("0.25", "drive-0");
  CHECK(pattern == faults_of("0.25", "drive-0"));
  CHECK(pattern != faults_of("0.25", "drive-1"));
  const auto count = std::count(pattern.begin(), pattern.end(), '!');
  CHECK(count > 60);
  CHECK(count < 140);
  CHECK(faults_of("0", "drive-0").find('!') == std::string::npos);
  CHECK(faults_of("1", "drive-0") == std::string(400, '!'));
}

TEST_CASE("a plan that is not understood keeps the unit shut, and says why") {
  const FaultyUnits library;
  library.plan(R"({"when": {"command": 1}, "effect": {"crash": true}, "repeat": 2})");
  SimulatedTransport transport(library.units.folder(), "drive-0");
  const auto path = library.units.folder() + "/faults.json";
  CHECK(transport.plan_problem() == "the fault plan " + path +
                                        " is not understood: a fault has no member \"repeat\" at "
                                        "column 85");
  const auto result = transport.execute({.cdb = scsi::test_unit_ready()});
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.detail == transport.plan_problem());
}
