// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"

#include <doctest/doctest.h>

#include <string>
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

TEST_CASE("mode commands") {
  const ModeSense extension{.page = 0x10,
                            .subpage = 0x01,
                            .control = ModePageControl::changeable,
                            .disable_block_descriptors = true,
                            .long_block_descriptor_accepted = true};
  CHECK(bytes_of(mode_sense_6(extension, 252)) == Raw{0x1A, 0x08, 0x50, 0x01, 252, 0});
  CHECK(bytes_of(mode_sense_10(extension, 0x0400)) ==
        Raw{0x5A, 0x18, 0x50, 0x01, 0, 0, 0, 0x04, 0x00, 0});
  CHECK(bytes_of(mode_select_6(12, true)) == Raw{0x15, 0x11, 0, 0, 12, 0});
  CHECK(bytes_of(mode_select_10(0x0102, true)) == Raw{0x55, 0x11, 0, 0, 0, 0, 0, 0x01, 0x02, 0});
  CHECK(bytes_of(mode_select_10(8)) == Raw{0x55, 0x10, 0, 0, 0, 0, 0, 0, 8, 0});
}

TEST_CASE("log commands") {
  CHECK(bytes_of(log_sense(LogSense{.page = 0x3F, .subpage = 0xFF, .save = true}, 512)) ==
        Raw{0x4D, 0x01, 0x7F, 0xFF, 0, 0, 0, 0x02, 0x00, 0});
  CHECK(bytes_of(log_sense(
            LogSense{.page = 0x02, .control = LogPageControl::threshold, .first_parameter = 0x8000},
            4)) == Raw{0x4D, 0, 0x02, 0, 0, 0x80, 0x00, 0, 4, 0});
  const auto reset = log_select(LogSelect{.page = 0x17, .reset = true}, 0);
  CHECK(bytes_of(reset) == Raw{0x4C, 0x02, 0x57, 0, 0, 0, 0, 0, 0, 0});
  CHECK(reset.direction == Direction::none);
  const auto select = log_select(LogSelect{.save = true}, 0x0102);
  CHECK(bytes_of(select) == Raw{0x4C, 0x01, 0x40, 0, 0, 0, 0, 0x01, 0x02, 0});
  CHECK(select.direction == Direction::to_device);
}

TEST_CASE("reservation commands") {
  CHECK(bytes_of(persistent_reserve_in(ReserveInAction::read_full_status, 0x1000)) ==
        Raw{0x5E, 3, 0, 0, 0, 0, 0, 0x10, 0x00, 0});
  const auto reserve = persistent_reserve_out(
      ReserveOutAction::reserve, ReservationType::exclusive_access_registrants_only, 24);
  CHECK(bytes_of(reserve) == Raw{0x5F, 1, 0x06, 0, 0, 0, 0, 0, 24, 0});
  CHECK(reserve.direction == Direction::to_device);
  CHECK(bytes_of(reserve_6()) == Raw{0x16, 0, 0, 0, 0, 0});
  CHECK(bytes_of(release_6()) == Raw{0x17, 0, 0, 0, 0, 0});
}

TEST_CASE("commands about a device and its cartridge memory") {
  CHECK(bytes_of(report_luns(LunsWanted::all, 0x01020304)) ==
        Raw{0xA0, 0, 2, 0, 0, 0, 1, 2, 3, 4, 0, 0});
  CHECK(bytes_of(report_supported_operation_codes({.timeouts = true}, 0x4000)) ==
        Raw{0xA3, 0x0C, 0x80, 0, 0, 0, 0, 0, 0x40, 0x00, 0, 0});
  CHECK(bytes_of(report_supported_operation_codes({.option = OperationCodesQuery::Option::any,
                                                   .operation_code = 0xA3,
                                                   .service_action = 0x1D},
                                                  64)) ==
        Raw{0xA3, 0x0C, 0x03, 0xA3, 0x00, 0x1D, 0, 0, 0, 64, 0, 0});
  CHECK(bytes_of(read_attribute(ReadAttribute{.action = ReadAttributeAction::supported,
                                              .volume = 1,
                                              .partition = 2,
                                              .first_attribute = 0x0800,
                                              .cache = true},
                                0x01020304)) ==
        Raw{0x8C, 0x05, 0, 0, 0, 1, 0, 2, 0x08, 0x00, 1, 2, 3, 4, 0x01, 0});
  const auto write = write_attribute({.partition = 1}, 0x50);
  CHECK(bytes_of(write) == Raw{0x8D, 0x01, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0x50, 0, 0});
  CHECK(write.direction == Direction::to_device);
  CHECK(bytes_of(security_protocol_in(tape_data_encryption_protocol, 0x0021, 0x1234)) ==
        Raw{0xA2, 0x20, 0x00, 0x21, 0, 0, 0, 0, 0x12, 0x34, 0, 0});
  const auto key = security_protocol_out(tape_data_encryption_protocol, 0x0010, 52);
  CHECK(bytes_of(key) == Raw{0xB5, 0x20, 0x00, 0x10, 0, 0, 0, 0, 0, 52, 0, 0});
  CHECK(key.direction == Direction::to_device);
  CHECK(bytes_of(send_diagnostic(SelfTest::default_test)) == Raw{0x1D, 0x04, 0, 0, 0, 0});
  CHECK(bytes_of(send_diagnostic(SelfTest::foreground_extended)) == Raw{0x1D, 0xC0, 0, 0, 0, 0});
}

