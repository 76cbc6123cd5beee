// SPDX-License-Identifier: Apache-2.0
#include "scsi/block_limits.h"

namespace tidemark::scsi {

std::optional<BlockLimits> decode_block_limits(Bytes bytes) {
  if (bytes.size() < 6) return std::nullopt;
  return BlockLimits{load_be24(bytes, 1), load_be16(bytes, 4),
                     static_cast<std::uint8_t>(bytes[0] & 0x1F)};
}

std::vector<std::uint8_t> encode_block_limits(const BlockLimits& limits) {
  std::vector<std::uint8_t> bytes(6);
  bytes[0] = limits.granularity & 0x1F;
  store_be24(bytes, 1, limits.maximum_bytes);
  store_be16(bytes, 4, static_cast<std::uint16_t>(limits.minimum_bytes));
  return bytes;
}

std::optional<std::uint64_t> decode_maximum_object_identifier(Bytes bytes) {
  if (bytes.size() < 20) return std::nullopt;
  return load_be64(bytes, 12);
}

std::vector<std::uint8_t> encode_maximum_object_identifier(std::uint64_t maximum) {
  std::vector<std::uint8_t> bytes(20);
  store_be64(bytes, 12, maximum);
  return bytes;
}

}  // namespace tidemark::scsi
