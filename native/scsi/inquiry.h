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
inline constexpr std::uint8_t tape = 0x01;
inline constexpr std::uint8_t changer = 0x08;
}  // namespace device_type

/// Standard INQUIRY data (SPC-5 6.6.2).
struct InquiryData {
  std::uint8_t device_type = 0;
  std::string vendor;
  std::string product;
  std::string revision;
};

inline constexpr std::uint8_t unit_serial_number_page = 0x80;

[[nodiscard]] std::optional<InquiryData> decode_inquiry(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_inquiry(const InquiryData& data);

/// Vital product data page 80h (SPC-5 7.7.19).
[[nodiscard]] std::optional<std::string> decode_unit_serial_number(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_unit_serial_number(std::uint8_t device_type,
                                                                  std::string_view serial);

}  // namespace tidemark::scsi
