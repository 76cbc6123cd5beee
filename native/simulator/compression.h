// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "scsi/bytes.h"

namespace tidemark::simulator {

/// What compression saves is told in this many parts of a block, so that it fits beside the block's
/// other marks on the medium.
inline constexpr std::uint32_t compression_parts = 128;

/// How many parts of a block a drive that compresses would save, 0 to 127. The content alone
/// decides: equal blocks need equal room, wherever and whenever they are written. What cannot be
/// compressed saves nothing, and never needs more than its length.
[[nodiscard]] std::uint8_t parts_saved_by_compression(scsi::Bytes block);

/// Bytes on the tape of a block of which so many parts are saved; of no block none.
[[nodiscard]] constexpr std::uint32_t native_bytes(std::uint32_t length, std::uint8_t parts_saved) {
  return length -
         static_cast<std::uint32_t>(std::uint64_t{length} * parts_saved / compression_parts);
}

/// Bytes of the host by bytes on the tape, in percent, as log pages have it; 100 where there are
/// none.
[[nodiscard]] constexpr std::uint64_t compression_percent(std::uint64_t host_bytes,
                                                          std::uint64_t bytes_on_tape) {
  return bytes_on_tape == 0 ? 100 : host_bytes * 100 / bytes_on_tape;
}

}  // namespace tidemark::simulator
