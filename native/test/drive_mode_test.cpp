// SPDX-License-Identifier: Apache-2.0
/// MODE SENSE and MODE SELECT of the simulated drive.
#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

#include "loaded_drive.h"
#include "scsi/tape_mode_page.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;
namespace code = scsi::mode_page;
namespace sub = scsi::mode_subpage;

namespace {

std::vector<std::pair<int, int>> pages_of(LoadedDrive& bench, std::uint8_t page,
                                          std::uint8_t subpage) {
  bench.mode_page(page, subpage);
  std::vector<std::pair<int, int>> codes;
  for (const auto& each : scsi::decode_mode_pages(bench.mode.pages)) {
    codes.emplace_back(each.code, each.subpage);
  }
  return codes;
}

}  // namespace

TEST_CASE("all pages, all subpages, and pages that are not there") {
  LoadedDrive bench;
  using Codes = std::vector<std::pair<int, int>>;
  CHECK(pages_of(bench, code::all, 0) == Codes{{0x0F, 0}, {0x10, 0}, {0x11, 0}, {0x1D, 0}});
  CHECK(pages_of(bench, code::all, sub::all) ==
        Codes{{0x0A, 0xF0}, {0x0F, 0}, {0x10, 0}, {0x10, 1}, {0x11, 0}, {0x1D, 0}});
  CHECK(pages_of(bench, code::device_configuration, sub::all) == Codes{{0x10, 0}, {0x10, 1}});
  CHECK(bench.drive.run(scsi::mode_sense_10({0x02, 0}, 255), {}, 255) == "5/24/00");
  CHECK(bench.drive.run(scsi::mode_sense_6(0x00, 255), {}, 255) == "good");
  CHECK(bench.drive.data().size() == 12);  // header and block descriptor alone
  CHECK(bench.drive.run(scsi::mode_sense_6({0x0F, 0, scsi::ModePageControl::saved}, 255), {},
                        255) == "5/39/00");
}

TEST_CASE("(6) and (10) tell the same, with and without the block descriptor") {
  LoadedDrive bench;
  CHECK(bench.drive.run(scsi::mode_sense_6(code::all, 255), {}, 255) == "good");
  const auto short_form = *scsi::decode_mode_parameters_6(bench.drive.data());
  bench.mode_page(code::all);
  CHECK(bench.mode == short_form);
  CHECK(bench.mode.block->density == 0x60);
  scsi::ModeSense wanted;
  wanted.page = code::all;
  wanted.disable_block_descriptors = true;
  CHECK(bench.drive.run(scsi::mode_sense_10(wanted, 255), {}, 255) == "good");
  CHECK_FALSE(scsi::decode_mode_parameters_10(bench.drive.data())->block);
}

TEST_CASE("what can be changed is told, changed, and nothing else") {
  LoadedDrive bench;
  const auto changeable = [&](std::uint8_t page, std::uint8_t subpage) {
    return bench.mode_page(page, subpage, scsi::ModePageControl::changeable);
  };
  CHECK(changeable(code::data_compression, 0)[2] == 0x80);
  CHECK(changeable(code::device_configuration, 0)[14] == 0xFF);
  CHECK(changeable(code::device_configuration, 0)[8] == 0);
  auto page = bench.mode_page(code::data_compression);
  page[2] = 0;  // neither DCE nor, what cannot be, DCC
  CHECK(bench.select_page(page) == "5/26/00");
  page[2] = 0x40;
  CHECK(bench.select_page(page) == "good");
  CHECK_FALSE(scsi::decode_data_compression(bench.mode_page(code::data_compression))->compress);
  CHECK(scsi::decode_device_configuration(bench.mode_page(code::device_configuration))
            ->select_compression == 0);
  CHECK(scsi::decode_data_compression(
            bench.mode_page(code::data_compression, 0, scsi::ModePageControl::default_values))
            ->compress);
  page = bench.mode_page(code::device_configuration);
  page[14] = 1;
  CHECK(bench.select_page(page) == "good");
  CHECK(scsi::decode_data_compression(bench.mode_page(code::data_compression))->compress);
}

TEST_CASE("MODE SELECT takes all of a list or nothing") {
  LoadedDrive bench;
  auto pages = bench.mode_page(code::data_compression);
  pages[2] = 0x40;
  const auto broken = std::vector<std::uint8_t>{0x1D, 0x02, 0x01, 0x00};
  pages.insert(pages.end(), broken.begin(), broken.end());
  CHECK(bench.select_page(pages) == "5/26/00");
  CHECK(scsi::decode_data_compression(bench.mode_page(code::data_compression))->compress);
  CHECK(bench.drive.run(scsi::mode_select_10(200), std::vector<std::uint8_t>(20)) == "5/1A/00");
  CHECK(bench.drive.run({0x15, 0x11, 0, 0, 4, 0}, {0, 0, 0, 0}) == "5/24/00");  // SP
  CHECK(bench.drive.run(scsi::mode_select_6(4), {1, 0, 0x10, 0}) == "5/26/00");
  CHECK(bench.drive.run(scsi::mode_select_6(4), {0, 0, 0x20, 0}) == "5/26/00");
  CHECK(bench.drive.run(scsi::mode_select_6(4), {0, 0, 0x00, 0}) == "good");
  CHECK(bench.write(10) == "good");  // unbuffered now: nothing is held back
  CHECK(bench.drive.run(scsi::read_position(scsi::PositionForm::short_form), {}, 20) == "good");
  CHECK(scsi::decode_short_position(bench.drive.data())->bytes_in_buffer == 0);
}

TEST_CASE("W8: a WORM medium says so") {
  test::LibraryShape shape;
  shape.worm_barcodes = {"LTO001L9"};
  LoadedDrive worm(shape);
  CHECK(scsi::decode_medium_configuration(worm.mode_page(code::medium_configuration))->worm);
  LoadedDrive other;
  CHECK_FALSE(scsi::decode_medium_configuration(other.mode_page(code::medium_configuration))->worm);
}
