// SPDX-License-Identifier: Apache-2.0
#include "scsi/inquiry.h"

#include <algorithm>

namespace tidemark::scsi {

std::optional<InquiryData> decode_inquiry(Bytes bytes) {
  // Identification ends at byte 35; SPC-5 requires a device to have at least these 36 bytes.
  if (bytes.size() < 36) return std::nullopt;
  InquiryData data;
  data.device_type = bytes[0] & 0x1F;
  data.vendor = load_ascii(bytes, 8, 8);
  data.product = load_ascii(bytes, 16, 16);
  data.revision = load_ascii(bytes, 32, 4);
  return data;
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

}  // namespace tidemark::scsi
