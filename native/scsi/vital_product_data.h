// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"

/// Pages of INQUIRY with EVPD (SPC-5 7.7, SSC-5 8.6). Every decoder gives nothing where the bytes
/// are another page. B0h to B2h mean something else on a disk, and an emulator that was made from
/// one sends such pages as a tape drive: what is shaped like a disk's is not decoded.
namespace tidemark::scsi {

namespace vital_product_page {
inline constexpr std::uint8_t supported_pages = 0x00;
inline constexpr std::uint8_t unit_serial_number = 0x80;
inline constexpr std::uint8_t device_identification = 0x83;
inline constexpr std::uint8_t sequential_access_capabilities = 0xB0;
inline constexpr std::uint8_t manufacturer_serial_number = 0xB1;
inline constexpr std::uint8_t tape_alert_flags = 0xB2;
}  // namespace vital_product_page

inline constexpr std::uint8_t unit_serial_number_page = vital_product_page::unit_serial_number;

/// Page 00h: codes of the pages that the device has.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_supported_pages(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_supported_pages(std::uint8_t device_type,
                                                               Bytes pages);

/// Page 80h (SPC-5 7.7.19).
[[nodiscard]] std::optional<std::string> decode_unit_serial_number(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_unit_serial_number(std::uint8_t device_type,
                                                                  std::string_view serial);

enum class CodeSet : std::uint8_t { binary = 1, ascii = 2, utf8 = 3 };
/// ASSOCIATION: what a designator names.
enum class Association : std::uint8_t { logical_unit = 0, target_port = 1, target_device = 2 };
namespace designator_type {
inline constexpr std::uint8_t vendor_specific = 0x0;
inline constexpr std::uint8_t t10_vendor_identification = 0x1;
inline constexpr std::uint8_t eui64 = 0x2;
inline constexpr std::uint8_t naa = 0x3;
inline constexpr std::uint8_t relative_target_port = 0x4;
inline constexpr std::uint8_t target_port_group = 0x5;
inline constexpr std::uint8_t logical_unit_group = 0x6;
inline constexpr std::uint8_t md5 = 0x7;
inline constexpr std::uint8_t scsi_name = 0x8;
}  // namespace designator_type

/// A designation descriptor (SPC-5 7.7.6.2).
struct Designator {
  std::uint8_t type = 0;
  CodeSet code_set = CodeSet::binary;
  Association association = Association::logical_unit;
  /// PROTOCOL IDENTIFIER, where PIV is set.
  std::optional<std::uint8_t> protocol;
  std::vector<std::uint8_t> value;

  bool operator==(const Designator&) const = default;
};
/// Page 83h: the descriptors that were received whole.
[[nodiscard]] std::optional<std::vector<Designator>> decode_designators(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_designators(std::uint8_t device_type,
                                                           std::span<const Designator> designators);
/// For people: text as it is, without padding; binary as lower-case hexadecimal digits.
[[nodiscard]] std::string designator_text(const Designator& designator);

/// Page B0h (SSC-5 8.6.2).
struct SequentialAccessCapabilities {
  /// WORM: the drive knows write-once media.
  bool worm = false;
  /// TSMC: tape stream mirroring.
  bool tape_stream_mirroring = false;

  bool operator==(const SequentialAccessCapabilities&) const = default;
};
[[nodiscard]] std::optional<SequentialAccessCapabilities> decode_sequential_access_capabilities(
    Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_sequential_access_capabilities(
    const SequentialAccessCapabilities& capabilities);

/// Page B1h (SSC-5 8.6.3): the serial number that the maker gave the drive.
[[nodiscard]] std::optional<std::string> decode_manufacturer_serial_number(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_manufacturer_serial_number(std::string_view serial);

/// Page B2h (SSC-5 8.6.4): numbers 1..64 of the TapeAlert flags that the drive can raise.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> decode_supported_tape_alerts(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_supported_tape_alerts(Bytes flags);

}  // namespace tidemark::scsi
