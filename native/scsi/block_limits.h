// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// READ BLOCK LIMITS data (SSC-5 7.5).
struct BlockLimits {
  std::uint32_t maximum_bytes = 0;
  std::uint32_t minimum_bytes = 0;
  /// Block lengths are multiples of 2 to this power.
  std::uint8_t granularity = 0;
};

inline std::optional<BlockLimits> decode_block_limits(Bytes bytes) {
  if (bytes.size() < 6) return std::nullopt;
  return BlockLimits{load_be24(bytes, 1), load_be16(bytes, 4),
                     static_cast<std::uint8_t>(bytes[0] & 0x1F)};
}

inline std::array<std::uint8_t, 6> encode_block_limits(const BlockLimits& limits) {
  std::array<std::uint8_t, 6> bytes{};
  bytes[0] = limits.granularity & 0x1F;
  store_be24(bytes, 1, limits.maximum_bytes);
  store_be16(bytes, 4, static_cast<std::uint16_t>(limits.minimum_bytes));
  return bytes;
}

}  // namespace tidemark::scsi
