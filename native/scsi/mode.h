// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace mode_page {
inline constexpr std::uint8_t data_compression = 0x0F;
inline constexpr std::uint8_t device_configuration = 0x10;
/// On a tape drive medium configuration, on a changer element address assignment.
inline constexpr std::uint8_t medium_configuration = 0x1D;
inline constexpr std::uint8_t element_address_assignment = 0x1D;
inline constexpr std::uint8_t all = 0x3F;
}  // namespace mode_page

/// Header, block descriptor and pages of MODE SENSE(6) and MODE SELECT(6) (SPC-5 7.5).
struct ModeParameters {
  std::uint8_t medium_type = 0;
  bool write_protected = false;
  std::uint8_t buffered_mode = 0;
  std::uint8_t speed = 0;
  /// Absent where the device sent no block descriptor.
  struct BlockDescriptor {
    std::uint8_t density = 0;
    std::uint32_t blocks = 0;
    /// 0: variable.
    std::uint32_t block_bytes = 0;
  };
  std::optional<BlockDescriptor> block;
  /// Pages as they came, each with its header.
  std::vector<std::uint8_t> pages;
};

/// Trusts the length inside the header, but never beyond what was received.
[[nodiscard]] std::optional<ModeParameters> decode_mode_parameters_6(Bytes bytes);

/// For MODE SENSE: with the mode data length.
[[nodiscard]] std::vector<std::uint8_t> encode_mode_sense_6(const ModeParameters& parameters);
/// For MODE SELECT: mode data length is reserved there, and WP is no setting (SPC-5 7.5.6,
/// SSC-5 8.3).
[[nodiscard]] std::vector<std::uint8_t> encode_mode_select_6(const ModeParameters& parameters);

/// The page of this code in page_0 format, header included; empty where there is none.
[[nodiscard]] Bytes find_mode_page(Bytes pages, std::uint8_t code);

/// Element address assignment, mode page 1Dh of a changer (SMC-3 7.3.4).
struct ElementRange {
  std::uint16_t first = 0;
  std::uint16_t count = 0;

  [[nodiscard]] bool contains(std::uint16_t address) const {
    return address >= first && address - first < count;
  }
};
struct ElementAddresses {
  ElementRange transport;
  ElementRange storage;
  ElementRange import_export;
  ElementRange data_transfer;
};

[[nodiscard]] std::optional<ElementAddresses> decode_element_addresses(Bytes page);
[[nodiscard]] std::vector<std::uint8_t> encode_element_addresses(const ElementAddresses& addresses);

}  // namespace tidemark::scsi
