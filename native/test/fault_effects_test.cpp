// SPDX-License-Identifier: Apache-2.0
/// Resets, other initiators, and what the way to a drive does to commands.
#include <doctest/doctest.h>

#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "faulty_units.h"
#include "scsi/block_protection.h"
#include "scsi/reservation.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::test::FaultyUnits;
using tidemark::test::position_of;
using tidemark::test::read;
using tidemark::test::ScriptedUnit;
using tidemark::test::synchronise;
using tidemark::test::write;

namespace {

/// A plan for the third command of drive 0, which is the second behind its power-on attention.
std::string at_third(const std::string& effect) {
  return R"({"unit": "drive-0", "when": {"command": 3}, "effect": )" + effect + "}";
}

std::string select_block_bytes(ScriptedUnit& drive, std::uint32_t bytes) {
  scsi::ModeParameters parameters;
  parameters.buffered_mode = 1;
  parameters.block = {0, 0, bytes};
  const auto list = scsi::encode_mode_select_10(parameters);
  return drive.run(scsi::mode_select_10(static_cast<std::uint16_t>(list.size())), list);
}

std::uint32_t block_bytes(ScriptedUnit& drive) {
  scsi::ModeSense wanted;
  wanted.page = 0;
  REQUIRE(drive.run(scsi::mode_sense_10(wanted, 64), {}, 64) == "good");
  return scsi::decode_mode_parameters_10(drive.data())->block->block_bytes;
}

std::string reserve(ScriptedUnit& drive, scsi::ReserveOutAction action, std::uint64_t own,
                    std::uint64_t other, bool persist = false) {
  scsi::ReserveOutParameters parameters;
  parameters.own_key = own;
  parameters.action_key = other;
  parameters.persist = persist;
  const auto list = scsi::encode_reserve_out_parameters(parameters);
  return drive.run(scsi::persistent_reserve_out(action, scsi::ReservationType::exclusive_access,
                                                static_cast<std::uint32_t>(list.size())),
                   list);
}

/// Registers `key` and takes the drive.
void hold(ScriptedUnit& drive, std::uint64_t key, bool persist = false) {
  REQUIRE(reserve(drive, scsi::ReserveOutAction::register_key, 0, key, persist) == "good");
  REQUIRE(reserve(drive, scsi::ReserveOutAction::reserve, key, 0, persist) == "good");
}

std::size_t keys(ScriptedUnit& drive) {
  REQUIRE(drive.run(scsi::persistent_reserve_in(scsi::ReserveInAction::read_keys, 256), {}, 256) ==
          "good");
  return scsi::decode_reservation_keys(drive.data())->keys.size();
}

Result send(SimulatedTransport& transport, const scsi::Cdb& cdb,
            const std::vector<std::uint8_t>& data = {}) {
  Command command;
  command.cdb = cdb;
  command.data_out = data;
  return transport.execute(command);
}

}  // namespace

TEST_CASE("U2: a reset takes the buffer, settings and reservations away, and maybe the position") {
  for (const bool rewinds : {false, true}) {
    const FaultyUnits library;
    library.plan(R"_({"id": "U2", "unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 4},
                     "effect": {"reset": {"survivors": 1, "position": ")_" +
                 std::string(rewinds ? "bop" : "kept") + R"_(", "ascq": 2}}})_");
    const auto drive = library.open();
    CHECK(select_block_bytes(*drive, 1024) == "good");
    CHECK(drive->run({0x1E, 0, 0, 0, 1, 0}) == "good");
    hold(*drive, 7);
    for (int i = 0; i < 3; ++i) CHECK(write(*drive) == "good");
    CHECK(write(*drive) == "6/29/02");
    CHECK(position_of(*drive).object_number == (rewinds ? 0 : 1));
    CHECK(block_bytes(*drive) == 0);
    CHECK(keys(*drive) == 0);
    CHECK_FALSE(library.inventory().at(simulator::first_drive_address).removal_prevented);
    CHECK(drive->run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
    CHECK(position_of(*drive).object_number == 1);
  }
}

TEST_CASE("U2: a reservation that was to outlive the power outlives a reset") {
  const FaultyUnits library;
  library.plan(R"({"unit": "drive-0", "when": {"operation": "REWIND"},
                   "effect": {"reset": {"survivors": 0, "position": "kept"}}})");
  const auto drive = library.open();
  hold(*drive, 7, true);
  CHECK(drive->run(scsi::rewind()) == "6/29/03");
  CHECK(keys(*drive) == 1);
}

TEST_CASE("U3: another initiator changes the mode") {
  const FaultyUnits library;
  library.plan(at_third(R"({"initiator": "modeSelect"})"));
  const auto drive = library.open();
  CHECK(drive->run(scsi::test_unit_ready()) == "good");
  CHECK(drive->run(scsi::test_unit_ready()) == "6/2A/01");
  CHECK(block_bytes(*drive) == 512);
}

