// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"

namespace tidemark::scsi {
namespace {

Cdb make(std::uint8_t operation_code, std::uint8_t length, Direction direction, const char* name) {
  Cdb cdb;
  cdb.bytes[0] = operation_code;
  cdb.length = length;
  cdb.direction = direction;
  cdb.name = name;
  return cdb;
}

}  // namespace

Cdb test_unit_ready() {
  return make(operation::test_unit_ready, 6, Direction::none, "TEST UNIT READY");
}

Cdb request_sense(bool descriptor_format, std::uint8_t allocation_length) {
  auto cdb = make(operation::request_sense, 6, Direction::from_device, "REQUEST SENSE");
  cdb.bytes[1] = descriptor_format ? 1 : 0;
  cdb.bytes[4] = allocation_length;
  return cdb;
}

Cdb inquiry(std::uint16_t allocation_length) {
  auto cdb = make(operation::inquiry, 6, Direction::from_device, "INQUIRY");
  store_be16(cdb.bytes, 3, allocation_length);
  return cdb;
}

Cdb inquiry_page(std::uint8_t page, std::uint16_t allocation_length) {
  auto cdb = inquiry(allocation_length);
  cdb.bytes[1] = 0x01;  // EVPD
  cdb.bytes[2] = page;
  return cdb;
}

Cdb mode_sense_6(std::uint8_t page, std::uint8_t allocation_length) {
  auto cdb = make(operation::mode_sense_6, 6, Direction::from_device, "MODE SENSE(6)");
  cdb.bytes[2] = page & 0x3F;  // PC 0: current values
  cdb.bytes[4] = allocation_length;
  return cdb;
}

Cdb mode_select_6(std::uint8_t list_length) {
  auto cdb = make(operation::mode_select_6, 6, Direction::to_device, "MODE SELECT(6)");
  cdb.bytes[1] = 0x10;  // PF
  cdb.bytes[4] = list_length;
  return cdb;
}

Cdb log_sense(std::uint8_t page, std::uint16_t first_parameter, std::uint16_t allocation_length) {
  auto cdb = make(operation::log_sense, 10, Direction::from_device, "LOG SENSE");
  cdb.bytes[2] = static_cast<std::uint8_t>(0x40 | (page & 0x3F));  // PC 1: cumulative values
  store_be16(cdb.bytes, 5, first_parameter);
  store_be16(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb prevent_allow_medium_removal(bool prevent) {
  auto cdb = make(operation::prevent_allow_medium_removal, 6, Direction::none,
                  "PREVENT ALLOW MEDIUM REMOVAL");
  cdb.bytes[4] = prevent ? 1 : 0;
  return cdb;
}

Cdb read_attribute(std::uint16_t first_attribute, std::uint32_t allocation_length) {
  auto cdb = make(operation::read_attribute, 16, Direction::from_device, "READ ATTRIBUTE");
  store_be16(cdb.bytes, 8, first_attribute);  // service action 0: values
  store_be32(cdb.bytes, 10, allocation_length);
  return cdb;
}

Cdb read_block_limits() {
  return make(operation::read_block_limits, 6, Direction::from_device, "READ BLOCK LIMITS");
}

Cdb read_6(std::uint32_t bytes) {
  auto cdb = make(operation::read_6, 6, Direction::from_device, "READ(6)");
  store_be24(cdb.bytes, 2, bytes);  // FIXED 0, SILI 0: a shorter block must be told
  return cdb;
}

Cdb write_6(std::uint32_t bytes) {
  auto cdb = make(operation::write_6, 6, Direction::to_device, "WRITE(6)");
  store_be24(cdb.bytes, 2, bytes);
  return cdb;
}

Cdb write_filemarks_6(std::uint32_t count, bool immediate) {
  auto cdb = make(operation::write_filemarks_6, 6, Direction::none, "WRITE FILEMARKS(6)");
  cdb.bytes[1] = immediate ? 1 : 0;
  store_be24(cdb.bytes, 2, count);
  return cdb;
}

Cdb space_6(SpaceCode code, std::int32_t count) {
  auto cdb = make(operation::space_6, 6, Direction::none, "SPACE(6)");
  cdb.bytes[1] = static_cast<std::uint8_t>(code);
  store_be24(cdb.bytes, 2, static_cast<std::uint32_t>(count) & 0xFFFFFF);
  return cdb;
}

Cdb rewind() { return make(operation::rewind, 6, Direction::none, "REWIND"); }

Cdb locate_10(std::uint32_t object_number) {
  auto cdb = make(operation::locate_10, 10, Direction::none, "LOCATE(10)");
  store_be32(cdb.bytes, 3, object_number);
  return cdb;
}

Cdb locate_16(std::uint64_t object_number) {
  auto cdb = make(operation::locate_16, 16, Direction::none, "LOCATE(16)");
  store_be64(cdb.bytes, 4, object_number);  // DEST_TYPE 0: logical object
  return cdb;
}

Cdb read_position(PositionForm form) {
  auto cdb = make(operation::read_position, 10, Direction::from_device, "READ POSITION");
  cdb.bytes[1] = static_cast<std::uint8_t>(form);
  // SSC-5 7.7.1: only the extended form has an allocation length, it is zero in the others.
  if (form == PositionForm::extended_form) store_be16(cdb.bytes, 7, 32);
  return cdb;
}

Cdb load_unload(bool load) {
  auto cdb = make(operation::load_unload, 6, Direction::none, load ? "LOAD" : "UNLOAD");
  cdb.bytes[4] = load ? 1 : 0;
  return cdb;
}

Cdb allow_overwrite(std::uint64_t object_number) {
  auto cdb = make(operation::allow_overwrite, 16, Direction::none, "ALLOW OVERWRITE");
  cdb.bytes[2] = 1;  // one write sequence, from the current position
  store_be64(cdb.bytes, 4, object_number);
  return cdb;
}

Cdb initialize_element_status() {
  return make(operation::initialize_element_status, 6, Direction::none,
              "INITIALIZE ELEMENT STATUS");
}

Cdb read_element_status(ElementType type, std::uint16_t first, std::uint16_t count,
                        bool volume_tags, bool device_identifiers,
                        std::uint32_t allocation_length) {
  auto cdb =
      make(operation::read_element_status, 12, Direction::from_device, "READ ELEMENT STATUS");
  cdb.bytes[1] =
      static_cast<std::uint8_t>((volume_tags ? 0x10 : 0) | static_cast<std::uint8_t>(type));
  store_be16(cdb.bytes, 2, first);
  store_be16(cdb.bytes, 4, count);
  cdb.bytes[6] = device_identifiers ? 0x01 : 0;
  store_be24(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb move_medium(std::uint16_t transport, std::uint16_t source, std::uint16_t destination) {
  auto cdb = make(operation::move_medium, 12, Direction::none, "MOVE MEDIUM");
  store_be16(cdb.bytes, 2, transport);
  store_be16(cdb.bytes, 4, source);
  store_be16(cdb.bytes, 6, destination);
  return cdb;
}

}  // namespace tidemark::scsi
