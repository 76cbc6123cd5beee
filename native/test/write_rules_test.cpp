// SPDX-License-Identifier: Apache-2.0
/// Where a simulated drive does not let one write: append-only mode, WORM media; and programmable
/// early warning.
#include <doctest/doctest.h>

#include <vector>

#include "loaded_drive.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;

namespace {

std::string select_extension(LoadedDrive& bench, std::uint8_t write_mode, std::uint16_t zone_mb) {
  const auto page = bench.mode_page(scsi::mode_page::device_configuration,
                                    scsi::mode_subpage::device_configuration_extension);
  auto values = *scsi::decode_device_configuration_extension(page);
  values.write_mode = write_mode;
  values.programmable_early_warning_mb = zone_mb;
  return bench.select_page(scsi::encode_device_configuration_extension(values, page));
}

void write_three(LoadedDrive& bench) {
  for (const char fill : {'a', 'b', 'c'}) CHECK(bench.write(10, fill) == "good");
  CHECK(bench.filemarks(0) == "good");
}

}  // namespace

TEST_CASE("W9: append-only mode, and what ALLOW OVERWRITE allows") {
  LoadedDrive bench;
  write_three(bench);
  CHECK(bench.drive.run(scsi::allow_overwrite(3)) == "5/20/0C");
  CHECK(select_extension(bench, 1, 0) == "good");
  CHECK(bench.locate(1) == "good");
  CHECK(bench.write(10) == "7/50/01");
  CHECK(bench.filemarks(1) == "7/50/01");
  CHECK(bench.drive.run(scsi::erase_6(false)) == "7/50/01");
  CHECK(bench.filemarks(0) == "good");
  CHECK(bench.drive.run(scsi::allow_overwrite(2)) == "5/24/00");  // not here
  CHECK(bench.drive.run(scsi::allow_overwrite(1)) == "good");
  CHECK(bench.locate(1) == "good");
  CHECK(bench.write(10) == "7/50/01");  // it ended when the tape moved
  CHECK(bench.drive.run(scsi::allow_overwrite(1)) == "good");
  CHECK(bench.write(10, 'n') == "good");
  CHECK(bench.write(10, 'm') == "good");  // one sequence
  CHECK(bench.drive.run(scsi::space_6(scsi::SpaceCode::end_of_data, 0)) == "good");
  CHECK(bench.object_number() == 3);
  CHECK(bench.write(10) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::format_medium({})) == "7/50/01");
  CHECK(bench.drive.run(scsi::allow_overwrite({scsi::AllowOverwrite::Mode::format, 0, 0})) ==
        "good");
  CHECK(bench.drive.run(scsi::format_medium({})) == "good");
}

TEST_CASE("W8: on WORM media what is written stays, but for the last filemarks") {
  test::LibraryShape shape;
  shape.worm_barcodes = {"LTO001L9"};
  LoadedDrive bench(shape);
  write_three(bench);
  CHECK(bench.filemarks(2) == "good");
  CHECK(bench.locate(2) == "good");
  CHECK(bench.write(10) == "7/30/0C");
  CHECK(bench.drive.run(scsi::erase_6(true)) == "7/30/0C");
  CHECK(bench.locate(4) == "good");
  CHECK(bench.write(10) == "good");  // over the last of two filemarks
  CHECK(bench.filemarks(1) == "good");
  CHECK(bench.object_number() == 6);
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::format_medium({})) == "7/30/0C");
  CHECK(bench.drive.run(scsi::set_capacity(0xFFFF)) == "7/30/0C");
  CHECK(bench.drive.run(scsi::log_sense(0x2E, 0, 1024), {}, 1024) == "good");
  CHECK(scsi::set_tape_alert_flags(*scsi::decode_log_page(bench.drive.data(), 0x2E)) ==
        std::vector<std::uint8_t>{60});
}

TEST_CASE("W2: programmable early warning is told once, by the write that enters the zone") {
  LoadedDrive bench({4'000'000, 1'000'000});
  CHECK(select_extension(bench, 0, 1) == "good");
  CHECK(bench.write(1'500'000) == "good");
  CHECK_FALSE(bench.position().beyond_programmable_early_warning);
  CHECK(bench.write(600'000) == "0/00/07");
  CHECK(bench.drive.sense()->end_of_medium);
  CHECK(bench.drive.sense()->information == 0);
  CHECK(bench.position().beyond_programmable_early_warning);
  CHECK_FALSE(bench.position().end_of_partition);
  CHECK(bench.write(100'000) == "good");
  CHECK(bench.write(900'000) == "0/00/02");
  CHECK(bench.locate(1) == "good");
  CHECK_FALSE(bench.position().beyond_programmable_early_warning);
  CHECK(bench.write(600'000) == "0/00/07");  // entered again
}