TEST_CASE("U4: another initiator takes the drive, and where it is reserved it must preempt") {
  const FaultyUnits library;
  library.plan(at_third(R"({"initiator": "reserve"})"));
  {
    const auto drive = library.open();
    CHECK(write(*drive) == "good");
    CHECK(write(*drive) == "status 24");
    CHECK(drive->run(scsi::test_unit_ready()) == "good");
  }
  library.plan(R"({"unit": "drive-0", "when": {"operation": "REWIND"},
                   "effect": {"initiator": "reserve"}},
                  {"unit": "drive-0", "when": {"operation": "REWIND", "count": 2},
                   "effect": {"initiator": "preempt"}})");
  const auto drive = library.open();
  hold(*drive, 7);
  CHECK(drive->run(scsi::rewind()) == "good");
  CHECK(drive->run(scsi::rewind()) == "6/2A/05");
  CHECK(drive->run(scsi::rewind()) == "status 24");
}

TEST_CASE("U11: another initiator moves the tape, unless a reservation keeps it from that") {
  for (const bool is_reserved : {false, true}) {
    const FaultyUnits library;
    library.plan(R"_({"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 3},
                     "effect": {"initiator": "rewind"}})_");
    const auto drive = library.open();
    if (is_reserved) hold(*drive, 7);
    for (int i = 0; i < 3; ++i) CHECK(write(*drive) == "good");
    CHECK(position_of(*drive).object_number == (is_reserved ? 3 : 1));
  }
}

TEST_CASE("U1, C8: somebody swaps the cartridge in the drive") {
  const FaultyUnits library;
  library.plan(R"_({"unit": "drive-0", "when": {"operation": "WRITE(6)", "count": 2},
                   "effect": {"swap": "LTO003L9"}})_");
  const auto drive = library.open();
  CHECK(write(*drive) == "good");
  CHECK(write(*drive) == "6/28/00");
  CHECK(read(*drive) == "8/00/05");
  const auto inventory = library.inventory();
  CHECK(inventory.at(simulator::first_drive_address).barcode == "LTO003L9");
  CHECK(inventory.at(simulator::first_storage_address + 2).barcode == "LTO001L9");
}

TEST_CASE("U10: several unit attentions wait, one for each command") {
  const FaultyUnits library;
  library.plan(at_third(R"({"unitAttentions": [[41, 0], [42, 1], [40, 0]]})"));
  const auto drive = library.open();
  CHECK(write(*drive) == "good");
  for (const auto* told : {"6/29/00", "6/2A/01", "6/28/00", "good"}) {
    CHECK(drive->run(scsi::test_unit_ready()) == told);
  }
}

TEST_CASE("U4, U5: a status instead of an answer, and whether it was carried out nobody says") {
  const FaultyUnits library;
  library.plan(R"_({"id": "U5", "when": {"operation": "WRITE(6)"},
                   "effect": {"scsiStatus": 64, "executed": true}},
                  {"id": "U4", "when": {"operation": "WRITE(6)", "count": 2},
                   "effect": {"scsiStatus": 24}})_");
  const auto drive = library.open();
  CHECK(write(*drive) == "status 64");
  CHECK(position_of(*drive).object_number == 1);
  CHECK(write(*drive) == "status 24");
  CHECK(position_of(*drive).object_number == 1);
}

TEST_CASE("T1: the kernel gives an error instead of a status, before or after the delivery") {
  const FaultyUnits library;
  library.plan(R"_({"when": {"operation": "WRITE(6)"}, "effect": {"errno": 12}},
                  {"when": {"operation": "WRITE(6)", "count": 2},
                   "effect": {"errno": 12, "executed": true}},
                  {"when": {"operation": "WRITE(6)", "count": 3}, "effect": {"errno": 19}})_");
  SimulatedTransport drive(library.units.folder(), "drive-0");
  (void)send(drive, scsi::test_unit_ready());
  const std::vector<std::uint8_t> block(1000);
  for (const auto number : {ENOMEM, ENOMEM, ENODEV}) {
    const auto result = send(drive, scsi::write_6(1000), block);
    CHECK(result.error_number == number);
    CHECK(result.residual == 1000);
    // What the kernel says is believed here as it is of real devices: it may have been done.
    CHECK(result.outcome == (number == ENODEV ? Outcome::unknown : Outcome::not_sent));
  }
  ScriptedUnit other(library.units.folder(), "drive-0", "other");
  CHECK(other.run(scsi::test_unit_ready()) == "6/29/00");
  CHECK(position_of(other).object_number == 1);
}

