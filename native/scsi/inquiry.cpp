// SPDX-License-Identifier: Apache-2.0
#include "scsi/inquiry.h"

#include <algorithm>

namespace tidemark::scsi {

std::optional<InquiryData> decode_inquiry(Bytes bytes) {
  // Identification ends at byte 35; SPC-5 requires a device to have at least these 36 bytes.
  if (bytes.size() < 36) return std::nullopt;
  return InquiryData{static_cast<std::uint8_t>(bytes[0] & 0x1F), load_ascii(bytes, 8, 8),
                     load_ascii(bytes, 16, 16), load_ascii(bytes, 32, 4)};
}

std::vector<std::uint8_t> encode_inquiry(const InquiryData& data) {
  std::vector<std::uint8_t> bytes(36);
  bytes[0] = data.device_type & 0x1F;
  bytes[1] = 0x80;  // RMB
  bytes[2] = 0x06;  // SPC-4
  bytes[3] = 0x02;  // RESPONSE DATA FORMAT
  bytes[4] = 31;    // ADDITIONAL LENGTH
  store_ascii(bytes, 8, 8, data.vendor);
  store_ascii(bytes, 16, 16, data.product);
  store_ascii(bytes, 32, 4, data.revision);
  return bytes;
}

std::optional<std::string> decode_unit_serial_number(Bytes bytes) {
  if (bytes.size() < 4 || bytes[1] != unit_serial_number_page) return std::nullopt;
  return load_ascii(bytes, 4, load_be16(bytes, 2));
}

std::vector<std::uint8_t> encode_unit_serial_number(std::uint8_t device_type,
                                                    std::string_view serial) {
  std::vector<std::uint8_t> bytes(4 + serial.size());
  bytes[0] = device_type & 0x1F;
  bytes[1] = unit_serial_number_page;
  store_be16(bytes, 2, static_cast<std::uint16_t>(serial.size()));
  std::copy(serial.begin(), serial.end(), bytes.begin() + 4);
  return bytes;
}

}  // namespace tidemark::scsi
