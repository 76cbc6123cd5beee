// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"

#include "scsi/cdb_builder.h"

/// Primary commands (SPC-5 6).
namespace tidemark::scsi {

Cdb test_unit_ready() {
  return make_cdb(operation::test_unit_ready, Direction::none, "TEST UNIT READY");
}

Cdb request_sense(bool descriptor_format, std::uint8_t allocation_length) {
  auto cdb = make_cdb(operation::request_sense, Direction::from_device, "REQUEST SENSE");
  cdb.bytes[1] = descriptor_format ? 1 : 0;
  cdb.bytes[4] = allocation_length;
  return cdb;
}

Cdb inquiry(std::uint16_t allocation_length) {
  auto cdb = make_cdb(operation::inquiry, Direction::from_device, "INQUIRY");
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
  return mode_sense_6(ModeSense{.page = page}, allocation_length);
}

Cdb mode_sense_6(const ModeSense& wanted, std::uint8_t allocation_length) {
  auto cdb = make_cdb(operation::mode_sense_6, Direction::from_device, "MODE SENSE(6)");
  cdb.bytes[1] = flag(wanted.disable_block_descriptors, 0x08);
  cdb.bytes[2] = page_and_control(wanted.page, static_cast<std::uint8_t>(wanted.control));
  cdb.bytes[3] = wanted.subpage;
  cdb.bytes[4] = allocation_length;
  return cdb;
}

Cdb mode_sense_10(const ModeSense& wanted, std::uint16_t allocation_length) {
  auto cdb = make_cdb(operation::mode_sense_10, Direction::from_device, "MODE SENSE(10)");
  cdb.bytes[1] = flag(wanted.disable_block_descriptors, 0x08) |
                 flag(wanted.long_block_descriptor_accepted, 0x10);
  cdb.bytes[2] = page_and_control(wanted.page, static_cast<std::uint8_t>(wanted.control));
  cdb.bytes[3] = wanted.subpage;
  store_be16(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb mode_select_6(std::uint8_t list_length, bool save) {
  auto cdb = make_cdb(operation::mode_select_6, Direction::to_device, "MODE SELECT(6)");
  cdb.bytes[1] = 0x10 | flag(save, 0x01);  // PF
  cdb.bytes[4] = list_length;
  return cdb;
}

Cdb mode_select_10(std::uint16_t list_length, bool save) {
  auto cdb = make_cdb(operation::mode_select_10, Direction::to_device, "MODE SELECT(10)");
  cdb.bytes[1] = 0x10 | flag(save, 0x01);  // PF
  store_be16(cdb.bytes, 7, list_length);
  return cdb;
}

Cdb log_sense(std::uint8_t page, std::uint16_t first_parameter, std::uint16_t allocation_length) {
  return log_sense(LogSense{.page = page, .first_parameter = first_parameter}, allocation_length);
}

Cdb log_sense(const LogSense& wanted, std::uint16_t allocation_length) {
  auto cdb = make_cdb(operation::log_sense, Direction::from_device, "LOG SENSE");
  cdb.bytes[1] = flag(wanted.save, 0x01);
  cdb.bytes[2] = page_and_control(wanted.page, static_cast<std::uint8_t>(wanted.control));
  cdb.bytes[3] = wanted.subpage;
  store_be16(cdb.bytes, 5, wanted.first_parameter);
  store_be16(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb log_select(const LogSelect& wanted, std::uint16_t list_length) {
  auto cdb = make_cdb(operation::log_select, to_device_if(list_length), "LOG SELECT");
  cdb.bytes[1] = flag(wanted.reset, 0x02) | flag(wanted.save, 0x01);
  cdb.bytes[2] = page_and_control(wanted.page, static_cast<std::uint8_t>(wanted.control));
  cdb.bytes[3] = wanted.subpage;
  store_be16(cdb.bytes, 7, list_length);
  return cdb;
}

Cdb prevent_allow_medium_removal(bool prevent) {
  auto cdb = make_cdb(operation::prevent_allow_medium_removal, Direction::none,
                      "PREVENT ALLOW MEDIUM REMOVAL");
  cdb.bytes[4] = flag(prevent, 0x01);
  return cdb;
}

Cdb persistent_reserve_in(ReserveInAction action, std::uint16_t allocation_length) {
  auto cdb =
      make_cdb(operation::persistent_reserve_in, Direction::from_device, "PERSISTENT RESERVE IN");
  cdb.bytes[1] = static_cast<std::uint8_t>(action) & 0x1F;
  store_be16(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb persistent_reserve_out(ReserveOutAction action, ReservationType type,
                           std::uint32_t list_length) {
  auto cdb =
      make_cdb(operation::persistent_reserve_out, Direction::to_device, "PERSISTENT RESERVE OUT");
  cdb.bytes[1] = static_cast<std::uint8_t>(action) & 0x1F;
  cdb.bytes[2] = static_cast<std::uint8_t>(type) & 0x0F;  // SCOPE 0: the logical unit
  store_be32(cdb.bytes, 5, list_length);
  return cdb;
}

Cdb reserve_6() { return make_cdb(operation::reserve_6, Direction::none, "RESERVE(6)"); }

Cdb release_6() { return make_cdb(operation::release_6, Direction::none, "RELEASE(6)"); }

Cdb report_luns(LunsWanted wanted, std::uint32_t allocation_length) {
  auto cdb = make_cdb(operation::report_luns, Direction::from_device, "REPORT LUNS");
  cdb.bytes[2] = static_cast<std::uint8_t>(wanted);
  store_be32(cdb.bytes, 6, allocation_length);
  return cdb;
}

Cdb report_supported_operation_codes(const OperationCodesQuery& query,
                                     std::uint32_t allocation_length) {
  auto cdb = make_cdb(operation::maintenance_in, Direction::from_device,
                      "REPORT SUPPORTED OPERATION CODES");
  cdb.bytes[1] = service_action::report_supported_operation_codes;
  cdb.bytes[2] = static_cast<std::uint8_t>(flag(query.timeouts, 0x80) |
                                           (static_cast<std::uint8_t>(query.option) & 0x07));
  cdb.bytes[3] = query.operation_code;
  store_be16(cdb.bytes, 4, query.service_action);
  store_be32(cdb.bytes, 6, allocation_length);
  return cdb;
}

Cdb read_attribute(std::uint16_t first_attribute, std::uint32_t allocation_length) {
  return read_attribute(ReadAttribute{.first_attribute = first_attribute}, allocation_length);
}

Cdb read_attribute(const ReadAttribute& wanted, std::uint32_t allocation_length) {
  auto cdb = make_cdb(operation::read_attribute, Direction::from_device, "READ ATTRIBUTE");
  cdb.bytes[1] = static_cast<std::uint8_t>(wanted.action) & 0x1F;
  cdb.bytes[5] = wanted.volume;
  cdb.bytes[7] = wanted.partition;
  store_be16(cdb.bytes, 8, wanted.first_attribute);
  store_be32(cdb.bytes, 10, allocation_length);
  cdb.bytes[14] = flag(wanted.cache, 0x01);
  return cdb;
}

Cdb write_attribute(const WriteAttribute& wanted, std::uint32_t list_length) {
  auto cdb = make_cdb(operation::write_attribute, Direction::to_device, "WRITE ATTRIBUTE");
  cdb.bytes[1] = flag(wanted.write_through, 0x01);
  cdb.bytes[5] = wanted.volume;
  cdb.bytes[7] = wanted.partition;
  store_be32(cdb.bytes, 10, list_length);
  return cdb;
}

Cdb security_protocol_in(std::uint8_t protocol, std::uint16_t page,
                         std::uint32_t allocation_length) {
  auto cdb =
      make_cdb(operation::security_protocol_in, Direction::from_device, "SECURITY PROTOCOL IN");
  cdb.bytes[1] = protocol;
  store_be16(cdb.bytes, 2, page);
  store_be32(cdb.bytes, 6, allocation_length);
  return cdb;
}

Cdb security_protocol_out(std::uint8_t protocol, std::uint16_t page,
                          std::uint32_t transfer_length) {
  auto cdb =
      make_cdb(operation::security_protocol_out, Direction::to_device, "SECURITY PROTOCOL OUT");
  cdb.bytes[1] = protocol;
  store_be16(cdb.bytes, 2, page);
  store_be32(cdb.bytes, 6, transfer_length);
  return cdb;
}

Cdb send_diagnostic(SelfTest test) {
  auto cdb = make_cdb(operation::send_diagnostic, Direction::none, "SEND DIAGNOSTIC");
  // SELFTEST and SELF-TEST CODE exclude each other (SPC-5 6.42).
  cdb.bytes[1] = test == SelfTest::default_test
                     ? std::uint8_t{0x04}
                     : static_cast<std::uint8_t>(static_cast<std::uint8_t>(test) << 5);
  return cdb;
}

}  // namespace tidemark::scsi