TEST_CASE("T4: a write is good, and its residual says something else") {
  const FaultyUnits library;
  library.plan(R"_({"when": {"operation": "WRITE(6)"}, "effect": {"residual": 512}})_");
  SimulatedTransport drive(library.units.folder(), "drive-0");
  (void)send(drive, scsi::test_unit_ready());
  const std::vector<std::uint8_t> block(1000);
  const auto result = send(drive, scsi::write_6(1000), block);
  CHECK(result.scsi_status == scsi_status::good);
  CHECK(result.residual == 512);
  CHECK(send(drive, scsi::write_6(1000), block).residual == 0);
}

TEST_CASE("W11: a bit flipped behind the CRC is found where blocks are protected, and only there") {
  const FaultyUnits library;
  library.plan(R"_({"when": {"operation": "WRITE(6)"}, "effect": {"flipBit": 7}},
                  {"when": {"operation": "WRITE(6)", "count": 3}, "effect": {"flipBit": 7}},
                  {"when": {"operation": "READ(6)"}, "effect": {"flipBit": 0}})_");
  const auto drive = library.open();
  CHECK(write(*drive, 8, 'x') == "good");
  CHECK(write(*drive, 8, 'x') == "good");
  CHECK(drive->run(scsi::rewind()) == "good");
  CHECK(read(*drive, 8) == "good");
  // Flipped when it was written, and once more when it was read.
  CHECK(drive->data().front() == ('x' ^ 0x81));
  CHECK(read(*drive, 8) == "good");
  CHECK(drive->data().front() == 'x');
  scsi::ControlDataProtection protection;
  protection.method = scsi::ControlDataProtection::Method::crc32c;
  protection.information_bytes = 4;
  protection.on_write = true;
  scsi::ModeParameters parameters;
  parameters.buffered_mode = 1;
  parameters.pages = scsi::encode_control_data_protection(protection);
  const auto list = scsi::encode_mode_select_10(parameters);
  CHECK(drive->run(scsi::mode_select_10(static_cast<std::uint16_t>(list.size())), list) == "good");
  std::vector<std::uint8_t> block(12, 'x');
  const auto crc = scsi::block_protection(scsi::Bytes(block).first(8));
  std::copy(crc.begin(), crc.end(), block.begin() + 8);
  CHECK(drive->run(scsi::write_6(12), block) == "4/10/01");
  CHECK(position_of(*drive).object_number == 2);
  CHECK(drive->run(scsi::write_6(12), block) == "good");
}

TEST_CASE("a fault that persists does not happen again to who opens the drive later") {
  const FaultyUnits library;
  for (const bool persists : {false, true}) {
    library.plan(std::string(R"({"when": {"operation": "REWIND"}, "persists": )") +
                 (persists ? "true" : "false") +
                 R"(, "effect": {"sense": {"key": 3, "asc": 20, "ascq": 0}}})");
    CHECK(library.open()->run(scsi::rewind()) == "3/14/00");
    CHECK(library.open()->run(scsi::rewind()) == (persists ? "good" : "3/14/00"));
    // Each unit counts for itself.
    CHECK(library.open("drive-1")->run(scsi::test_unit_ready()) == "2/3A/00");
  }
  library.plan(R"({"when": {"operation": "REWIND"}, "persists": true,
                   "effect": {"sense": {"key": 3, "asc": 20, "ascq": 1}}})");
  CHECK(library.open()->run(scsi::rewind()) == "3/14/01");
}

TEST_CASE("two initiators have a drive at a time, each with attentions and keys of its own") {
  const FaultyUnits library;
  const auto one = library.open();
  ScriptedUnit second(library.units.folder(), "drive-0", "second");
  auto third = std::make_unique<ScriptedUnit>(library.units.folder(), "drive-0", "third");
  CHECK(second.run(scsi::test_unit_ready()) == "6/29/00");
  CHECK(third->run(scsi::test_unit_ready()) == "6/29/00");
  CHECK(select_block_bytes(second, 1024) == "good");
  CHECK(one->run(scsi::test_unit_ready()) == "6/2A/01");
  CHECK(third->run(scsi::test_unit_ready()) == "6/2A/01");
  CHECK(second.run(scsi::test_unit_ready()) == "good");
  hold(*third, 9);
  CHECK(write(*one) == "status 24");
  CHECK(third->run({0x1E, 0, 0, 0, 1, 0}) == "good");
  CHECK(library.inventory().at(simulator::first_drive_address).removal_prevented);
  // The same name cannot have it twice; who is gone leaves its reservation, and nothing else.
  SimulatedTransport again(library.units.folder(), "drive-0", "third");
  CHECK(send(again, scsi::test_unit_ready()).error_number == EBUSY);
  third.reset();
  CHECK_FALSE(library.inventory().at(simulator::first_drive_address).removal_prevented);
  CHECK(write(*one) == "status 24");
  const auto back = send(again, scsi::test_unit_ready());
  CHECK(tidemark::test::sense_of(back) == "6/29/07");
}
