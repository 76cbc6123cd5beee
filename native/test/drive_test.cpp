// SPDX-License-Identifier: Apache-2.0
#include "simulator/drive.h"

#include <doctest/doctest.h>
#include <sys/resource.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <vector>

#include "simulated_units.h"

using namespace tidemark;
using tidemark::test::sense_of;
using tidemark::test::SimulatedUnits;

namespace {

std::vector<std::uint8_t> block(std::size_t size, char fill) {
  return std::vector<std::uint8_t>(size, static_cast<std::uint8_t>(fill));
}

std::uint64_t position_of(TapeDrive& drive) {
  const auto outcome = drive.read_position();
  REQUIRE(outcome.value);
  REQUIRE(outcome.value->known);
  return outcome.value->object_number;
}

/// Objects that reached the medium's files.
std::uint64_t objects_on_medium(const SimulatedUnits& units) {
  return std::filesystem::file_size(units.folder() + "/media/LTO001L9.objects") / 8;
}

void write_protect(const SimulatedUnits& units) {
  const auto path = units.folder() + "/media/LTO001L9.attributes";
  std::ofstream(path) << "serial-number X\ncapacity-bytes 1000000\nearly-warning-bytes 0\n"
                         "write-protected yes\n";
}

/// label, block, filemark, block, block, filemark
void write_two_files(TapeDrive& drive) {
  CHECK(drive.write_block(block(80, 'V')).kind == WriteKind::written);
  CHECK(drive.write_block(block(1000, 'h')).kind == WriteKind::written);
  CHECK(drive.write_filemarks(1, false).accepted == 1);
  CHECK(drive.write_block(block(4096, 'a')).kind == WriteKind::written);
  CHECK(drive.write_block(block(4096, 'b')).kind == WriteKind::written);
  CHECK(drive.write_filemarks(1, false).accepted == 1);
}

}  // namespace

TEST_CASE("power on is told once, and INQUIRY neither tells nor takes it") {
  const SimulatedUnits units;
  const auto drive = units.open_drive();
  const auto inquiry = drive->inquiry();
  REQUIRE(inquiry.value);
  CHECK(inquiry.value->device_type == scsi::device_type::tape);
  CHECK(inquiry.value->serial_number.size() == 10);
  CHECK(sense_of(drive->test_unit_ready()) == "6/29/00");
  CHECK(sense_of(drive->test_unit_ready()) == "2/3A/00");
}

TEST_CASE("a cartridge that comes is told with 28/00, and one that was there is not") {
  const SimulatedUnits units;
  auto drive = units.open_drive();
  CHECK(sense_of(drive->test_unit_ready()) == "6/29/00");
  CHECK(succeeded(units.changer()->move_medium(
      {.source = SimulatedUnits::slot_0, .destination = SimulatedUnits::drive_0})));
  CHECK(sense_of(drive->test_unit_ready()) == "6/28/00");
  CHECK(succeeded(drive->test_unit_ready()));
  drive.reset();
  drive = units.open_drive();
  CHECK(sense_of(drive->test_unit_ready()) == "6/29/00");
  CHECK(succeeded(drive->test_unit_ready()));
  CHECK(drive->read_position().value->beginning_of_partition);
}

TEST_CASE("a drive has one user, who is named") {
  const SimulatedUnits units;
  const auto first = units.loaded_drive();
  const auto second = units.open_drive();
  CHECK(second->inquiry().value);
  const auto refused = second->test_unit_ready();
  CHECK(refused.outcome == Outcome::not_sent);
  CHECK(refused.detail == "drive 0 of the simulated library at " + units.folder() +
                              " is in use by process " + std::to_string(::getpid()));
}

TEST_CASE("what was written is read again, in another process's eyes too") {
  const SimulatedUnits units;
  write_two_files(*units.loaded_drive());
  const auto drive = units.ready_drive();
  std::vector<std::uint8_t> buffer(4096);
  auto read = drive->read_block(buffer);
  CHECK(read.kind == ReadKind::block);
  CHECK(read.length == 80);
  CHECK(buffer[79] == 'V');
  CHECK(drive->read_block(std::span(buffer).first(500)).kind == ReadKind::too_long);
  CHECK(position_of(*drive) == 2);
  CHECK(drive->read_block(buffer).kind == ReadKind::filemark);
  read = drive->read_block(buffer);
  CHECK(read.length == 4096);
  CHECK(read.result.scsi_status == scsi_status::good);
  CHECK(buffer[4095] == 'a');
  CHECK(succeeded(drive->space(scsi::SpaceCode::end_of_data, 0)));
  CHECK(position_of(*drive) == 6);
  const auto end = drive->read_block(buffer);
  CHECK(end.kind == ReadKind::end_of_data);
  CHECK(sense_of(end.result) == "8/00/05");
  CHECK(position_of(*drive) == 6);
}

