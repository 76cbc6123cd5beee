// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "scripted_unit.h"
#include "scsi/cdb.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "scsi/position.h"
#include "simulated_units.h"

namespace tidemark::test {

/// A simulated drive with a cartridge in it, past its unit attentions, and the commands that tests
/// of all themes need.
class LoadedDrive {
 public:
  explicit LoadedDrive(const LibraryShape& shape = {})
      : units(shape), drive(units.folder(), "drive-0") {
    REQUIRE(succeeded(units.changer()->move_medium(
        {.source = SimulatedUnits::slot_0, .destination = SimulatedUnits::drive_0})));
    CHECK(drive.run(scsi::test_unit_ready()) == "6/29/00");
    CHECK(drive.run(scsi::test_unit_ready()) == "good");
  }

  std::string write(std::size_t length, char fill = 'x') {
    return drive.run(scsi::write_6(static_cast<std::uint32_t>(length)),
                     std::vector<std::uint8_t>(length, static_cast<std::uint8_t>(fill)));
  }
  std::string filemarks(std::uint32_t count) {
    return drive.run(scsi::write_filemarks_6(count, false));
  }
  std::string rewind() { return drive.run(scsi::rewind()); }
  std::string locate(std::uint64_t number) { return drive.run(scsi::locate_16(number)); }
  std::string read(std::uint32_t length) { return drive.run(scsi::read_6(length), {}, length); }

  scsi::PositionData position() {
    REQUIRE(drive.run(scsi::read_position(scsi::PositionForm::long_form), {}, 32) == "good");
    return *scsi::decode_long_position(drive.data());
  }
  std::uint64_t object_number() { return position().object_number; }

  std::vector<scsi::LogParameter> log(std::uint8_t page) {
    REQUIRE(drive.run(scsi::log_sense(page, 0, 4096), {}, 4096) == "good");
    const auto parameters = scsi::decode_log_page(drive.data(), page);
    REQUIRE(parameters);
    return *parameters;
  }

  /// What MODE SENSE(10) gives of one page.
  std::vector<std::uint8_t> mode_page(
      std::uint8_t page, std::uint8_t subpage = 0,
      scsi::ModePageControl control = scsi::ModePageControl::current) {
    scsi::ModeSense wanted;
    wanted.page = page;
    wanted.subpage = subpage;
    wanted.control = control;
    REQUIRE(drive.run(scsi::mode_sense_10(wanted, 1024), {}, 1024) == "good");
    mode = *scsi::decode_mode_parameters_10(drive.data());
    const auto bytes = scsi::find_mode_page(mode.pages, page, subpage);
    return {bytes.begin(), bytes.end()};
  }
  /// MODE SELECT(10) of one page, with what the last MODE SENSE gave around it.
  std::string select_page(const std::vector<std::uint8_t>& page) {
    auto parameters = mode;
    parameters.pages = page;
    return select(parameters);
  }
  std::string select(const scsi::ModeParameters& parameters) {
    const auto list = scsi::encode_mode_select_10(parameters);
    return drive.run(scsi::mode_select_10(static_cast<std::uint16_t>(list.size())), list);
  }
  std::string select_block_bytes(std::uint32_t bytes) {
    scsi::ModeParameters parameters;
    parameters.buffered_mode = 1;
    parameters.block = {0, 0, bytes};
    return select(parameters);
  }

  SimulatedUnits units;
  ScriptedUnit drive;
  scsi::ModeParameters mode;
};

}  // namespace tidemark::test
