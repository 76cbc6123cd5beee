// SPDX-License-Identifier: Apache-2.0
#include "scsi/cdb.h"
#include "scsi/cdb_builder.h"

/// Stream commands (SSC-5 5 to 7).
namespace tidemark::scsi {

Cdb read_6(std::uint32_t bytes) {
  // FIXED 0, SILI 0: a shorter block must be told.
  return read_6(BlockTransfer{.length = bytes});
}

Cdb read_6(const BlockTransfer& transfer) {
  auto cdb = make_cdb(operation::read_6, Direction::from_device, "READ(6)");
  cdb.bytes[1] = flag(transfer.suppress_incorrect_length, 0x02) | flag(transfer.fixed, 0x01);
  store_be24(cdb.bytes, 2, transfer.length);
  return cdb;
}

Cdb write_6(std::uint32_t bytes) { return write_6(BlockTransfer{.length = bytes}); }

Cdb write_6(const BlockTransfer& transfer) {
  auto cdb = make_cdb(operation::write_6, Direction::to_device, "WRITE(6)");
  cdb.bytes[1] = flag(transfer.fixed, 0x01);
  store_be24(cdb.bytes, 2, transfer.length);
  return cdb;
}

Cdb verify_6(const Verify& wanted) {
  auto cdb = make_cdb(operation::verify_6, Direction::none, "VERIFY(6)");
  cdb.bytes[1] = flag(wanted.immediate, 0x04) | flag(wanted.fixed, 0x01);
  store_be24(cdb.bytes, 2, wanted.length);
  return cdb;
}

Cdb write_filemarks_6(std::uint32_t count, bool immediate) {
  auto cdb = make_cdb(operation::write_filemarks_6, Direction::none, "WRITE FILEMARKS(6)");
  cdb.bytes[1] = flag(immediate, 0x01);
  store_be24(cdb.bytes, 2, count);
  return cdb;
}

Cdb write_filemarks_16(const WriteFilemarks16& wanted) {
  auto cdb = make_cdb(operation::write_filemarks_16, Direction::none, "WRITE FILEMARKS(16)");
  cdb.bytes[1] = flag(wanted.first_of_sequence, 0x08) | flag(wanted.last_of_sequence, 0x04) |
                 flag(wanted.immediate, 0x01);
  cdb.bytes[3] = wanted.partition;
  store_be64(cdb.bytes, 4, wanted.object_number);
  store_be24(cdb.bytes, 12, wanted.count);
  return cdb;
}

Cdb space_6(SpaceCode code, std::int32_t count) {
  auto cdb = make_cdb(operation::space_6, Direction::none, "SPACE(6)");
  cdb.bytes[1] = static_cast<std::uint8_t>(code) & 0x0F;
  store_be24(cdb.bytes, 2, static_cast<std::uint32_t>(count));
  return cdb;
}

Cdb space_16(SpaceCode code, std::int64_t count) {
  auto cdb = make_cdb(operation::space_16, Direction::none, "SPACE(16)");
  cdb.bytes[1] = static_cast<std::uint8_t>(code) & 0x0F;
  store_be64(cdb.bytes, 4, static_cast<std::uint64_t>(count));
  return cdb;
}

Cdb rewind(bool immediate) {
  auto cdb = make_cdb(operation::rewind, Direction::none, "REWIND");
  cdb.bytes[1] = flag(immediate, 0x01);
  return cdb;
}

Cdb locate_10(std::uint32_t object_number) {
  return locate_10(Locate10{.object_number = object_number});
}

Cdb locate_10(const Locate10& wanted) {
  auto cdb = make_cdb(operation::locate_10, Direction::none, "LOCATE(10)");
  cdb.bytes[1] = flag(wanted.device_specific, 0x04) | flag(wanted.partition.has_value(), 0x02) |
                 flag(wanted.immediate, 0x01);
  store_be32(cdb.bytes, 3, wanted.object_number);
  cdb.bytes[8] = wanted.partition.value_or(0);
  return cdb;
}

Cdb locate_16(std::uint64_t object_number) { return locate_16(Locate16{.target = object_number}); }

Cdb locate_16(const Locate16& wanted) {
  auto cdb = make_cdb(operation::locate_16, Direction::none, "LOCATE(16)");
  cdb.bytes[1] = static_cast<std::uint8_t>(
      (static_cast<std::uint8_t>(wanted.destination) & 0x03) << 3 |
      flag(wanted.partition.has_value(), 0x02) | flag(wanted.immediate, 0x01));
  cdb.bytes[2] = flag(wanted.explicit_addresses, 0x01);
  cdb.bytes[3] = wanted.partition.value_or(0);
  store_be64(cdb.bytes, 4, wanted.target);
  return cdb;
}

Cdb read_position(PositionForm form) {
  auto cdb = make_cdb(operation::read_position, Direction::from_device, "READ POSITION");
  cdb.bytes[1] = static_cast<std::uint8_t>(form);
  // SSC-5 7.7.1: only the extended form has an allocation length, it is zero in the others.
  if (form == PositionForm::extended_form) store_be16(cdb.bytes, 7, 32);
  return cdb;
}

Cdb read_block_limits(bool object_identifier) {
  auto cdb = make_cdb(operation::read_block_limits, Direction::from_device, "READ BLOCK LIMITS");
  cdb.bytes[1] = flag(object_identifier, 0x01);
  return cdb;
}

Cdb load_unload(bool load) { return load_unload(LoadUnload{.load = load}); }

Cdb load_unload(const LoadUnload& wanted) {
  auto cdb = make_cdb(operation::load_unload, Direction::none, wanted.load ? "LOAD" : "UNLOAD");
  cdb.bytes[1] = flag(wanted.immediate, 0x01);
  cdb.bytes[4] = flag(wanted.hold, 0x08) | flag(wanted.end_of_tape, 0x04) |
                 flag(wanted.retension, 0x02) | flag(wanted.load, 0x01);
  return cdb;
}

Cdb erase_6(bool entire, bool immediate) {
  auto cdb = make_cdb(operation::erase_6, Direction::none, "ERASE(6)");
  cdb.bytes[1] = flag(immediate, 0x02) | flag(entire, 0x01);
  return cdb;
}

Cdb format_medium(const FormatMedium& wanted) {
  auto cdb = make_cdb(operation::format_medium, Direction::none, "FORMAT MEDIUM");
  cdb.bytes[1] = flag(wanted.verify, 0x02) | flag(wanted.immediate, 0x01);
  cdb.bytes[2] = static_cast<std::uint8_t>(wanted.layout) & 0x0F;
  return cdb;
}

Cdb set_capacity(std::uint16_t proportion, bool immediate) {
  auto cdb = make_cdb(operation::set_capacity, Direction::none, "SET CAPACITY");
  cdb.bytes[1] = flag(immediate, 0x01);
  store_be16(cdb.bytes, 3, proportion);
  return cdb;
}

Cdb allow_overwrite(std::uint64_t object_number) {
  return allow_overwrite(AllowOverwrite{.mode = AllowOverwrite::Mode::current_position,
                                        .object_number = object_number});
}

Cdb allow_overwrite(const AllowOverwrite& wanted) {
  auto cdb = make_cdb(operation::allow_overwrite, Direction::none, "ALLOW OVERWRITE");
  cdb.bytes[2] = static_cast<std::uint8_t>(wanted.mode) & 0x0F;
  cdb.bytes[3] = wanted.partition;
  store_be64(cdb.bytes, 4, wanted.object_number);
  return cdb;
}

Cdb report_density_support(const DensitySupport& wanted, std::uint16_t allocation_length) {
  auto cdb =
      make_cdb(operation::report_density_support, Direction::from_device, "REPORT DENSITY SUPPORT");
  cdb.bytes[1] = flag(wanted.medium_types, 0x02) | flag(wanted.current_medium, 0x01);
  store_be16(cdb.bytes, 7, allocation_length);
  return cdb;
}

Cdb generate_recommended_access_order(AccessOrderProcess process, std::uint32_t list_length) {
  auto cdb = make_cdb(operation::maintenance_out, Direction::to_device,
                      "GENERATE RECOMMENDED ACCESS ORDER");
  cdb.bytes[1] = service_action::generate_recommended_access_order;
  cdb.bytes[2] = static_cast<std::uint8_t>(process) & 0x07;
  store_be32(cdb.bytes, 6, list_length);  // UDS TYPE 0 in byte 3
  return cdb;
}

Cdb receive_recommended_access_order(const ReceiveAccessOrder& wanted,
                                     std::uint32_t allocation_length) {
  auto cdb = make_cdb(operation::maintenance_in, Direction::from_device,
                      "RECEIVE RECOMMENDED ACCESS ORDER");
  cdb.bytes[1] = flag(wanted.limits, 0x80) | service_action::receive_recommended_access_order;
  store_be32(cdb.bytes, 2, wanted.offset);
  store_be32(cdb.bytes, 6, allocation_length);  // UDS TYPE 0 in byte 10
  return cdb;
}

}  // namespace tidemark::scsi
