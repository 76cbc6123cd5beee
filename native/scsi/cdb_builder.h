// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scsi/cdb.h"

/// What the functions that make CDBs have in common.
namespace tidemark::scsi {

/// Zeroes but for the operation code, as long as its group says.
[[nodiscard]] inline Cdb make_cdb(std::uint8_t operation_code, Direction direction,
                                  const char* name) {
  Cdb cdb;
  cdb.bytes[0] = operation_code;
  cdb.length = cdb_length(operation_code);
  cdb.direction = direction;
  cdb.name = name;
  return cdb;
}

[[nodiscard]] constexpr std::uint8_t flag(bool set, std::uint8_t mask) {
  return set ? mask : std::uint8_t{0};
}

/// PC and PAGE CODE of MODE SENSE, LOG SENSE and LOG SELECT share a byte.
[[nodiscard]] constexpr std::uint8_t page_and_control(std::uint8_t page, std::uint8_t control) {
  return static_cast<std::uint8_t>((control & 0x03) << 6 | (page & 0x3F));
}

/// A command without a parameter list has no data at all.
[[nodiscard]] constexpr Direction to_device_if(std::uint32_t list_length) {
  return list_length == 0 ? Direction::none : Direction::to_device;
}

}  // namespace tidemark::scsi