TEST_CASE("transfers of fixed blocks, and what is verified or written beside data") {
  CHECK(bytes_of(read_6(BlockTransfer{.length = 16, .fixed = true})) ==
        Raw{0x08, 0x01, 0, 0, 16, 0});
  CHECK(bytes_of(read_6(BlockTransfer{.length = 16, .suppress_incorrect_length = true})) ==
        Raw{0x08, 0x02, 0, 0, 16, 0});
  CHECK(bytes_of(write_6(BlockTransfer{.length = 0x010203, .fixed = true})) ==
        Raw{0x0A, 0x01, 1, 2, 3, 0});
  CHECK(bytes_of(verify_6(Verify{.length = 0x010203, .fixed = true, .immediate = true})) ==
        Raw{0x13, 0x05, 1, 2, 3, 0});
  CHECK(bytes_of(write_filemarks_16({.count = 2,
                                     .immediate = true,
                                     .partition = 1,
                                     .object_number = 0x0102030405060708,
                                     .first_of_sequence = true,
                                     .last_of_sequence = true})) ==
        Raw{0x80, 0x0D, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 2, 0});
}

TEST_CASE("positioning with partitions and in 64 bits") {
  CHECK(bytes_of(space_6(SpaceCode::sequential_filemarks, 2)) == Raw{0x11, 2, 0, 0, 2, 0});
  CHECK(bytes_of(space_16(SpaceCode::blocks, -2)) ==
        Raw{0x91, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFE, 0, 0, 0, 0});
  CHECK(bytes_of(rewind(true)) == Raw{0x01, 1, 0, 0, 0, 0});
  CHECK(bytes_of(locate_10({.object_number = 0x01020304,
                            .partition = 1,
                            .immediate = true,
                            .device_specific = true})) == Raw{0x2B, 0x07, 0, 1, 2, 3, 4, 0, 1, 0});
  CHECK(bytes_of(locate_16({.destination = LocateDestination::file,
                            .target = 5,
                            .partition = 0,
                            .explicit_addresses = true,
                            .immediate = true})) ==
        Raw{0x92, 0x0B, 1, 0, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0});
  CHECK(bytes_of(locate_16({.destination = LocateDestination::end_of_data})) ==
        Raw{0x92, 0x18, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_block_limits(true)) == Raw{0x05, 1, 0, 0, 0, 0});
}

TEST_CASE("commands that load, erase and format") {
  CHECK(bytes_of(load_unload({.load = false,
                              .retension = true,
                              .end_of_tape = true,
                              .hold = true,
                              .immediate = true})) == Raw{0x1B, 1, 0, 0, 0x0E, 0});
  CHECK(bytes_of(erase_6(true, true)) == Raw{0x19, 0x03, 0, 0, 0, 0});
  CHECK(bytes_of(erase_6(false)) == Raw{0x19, 0x00, 0, 0, 0, 0});
  CHECK(bytes_of(format_medium({.layout = FormatMedium::Layout::by_medium_partition_page,
                                .verify = true,
                                .immediate = true})) == Raw{0x04, 0x03, 1, 0, 0, 0});
  CHECK(bytes_of(set_capacity(0x8000, true)) == Raw{0x0B, 1, 0, 0x80, 0x00, 0});
  CHECK(bytes_of(allow_overwrite(
            {.mode = AllowOverwrite::Mode::format, .partition = 1, .object_number = 2})) ==
        Raw{0x82, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0});
  CHECK(bytes_of(report_density_support({.current_medium = true, .medium_types = true}, 0x0102)) ==
        Raw{0x44, 0x03, 0, 0, 0, 0, 0, 0x01, 0x02, 0});
}