TEST_CASE("SPACE over filemarks, both ways, and past the ends") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  write_two_files(*drive);
  CHECK(succeeded(drive->rewind()));
  CHECK(succeeded(drive->space(scsi::SpaceCode::filemarks, 1)));
  CHECK(position_of(*drive) == 3);
  CHECK(succeeded(drive->space(scsi::SpaceCode::filemarks, 1)));
  CHECK(position_of(*drive) == 6);
  CHECK(succeeded(drive->space(scsi::SpaceCode::filemarks, -2)));
  CHECK(position_of(*drive) == 2);
  auto result = drive->space(scsi::SpaceCode::filemarks, 5);
  CHECK(sense_of(result) == "8/00/05");
  CHECK(result.decoded_sense()->information == 3);
  CHECK(position_of(*drive) == 6);
  result = drive->space(scsi::SpaceCode::filemarks, -3);
  CHECK(sense_of(result) == "0/00/04");
  CHECK(result.decoded_sense()->information == 1);
  CHECK(result.decoded_sense()->end_of_medium);
  CHECK(position_of(*drive) == 0);
}

TEST_CASE("LOCATE to an object, and past the end of data") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  write_two_files(*drive);
  CHECK(succeeded(drive->locate(4)));
  CHECK(position_of(*drive) == 4);
  CHECK(sense_of(drive->locate(7)) == "8/00/05");
  CHECK(position_of(*drive) == 6);
}

TEST_CASE("the buffer's fill is true, and a synchronising command empties it") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  CHECK(drive->write_block(block(1000, 'x')).kind == WriteKind::written);
  CHECK(drive->write_block(block(1000, 'y')).kind == WriteKind::written);
  auto position = drive->read_position().value;
  CHECK(position->object_number == 2);
  CHECK(position->bytes_in_buffer == 2000);
  CHECK(objects_on_medium(units) == 0);
  CHECK(drive->write_filemarks(0, false).kind == WriteKind::written);
  position = drive->read_position().value;
  CHECK(position->object_number == 2);
  CHECK(position->bytes_in_buffer == 0);
  CHECK(objects_on_medium(units) == 2);
  CHECK(drive->write_filemarks(1, true).kind == WriteKind::written);
  CHECK(objects_on_medium(units) == 2);
}

TEST_CASE("a full buffer writes its oldest out and keeps the rest") {
  const SimulatedUnits units;  // buffer of 64 KiB
  const auto drive = units.loaded_drive();
  for (int i = 0; i < 9; ++i) {
    CHECK(drive->write_block(block(8192, 'z')).kind == WriteKind::written);
  }
  CHECK(objects_on_medium(units) == 1);
  CHECK(drive->read_position().value->bytes_in_buffer == 65536);
  CHECK(drive->write_block(block(100000, 'L')).kind ==
        WriteKind::written);  // larger than the buffer
  CHECK(objects_on_medium(units) == 10);
}

TEST_CASE("overwriting takes away everything behind, when it reaches the medium") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  write_two_files(*drive);
  CHECK(succeeded(drive->locate(3)));
  CHECK(drive->write_block(block(10, 'n')).kind == WriteKind::written);
  CHECK(objects_on_medium(units) == 6);  // so a buffer that is lost leaves the old objects
  CHECK(drive->write_filemarks(0, false).kind == WriteKind::written);
  CHECK(objects_on_medium(units) == 4);
  CHECK(succeeded(drive->space(scsi::SpaceCode::end_of_data, 0)));
  CHECK(position_of(*drive) == 4);
}

TEST_CASE("W1: every write past early warning says so, and is done") {
  const SimulatedUnits units({100000, 50000});
  const auto drive = units.loaded_drive();
  CHECK_FALSE(drive->write_block(block(40000, '1')).early_warning);
  CHECK_FALSE(drive->read_position().value->end_of_partition);
  auto outcome = drive->write_block(block(20000, '2'));
  CHECK(outcome.early_warning);
  CHECK(outcome.accepted == 20000);
  CHECK(sense_of(outcome.result) == "0/00/02");
  CHECK(drive->write_block(block(1000, '3')).early_warning);
  CHECK(drive->write_filemarks(1, false).early_warning);
  CHECK(drive->read_position().value->end_of_partition);
  CHECK(position_of(*drive) == 4);
}

TEST_CASE("W3: at the end of the tape the block and the buffer are lost") {
  const SimulatedUnits units({100000, 50000});
  const auto drive = units.loaded_drive();
  CHECK(drive->write_block(block(40000, '1')).kind == WriteKind::written);
  CHECK(drive->write_filemarks(0, false).kind == WriteKind::written);
  CHECK(drive->write_block(block(40000, '2')).kind == WriteKind::written);
  const auto outcome = drive->write_block(block(40000, '3'));
  CHECK(outcome.kind == WriteKind::failed);
  CHECK(outcome.accepted == 0);
  CHECK(sense_of(outcome.result) == "D/00/02");
  CHECK(outcome.result.decoded_sense()->information == 40000);
  CHECK(outcome.result.decoded_sense()->end_of_medium);
  CHECK(position_of(*drive) == 1);
  CHECK(sense_of(drive->write_block(block(10, '4')).result) == "D/00/02");
  CHECK(succeeded(drive->rewind()));
  CHECK(drive->write_block(block(10, '5')).kind == WriteKind::written);
}

