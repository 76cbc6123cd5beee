// SPDX-License-Identifier: Apache-2.0
#include "scsi/vital_product_data.h"

#include <algorithm>

namespace tidemark::scsi {

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
