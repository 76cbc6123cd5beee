// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "device/tape_drive.h"

/// Blocks that say nothing, to measure drives with: made once, so that making them takes none of
/// the time that is measured.
namespace tidemark {

/// `compressible`: to about a half by a coder that finds repetitions.
enum class SampleData : std::uint8_t { incompressible, compressible };

struct SampleRun {
  /// Written whole.
  std::uint64_t blocks = 0;
  /// What the transport says that each WRITE took, the last one included: 4 bytes each, big-endian.
  std::vector<std::uint8_t> durations_us;
  /// Of the last WRITE. All before it were written whole, and without a warning.
  WriteOutcome last;
};

/// Writes blocks of this length here, until `count` of them are written, the drive warns of the end
/// of the tape, or a block is not written. `first`: the number of the first of them, so that a run
/// goes on with other bytes than the one before it.
[[nodiscard]] SampleRun write_samples(TapeDrive& drive, SampleData data, std::uint64_t first,
                                      std::uint64_t count, std::size_t block_bytes);

}  // namespace tidemark
