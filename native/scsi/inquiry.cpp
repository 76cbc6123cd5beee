// SPDX-License-Identifier: Apache-2.0
#include "scsi/inquiry.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t least_bytes = 36;
constexpr std::size_t version_descriptors_offset = 58;
constexpr std::size_t maximum_version_descriptors = 8;

}  // namespace

std::optional<InquiryData> decode_inquiry(Bytes bytes) {
  // Identification ends at byte 35; SPC-5 requires a device to have at least these 36 bytes.
  if (bytes.size() < least_bytes) return std::nullopt;
  InquiryData data;
  data.qualifier = load_bits(bytes, 0, 7, 5);
  data.device_type = load_bits(bytes, 0, 4, 0);
  data.removable = load_bit(bytes, 1, 7);
  data.version = bytes[2];
  data.response_data_format = load_bits(bytes, 3, 3, 0);
  data.protect = load_bit(bytes, 5, 0);
  data.command_queuing = load_bit(bytes, 7, 1);
  data.vendor = load_ascii(bytes, 8, 8);
  data.product = load_ascii(bytes, 16, 16);
  data.revision = load_ascii(bytes, 32, 4);
  // Behind the identification ADDITIONAL LENGTH counts: emulators send stale buffers.
  const auto covered = clip(bytes, 0, 5U + bytes[4]);
  for (std::size_t i = 0; i < maximum_version_descriptors; ++i) {
    const auto descriptor = load_be16(covered, version_descriptors_offset + 2 * i);
    if (descriptor != 0) data.version_descriptors.push_back(descriptor);
  }
  return data;
}

std::vector<std::uint8_t> encode_inquiry(const InquiryData& data) {
  const auto versions = std::min(data.version_descriptors.size(), maximum_version_descriptors);
  std::vector<std::uint8_t> bytes(
      versions == 0 ? least_bytes : version_descriptors_offset + 2 * maximum_version_descriptors);
  store_bits(bytes, 0, 7, 5, data.qualifier);
  store_bits(bytes, 0, 4, 0, data.device_type);
  store_bit(bytes, 1, 7, data.removable);
  bytes[2] = data.version;
  store_bits(bytes, 3, 3, 0, data.response_data_format);
  bytes[4] = static_cast<std::uint8_t>(bytes.size() - 5);
  store_bit(bytes, 5, 0, data.protect);
  store_bit(bytes, 7, 1, data.command_queuing);
  store_ascii(bytes, 8, 8, data.vendor);
  store_ascii(bytes, 16, 16, data.product);
  store_ascii(bytes, 32, 4, data.revision);
  for (std::size_t i = 0; i < versions; ++i) {
    store_be16(bytes, version_descriptors_offset + 2 * i, data.version_descriptors[i]);
  }
  return bytes;
}

}  // namespace tidemark::scsi