TEST_CASE("recommended access order") {
  const auto generate = generate_recommended_access_order(AccessOrderProcess::reorder, 0x48);
  CHECK(bytes_of(generate) == Raw{0xA4, 0x1D, 0x02, 0, 0, 0, 0, 0, 0, 0x48, 0, 0});
  CHECK(generate.direction == Direction::to_device);
  CHECK(bytes_of(receive_recommended_access_order({.limits = true}, 4)) ==
        Raw{0xA3, 0x9D, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0});
  CHECK(bytes_of(receive_recommended_access_order({.offset = 0x01020304}, 0x48)) ==
        Raw{0xA3, 0x1D, 1, 2, 3, 4, 0, 0, 0, 0x48, 0, 0});
}

TEST_CASE("changer commands with all their fields") {
  CHECK(
      bytes_of(initialize_element_status_with_range({.first = 0x1001, .count = 2, .fast = true})) ==
      Raw{0x37, 0x03, 0x10, 0x01, 0, 0, 0, 2, 0, 0});
  CHECK(bytes_of(initialize_element_status_with_range({.first = 1, .count = 2, .all = true})) ==
        Raw{0x37, 0x00, 0, 0, 0, 0, 0, 0, 0, 0});
  CHECK(bytes_of(read_element_status(
            {.first = 1, .count = 2, .volume_tags = true, .current_data = true}, 0x010203)) ==
        Raw{0xB8, 0x10, 0, 1, 0, 2, 0x02, 1, 2, 3, 0, 0});
  CHECK(bytes_of(move_medium({.transport = 1, .source = 2, .destination = 3, .invert = true})) ==
        Raw{0xA5, 0, 0, 1, 0, 2, 0, 3, 0, 0, 1, 0});
  CHECK(bytes_of(exchange_medium({.transport = 1,
                                  .source = 2,
                                  .first_destination = 3,
                                  .second_destination = 4,
                                  .invert_first = true,
                                  .invert_second = true})) ==
        Raw{0xA6, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0x03, 0});
  CHECK(bytes_of(position_to_element({.transport = 1, .destination = 2, .invert = true})) ==
        Raw{0x2B, 0, 0, 1, 0, 2, 0, 0, 1, 0});
  CHECK(bytes_of(open_close_import_export_element(0x0300, true)) == Raw{0x1B, 0, 3, 0, 0, 0});
  CHECK(bytes_of(open_close_import_export_element(0x0300, false)) == Raw{0x1B, 0, 3, 0, 1, 0});
  CHECK(bytes_of(request_volume_element_address(
            {.type = ElementType::storage, .first = 1, .count = 2, .volume_tags = true},
            0x010203)) == Raw{0xB5, 0x12, 0, 1, 0, 2, 0, 1, 2, 3, 0, 0});
  const auto tag =
      send_volume_tag({.element = 0x1001, .action = VolumeTagAction::undefine_primary}, 0);
  CHECK(bytes_of(tag) == Raw{0xB6, 0, 0x10, 0x01, 0, 0x0C, 0, 0, 0, 0, 0, 0});
  CHECK(tag.direction == Direction::none);
  CHECK(send_volume_tag({}, 40).direction == Direction::to_device);
}

TEST_CASE("commands that came as bytes have the names of those that are made here") {
  const Cdb tape[] = {test_unit_ready(),
                      rewind(),
                      load_unload(true),
                      load_unload(false),
                      locate_10(1),
                      space_16(SpaceCode::blocks, 1),
                      security_protocol_out(0x20, 0x10, 4),
                      report_supported_operation_codes({}, 4),
                      receive_recommended_access_order({}, 4),
                      generate_recommended_access_order(AccessOrderProcess::reorder, 4)};
  for (const auto& cdb : tape) CHECK(std::string(command_name(cdb.view(), false)) == cdb.name);
  const Cdb changer[] = {test_unit_ready(),
                         open_close_import_export_element(1, true),
                         position_to_element({}),
                         request_volume_element_address({}, 8),
                         report_supported_operation_codes({}, 4),
                         exchange_medium({})};
  for (const auto& cdb : changer) CHECK(std::string(command_name(cdb.view(), true)) == cdb.name);
  CHECK(std::string(command_name(Raw{0xC0}, false)).empty());
  CHECK(std::string(command_name(Raw{0xA3, 0x05}, false)).empty());
  CHECK(std::string(command_name(Raw{0xA4, 0x05}, false)).empty());
  CHECK(std::string(command_name(Raw{}, false)).empty());
}

TEST_CASE("the group of an operation code tells the length of its CDB") {
  CHECK(cdb_length(0x1F) == 6);
  CHECK(cdb_length(0x20) == 10);
  CHECK(cdb_length(0x5F) == 10);
  CHECK(cdb_length(0x7F) == 0);
  CHECK(cdb_length(0x80) == 16);
  CHECK(cdb_length(0xA0) == 12);
  CHECK(cdb_length(0xC0) == 0);
}