TEST_CASE("W7: a write-protected cartridge") {
  const SimulatedUnits units;
  write_protect(units);
  const auto drive = units.loaded_drive();
  CHECK(drive->mode_status().value->write_protected);
  CHECK(sense_of(drive->write_block(block(10, 'x')).result) == "7/27/00");
  CHECK(sense_of(drive->write_filemarks(1, false).result) == "7/27/00");
  CHECK(drive->write_filemarks(0, false).kind == WriteKind::written);
  CHECK(drive->tape_alerts().value == std::vector<std::uint16_t>{9});
  CHECK(drive->tape_alerts().value->empty());
}

TEST_CASE("mode, log and attribute pages") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  const auto limits = drive->read_block_limits().value;
  REQUIRE(limits);
  CHECK(limits->maximum_bytes == 8388608);
  CHECK(limits->minimum_bytes == 1);
  CHECK(succeeded(drive->set_block_bytes(0)));
  const auto mode = drive->mode_status().value;
  REQUIRE(mode);
  CHECK(mode->block_bytes == 0);
  CHECK(mode->buffered_mode == 1);
  CHECK_FALSE(mode->worm);
  CHECK(drive->end_of_data_valid().value == true);
  const auto serial = drive->read_attribute(0x0401).value;
  REQUIRE(serial);
  CHECK(serial->size() == 32);
  CHECK((*serial)[0] == 'T');
  CHECK_FALSE(drive->read_attribute(0x000A).value);
  CHECK(sense_of(drive->read_attribute(0x0999).result) == "5/24/00");
  CHECK(sense_of(drive->allow_overwrite(0)) == "5/20/0C");
}

TEST_CASE("UNLOAD writes the buffer out; LOAD brings the cartridge back") {
  const SimulatedUnits units;
  const auto drive = units.loaded_drive();
  CHECK(drive->write_block(block(10, 'x')).kind == WriteKind::written);
  CHECK(succeeded(drive->unload()));
  CHECK(objects_on_medium(units) == 1);
  CHECK(sense_of(drive->test_unit_ready()) == "2/04/02");
  CHECK(succeeded(drive->load()));
  CHECK(sense_of(drive->test_unit_ready()) == "6/28/00");
  CHECK(succeeded(drive->test_unit_ready()));
  CHECK(position_of(*drive) == 0);
}

TEST_CASE("prevention of removal holds drive and robot, and ends with its initiator") {
  const SimulatedUnits units;
  auto drive = units.loaded_drive();
  const auto changer = units.changer();
  CHECK(succeeded(drive->prevent_removal(true)));
  CHECK(sense_of(drive->unload()) == "5/53/02");
  CHECK(sense_of(changer->move_medium({.source = SimulatedUnits::drive_0,
                                       .destination = SimulatedUnits::slot_0})) == "5/53/02");
  drive.reset();
  CHECK(sense_of(changer->move_medium({.source = SimulatedUnits::drive_0,
                                       .destination = SimulatedUnits::slot_0})) == "5/53/01");
  drive = units.ready_drive();
  CHECK(succeeded(drive->unload()));
  CHECK(succeeded(changer->move_medium(
      {.source = SimulatedUnits::drive_0, .destination = SimulatedUnits::slot_0})));
  CHECK(sense_of(drive->test_unit_ready()) == "2/3A/00");
}

TEST_CASE("a library that is not there, and a drive that it does not have") {
  const SimulatedUnits units;
  TapeDrive nowhere(std::make_unique<SimulatedTransport>("/nonexistent", "drive-0"), "drive-0");
  auto result = nowhere.test_unit_ready();
  CHECK(result.outcome == Outcome::not_sent);
  CHECK(result.error_number == ENOENT);
  CHECK(result.detail == "there is no simulated library at /nonexistent");
  result = units.open_drive("drive-2")->test_unit_ready();
  CHECK(result.error_number == ENXIO);
  CHECK(result.detail ==
        "the simulated library at " + units.folder() + " has 2 drives and no drive-2");
}

TEST_CASE("W4: a medium that fails below the buffer gives a deferred error, and loses the buffer") {
  const SimulatedUnits units;
  auto drive = units.loaded_drive();
  CHECK(drive->write_block(block(10, 'x')).kind == WriteKind::written);
  CHECK(drive->write_filemarks(0, false).kind == WriteKind::written);
  // No file may grow past 10 bytes from here on: the next write to the medium fails.
  struct rlimit before {};
  REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  struct rlimit limit = before;
  limit.rlim_cur = 10;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
  CHECK(drive->write_block(block(10, 'y')).kind == WriteKind::written);
  const auto outcome = drive->write_filemarks(1, false);
  REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  std::signal(SIGXFSZ, handler);
  CHECK(outcome.kind == WriteKind::failed);
  CHECK(outcome.accepted == 0);
  CHECK(outcome.result.decoded_sense()->deferred);
  CHECK(sense_of(outcome.result) == "3/0C/00");
  CHECK(position_of(*drive) == 1);
}
