// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "scsi/bytes.h"

namespace tidemark {

/// Which way the data of a command goes. It belongs to the command's definition, not to the caller:
/// a data-in CDB that is sent as one without data can take a whole session down.
enum class Direction : std::uint8_t { none, to_device, from_device };

}  // namespace tidemark

namespace tidemark::scsi {

/// Operation codes of the commands that this driver sends (SPC-5, SSC-5, SMC-3).
namespace operation {
inline constexpr std::uint8_t test_unit_ready = 0x00;
inline constexpr std::uint8_t rewind = 0x01;
inline constexpr std::uint8_t request_sense = 0x03;
inline constexpr std::uint8_t read_block_limits = 0x05;
inline constexpr std::uint8_t initialize_element_status = 0x07;
inline constexpr std::uint8_t read_6 = 0x08;
inline constexpr std::uint8_t write_6 = 0x0A;
inline constexpr std::uint8_t write_filemarks_6 = 0x10;
inline constexpr std::uint8_t space_6 = 0x11;
inline constexpr std::uint8_t inquiry = 0x12;
inline constexpr std::uint8_t mode_select_6 = 0x15;
inline constexpr std::uint8_t mode_sense_6 = 0x1A;
inline constexpr std::uint8_t load_unload = 0x1B;
inline constexpr std::uint8_t prevent_allow_medium_removal = 0x1E;
inline constexpr std::uint8_t locate_10 = 0x2B;
inline constexpr std::uint8_t read_position = 0x34;
inline constexpr std::uint8_t log_sense = 0x4D;
inline constexpr std::uint8_t allow_overwrite = 0x82;
inline constexpr std::uint8_t read_attribute = 0x8C;
inline constexpr std::uint8_t locate_16 = 0x92;
inline constexpr std::uint8_t move_medium = 0xA5;
inline constexpr std::uint8_t read_element_status = 0xB8;
}  // namespace operation

/// A command descriptor block with what every transport must know about it.
struct Cdb {
  std::array<std::uint8_t, 16> bytes{};
  std::uint8_t length = 0;
  Direction direction = Direction::none;
  /// As in the standard, for messages: `WRITE(6)`. A string literal.
  const char* name = "";

  [[nodiscard]] Bytes view() const { return Bytes(bytes).first(length); }
};

enum class SpaceCode : std::uint8_t { blocks = 0, filemarks = 1, end_of_data = 3 };
enum class PositionForm : std::uint8_t {
  short_form = 0x00,
  long_form = 0x06,
  extended_form = 0x08
};
enum class ElementType : std::uint8_t {
  transport = 1,
  storage = 2,
  import_export = 3,
  data_transfer = 4
};

[[nodiscard]] Cdb test_unit_ready();
[[nodiscard]] Cdb request_sense(bool descriptor_format, std::uint8_t allocation_length);
[[nodiscard]] Cdb inquiry(std::uint16_t allocation_length);
[[nodiscard]] Cdb inquiry_page(std::uint8_t page, std::uint16_t allocation_length);
[[nodiscard]] Cdb mode_sense_6(std::uint8_t page, std::uint8_t allocation_length);
[[nodiscard]] Cdb mode_select_6(std::uint8_t list_length);
[[nodiscard]] Cdb log_sense(std::uint8_t page, std::uint16_t first_parameter,
                            std::uint16_t allocation_length);
[[nodiscard]] Cdb prevent_allow_medium_removal(bool prevent);
[[nodiscard]] Cdb read_attribute(std::uint16_t first_attribute, std::uint32_t allocation_length);

[[nodiscard]] Cdb read_block_limits();
[[nodiscard]] Cdb read_6(std::uint32_t bytes);
[[nodiscard]] Cdb write_6(std::uint32_t bytes);
[[nodiscard]] Cdb write_filemarks_6(std::uint32_t count, bool immediate);
[[nodiscard]] Cdb space_6(SpaceCode code, std::int32_t count);
[[nodiscard]] Cdb rewind();
[[nodiscard]] Cdb locate_10(std::uint32_t object_number);
[[nodiscard]] Cdb locate_16(std::uint64_t object_number);
[[nodiscard]] Cdb read_position(PositionForm form);
[[nodiscard]] Cdb load_unload(bool load);
[[nodiscard]] Cdb allow_overwrite(std::uint64_t object_number);

[[nodiscard]] Cdb initialize_element_status();
[[nodiscard]] Cdb read_element_status(ElementType type, std::uint16_t first, std::uint16_t count,
                                      bool volume_tags, bool device_identifiers,
                                      std::uint32_t allocation_length);
[[nodiscard]] Cdb move_medium(std::uint16_t transport, std::uint16_t source,
                              std::uint16_t destination);

/// Length and count fields of the 6-byte commands have 24 bits.
inline constexpr std::uint32_t maximum_transfer_6 = 0xFFFFFF;

}  // namespace tidemark::scsi
