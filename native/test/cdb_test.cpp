// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark;
using namespace tidemark::scsi;

namespace {

std::vector<std::uint8_t> bytes_of(const Cdb& cdb) {
  const auto view = cdb.view();
  return {view.begin(), view.end()};
}

using Raw = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("common commands") {
  CHECK(bytes_of(test_unit_ready()) == Raw{0x00, 0, 0, 0, 0, 0});
  CHECK(bytes_of(request_sense(true, 252)) == Raw{0x03, 1, 0, 0, 252, 0});
  CHECK(bytes_of(inquiry(0x0160)) == Raw{0x12, 0, 0, 0x01, 0x60, 0});
  CHECK(bytes_of(inquiry_page(0x80, 252)) == Raw{0x12, 1, 0x80, 0, 252, 0});
  CHECK(bytes_of(mode_sense_6(0x1D, 255)) == Raw{0x1A, 0, 0x1D, 0, 255, 0});
  CHECK(bytes_of(mode_select_6(12)) == Raw{0x15, 0x10, 0, 0, 12, 0});
  CHECK(bytes_of(log_sense(0x17, 0x0203, 0x4000)) ==
        Raw{0x4D, 0, 0x57, 0, 0, 0x02, 0x03, 0x40, 0x00, 0});
  CHECK(bytes_of(prevent_allow_medium_removal(true)) == Raw{0x1E, 0, 0, 0, 1, 0});
  CHECK(bytes_of(read_attribute(0x0401, 0x1000)) ==
        Raw{0x8C, 0, 0, 0, 0, 0, 0, 0, 0x04, 0x01, 0, 0, 0x10, 0, 0, 0});
}

TEST_CASE("tape commands") {
  CHECK(bytes_of(read_block_limits()) == Raw{0x05, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_6(0x080000)) == Raw{0x08, 0, 0x08, 0, 0, 0});
  CHECK(bytes_of(write_6(0x123456)) == Raw{0x0A, 0, 0x12, 0x34, 0x56, 0});
  CHECK(bytes_of(write_filemarks_6(1, true)) == Raw{0x10, 1, 0, 0, 1, 0});
  CHECK(bytes_of(write_filemarks_6(0, false)) == Raw{0x10, 0, 0, 0, 0, 0});
  CHECK(bytes_of(space_6(SpaceCode::filemarks, -1)) == Raw{0x11, 1, 0xFF, 0xFF, 0xFF, 0});
  CHECK(bytes_of(space_6(SpaceCode::end_of_data, 0)) == Raw{0x11, 3, 0, 0, 0, 0});
  CHECK(bytes_of(rewind()) == Raw{0x01, 0, 0, 0, 0, 0});
  CHECK(bytes_of(locate_10(0x01020304)) == Raw{0x2B, 0, 0, 1, 2, 3, 4, 0, 0, 0});
  CHECK(bytes_of(locate_16(0x0102030405060708)) ==
        Raw{0x92, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0});
  CHECK(bytes_of(load_unload(false)) == Raw{0x1B, 0, 0, 0, 0, 0});
  CHECK(bytes_of(load_unload(true)) == Raw{0x1B, 0, 0, 0, 1, 0});
  CHECK(bytes_of(allow_overwrite(7)) == Raw{0x82, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0});
}

TEST_CASE("only the extended form of READ POSITION has an allocation length") {
  CHECK(bytes_of(read_position(PositionForm::short_form)) == Raw{0x34, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_position(PositionForm::long_form)) == Raw{0x34, 6, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_position(PositionForm::extended_form)) ==
        Raw{0x34, 8, 0, 0, 0, 0, 0, 0, 32, 0});
}

TEST_CASE("changer commands") {
  CHECK(bytes_of(initialize_element_status()) == Raw{0x07, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_element_status(ElementType::storage, 0x1000, 24, true, false, 0xFFFF)) ==
        Raw{0xB8, 0x12, 0x10, 0, 0, 24, 0, 0, 0xFF, 0xFF, 0, 0});
  CHECK(bytes_of(read_element_status(ElementType::data_transfer, 256, 2, false, true, 0xFFFF)) ==
        Raw{0xB8, 0x04, 0x01, 0, 0, 2, 1, 0, 0xFF, 0xFF, 0, 0});
  CHECK(bytes_of(move_medium(0, 0x1001, 0x0100)) ==
        Raw{0xA5, 0, 0, 0, 0x10, 0x01, 0x01, 0x00, 0, 0, 0, 0});
}

TEST_CASE("the direction belongs to the command") {
  CHECK(test_unit_ready().direction == Direction::none);
  CHECK(read_6(1).direction == Direction::from_device);
  CHECK(write_6(1).direction == Direction::to_device);
  CHECK(mode_select_6(12).direction == Direction::to_device);
  CHECK(write_filemarks_6(1, false).direction == Direction::none);
}
