// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"
#include "scsi/cdb_builder.h"

/// Medium changer commands (SMC-3 6).
namespace tidemark::scsi {
namespace {

/// VOLTAG and ELEMENT TYPE CODE share a byte; type 0 means all.
std::uint8_t tags_and_type(bool volume_tags, const std::optional<ElementType>& type) {
  const auto code = type ? static_cast<std::uint8_t>(*type) & 0x0F : 0;
  return static_cast<std::uint8_t>(flag(volume_tags, 0x10) | code);
}

}  // namespace

Cdb initialize_element_status() {
  return make_cdb(operation::initialize_element_status, Direction::none,
                  "INITIALIZE ELEMENT STATUS");
}

Cdb initialize_element_status_with_range(const ElementStatusRange& range) {
  auto cdb = make_cdb(operation::initialize_element_status_with_range, Direction::none,
                      "INITIALIZE ELEMENT STATUS WITH RANGE");
  cdb.bytes[1] = flag(range.fast, 0x02) | flag(!range.all, 0x01);
  if (range.all) return cdb;
  store_be16(cdb.bytes, 2, range.first);
  store_be16(cdb.bytes, 6, range.count);
  return cdb;
}

Cdb read_element_status(ElementType type, std::uint16_t first, std::uint16_t count,
                        bool volume_tags, bool device_identifiers,
                        std::uint32_t allocation_length) {
  return read_element_status(ReadElementStatus{.type = type,
                                               .first = first,
                                               .count = count,
                                               .volume_tags = volume_tags,
                                               .device_identifiers = device_identifiers},
                             allocation_length);
}

Cdb read_element_status(const ReadElementStatus& wanted, std::uint32_t allocation_length) {
  auto cdb =
      make_cdb(operation::read_element_status, Direction::from_device, "READ ELEMENT STATUS");
  cdb.bytes[1] = tags_and_type(wanted.volume_tags, wanted.type);
  store_be16(cdb.bytes, 2, wanted.first);
  store_be16(cdb.bytes, 4, wanted.count);
  cdb.bytes[6] = flag(wanted.current_data, 0x02) | flag(wanted.device_identifiers, 0x01);
  store_be24(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb move_medium(std::uint16_t transport, std::uint16_t source, std::uint16_t destination) {
  return move_medium(
      MoveMedium{.transport = transport, .source = source, .destination = destination});
}

Cdb move_medium(const MoveMedium& wanted) {
  auto cdb = make_cdb(operation::move_medium, Direction::none, "MOVE MEDIUM");
  store_be16(cdb.bytes, 2, wanted.transport);
  store_be16(cdb.bytes, 4, wanted.source);
  store_be16(cdb.bytes, 6, wanted.destination);
  cdb.bytes[10] = flag(wanted.invert, 0x01);
  return cdb;
}

Cdb exchange_medium(const ExchangeMedium& wanted) {
  auto cdb = make_cdb(operation::exchange_medium, Direction::none, "EXCHANGE MEDIUM");
  store_be16(cdb.bytes, 2, wanted.transport);
  store_be16(cdb.bytes, 4, wanted.source);
  store_be16(cdb.bytes, 6, wanted.first_destination);
  store_be16(cdb.bytes, 8, wanted.second_destination);
  cdb.bytes[10] = flag(wanted.invert_first, 0x02) | flag(wanted.invert_second, 0x01);
  return cdb;
}

Cdb position_to_element(const PositionToElement& wanted) {
  auto cdb = make_cdb(operation::position_to_element, Direction::none, "POSITION TO ELEMENT");
  store_be16(cdb.bytes, 2, wanted.transport);
  store_be16(cdb.bytes, 4, wanted.destination);
  cdb.bytes[8] = flag(wanted.invert, 0x01);
  return cdb;
}

Cdb open_close_import_export_element(std::uint16_t element, bool open) {
  auto cdb = make_cdb(operation::open_close_import_export_element, Direction::none,
                      "OPEN/CLOSE IMPORT/EXPORT ELEMENT");
  store_be16(cdb.bytes, 2, element);
  cdb.bytes[4] = flag(!open, 0x01);
  return cdb;
}

Cdb request_volume_element_address(const RequestVolumeElementAddress& wanted,
                                   std::uint32_t allocation_length) {
  auto cdb = make_cdb(operation::request_volume_element_address, Direction::from_device,
                      "REQUEST VOLUME ELEMENT ADDRESS");
  cdb.bytes[1] = tags_and_type(wanted.volume_tags, wanted.type);
  store_be16(cdb.bytes, 2, wanted.first);
  store_be16(cdb.bytes, 4, wanted.count);
  store_be24(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb send_volume_tag(const SendVolumeTag& wanted, std::uint16_t list_length) {
  auto cdb = make_cdb(operation::send_volume_tag, to_device_if(list_length), "SEND VOLUME TAG");
  cdb.bytes[1] = tags_and_type(false, wanted.type);
  store_be16(cdb.bytes, 2, wanted.element);
  cdb.bytes[5] = static_cast<std::uint8_t>(wanted.action) & 0x1F;
  store_be16(cdb.bytes, 8, list_length);
  return cdb;
}

}  // namespace tidemark::scsi
