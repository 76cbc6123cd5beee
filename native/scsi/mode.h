// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace mode_page {
/// With subpage F0h: control data protection.
inline constexpr std::uint8_t control = 0x0A;
inline constexpr std::uint8_t data_compression = 0x0F;
/// With subpage 01h: device configuration extension.
inline constexpr std::uint8_t device_configuration = 0x10;
inline constexpr std::uint8_t medium_partition = 0x11;
/// On a tape drive medium configuration, on a changer element address assignment.
inline constexpr std::uint8_t medium_configuration = 0x1D;
inline constexpr std::uint8_t element_address_assignment = 0x1D;
inline constexpr std::uint8_t transport_geometry = 0x1E;
inline constexpr std::uint8_t changer_capabilities = 0x1F;
inline constexpr std::uint8_t all = 0x3F;
}  // namespace mode_page

namespace mode_subpage {
inline constexpr std::uint8_t device_configuration_extension = 0x01;
inline constexpr std::uint8_t control_data_protection = 0xF0;
inline constexpr std::uint8_t all = 0xFF;
}  // namespace mode_subpage

/// A class of its own, not one inside of ModeParameters: Clang 14 cannot construct that in place.
struct ModeBlockDescriptor {
  std::uint8_t density = 0;
  std::uint64_t blocks = 0;
  /// 0: variable.
  std::uint32_t block_bytes = 0;

  bool operator==(const ModeBlockDescriptor&) const = default;
};

/// Header, block descriptor and pages of MODE SENSE and MODE SELECT, (6) and (10) (SPC-5 7.5).
struct ModeParameters {
  std::uint8_t medium_type = 0;
  bool write_protected = false;
  /// 0 none, 1 buffered, 2 buffered for each initiator.
  std::uint8_t buffered_mode = 0;
  std::uint8_t speed = 0;
  /// Absent where the device sent no block descriptor. Where it sent several, the first.
  std::optional<ModeBlockDescriptor> block;
  /// Pages as they came, each with its header.
  std::vector<std::uint8_t> pages;
  /// LONGLBA: the block descriptor has 16 bytes; (10) only.
  bool long_block_descriptor = false;

  bool operator==(const ModeParameters&) const = default;
};

/// Trusts the length inside the header, but never beyond what was received.
[[nodiscard]] std::optional<ModeParameters> decode_mode_parameters_6(Bytes bytes);
[[nodiscard]] std::optional<ModeParameters> decode_mode_parameters_10(Bytes bytes);

/// For the target of MODE SELECT: mode data length is reserved there and not looked at.
[[nodiscard]] std::optional<ModeParameters> decode_mode_select_6(Bytes list);
[[nodiscard]] std::optional<ModeParameters> decode_mode_select_10(Bytes list);

/// For MODE SENSE: with the mode data length.
[[nodiscard]] std::vector<std::uint8_t> encode_mode_sense_6(const ModeParameters& parameters);
[[nodiscard]] std::vector<std::uint8_t> encode_mode_sense_10(const ModeParameters& parameters);
/// For MODE SELECT: mode data length is reserved there, and WP is no setting (SPC-5 7.5.6,
/// SSC-5 8.3).
[[nodiscard]] std::vector<std::uint8_t> encode_mode_select_6(const ModeParameters& parameters);
[[nodiscard]] std::vector<std::uint8_t> encode_mode_select_10(const ModeParameters& parameters);

/// One page or subpage (SPC-5 7.5.7).
struct ModePage {
  std::uint8_t code = 0;
  /// 0 in page_0 format.
  std::uint8_t subpage = 0;
  /// PS: the device can save it.
  bool saveable = false;
  /// The whole page with its header, as far as it was received.
  std::vector<std::uint8_t> bytes;

  bool operator==(const ModePage&) const = default;
};
/// All pages and subpages, in the order they came.
[[nodiscard]] std::vector<ModePage> decode_mode_pages(Bytes pages);
/// The page of this code, header included; empty where there is none. Points into `pages`.
[[nodiscard]] Bytes find_mode_page(Bytes pages, std::uint8_t code, std::uint8_t subpage = 0);

/// Element address assignment, mode page 1Dh of a changer (SMC-3 7.3.4).
struct ElementRange {
  std::uint16_t first = 0;
  std::uint16_t count = 0;

  bool operator==(const ElementRange&) const = default;
  [[nodiscard]] bool contains(std::uint16_t address) const {
    return address >= first && address - first < count;
  }
};
struct ElementAddresses {
  ElementRange transport;
  ElementRange storage;
  ElementRange import_export;
  ElementRange data_transfer;

  bool operator==(const ElementAddresses&) const = default;
};

[[nodiscard]] std::optional<ElementAddresses> decode_element_addresses(Bytes page);
/// A new page; or, where `page` is what the device sent, that page with these values (PS cleared).
[[nodiscard]] std::vector<std::uint8_t> encode_element_addresses(const ElementAddresses& addresses,
                                                                 Bytes page = {});

}  // namespace tidemark::scsi
