// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// READ BLOCK LIMITS data (SSC-5 7.5).
struct BlockLimits {
  std::uint32_t maximum_bytes = 0;
  std::uint32_t minimum_bytes = 0;
  /// Block lengths are multiples of 2 to this power.
  std::uint8_t granularity = 0;

  bool operator==(const BlockLimits&) const = default;
};

[[nodiscard]] std::optional<BlockLimits> decode_block_limits(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_block_limits(const BlockLimits& limits);

/// With MLOI: the largest logical object identifier that the drive can locate to (SSC-5 7.5.3).
[[nodiscard]] std::optional<std::uint64_t> decode_maximum_object_identifier(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_maximum_object_identifier(std::uint64_t maximum);

}  // namespace tidemark::scsi
