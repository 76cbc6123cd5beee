// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

namespace device_type {
inline constexpr std::uint8_t disk = 0x00;
inline constexpr std::uint8_t tape = 0x01;
inline constexpr std::uint8_t changer = 0x08;
/// There is no device, or none of a known type.
inline constexpr std::uint8_t unknown = 0x1F;
}  // namespace device_type

/// Standard INQUIRY data (SPC-5 6.7.2).
struct InquiryData {
  std::uint8_t device_type = 0;
  std::string vendor;
  std::string product;
  std::string revision;
  /// PERIPHERAL QUALIFIER: 0 connected, 1 supported but not connected, 3 no such logical unit.
  std::uint8_t qualifier = 0;
  /// RMB.
  bool removable = true;
  /// VERSION: 3 SPC, 4 SPC-2, 5 SPC-3, 6 SPC-4, 7 SPC-5; 0 claims none.
  std::uint8_t version = 6;
  /// RESPONSE DATA FORMAT, 2 in every standard since SCSI-2.
  std::uint8_t response_data_format = 2;
  /// PROTECT; on some tape drives: logical block protection is there.
  bool protect = false;
  /// CMDQUE.
  bool command_queuing = false;
  /// VERSION DESCRIPTORS, without the empty ones.
  std::vector<std::uint16_t> version_descriptors{};

  bool operator==(const InquiryData&) const = default;
};

/// Nothing where not even the identification is there (36 bytes).
[[nodiscard]] std::optional<InquiryData> decode_inquiry(Bytes bytes);
/// 36 bytes, or 74 with version descriptors (eight at most).
[[nodiscard]] std::vector<std::uint8_t> encode_inquiry(const InquiryData& data);

}  // namespace tidemark::scsi
