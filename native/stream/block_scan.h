// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "device/tape_drive.h"
#include "stream/xxh3.h"

/// Reading blocks for what they are rather than for their bytes: resume compares digests of blocks,
/// and `volume read` copies them. Each starts at the tape's present position.
namespace tidemark {

/// Why a series of reads ended. `wrong_length`: a block stands there that is longer than the
/// buffer, or no record. `damaged`: on its way here.
enum class ReadStop : std::uint8_t {
  count,
  filemark,
  end_of_data,
  end_of_medium,
  wrong_length,
  damaged,
  failed
};

/// Of a read that gave no block.
[[nodiscard]] ReadStop stop_of(ReadKind kind);
/// As the addon's interface spells it.
[[nodiscard]] const char* name_of(ReadStop stop);

/// Reads one record of a stream, which is a block as long as `record`. Why not, where it did not;
/// `result` is the drive's answer either way.
[[nodiscard]] std::optional<ReadStop> read_record(TapeDrive& drive, std::span<std::uint8_t> record,
                                                  Result& result);

struct BlockScan {
  /// XXH3-64 of each block read, 8 bytes each, big-endian.
  std::vector<std::uint8_t> digests;
  /// Length of each block, 4 bytes each, big-endian.
  std::vector<std::uint8_t> lengths;
  ReadStop stopped_at = ReadStop::count;
  Result result;
};
[[nodiscard]] BlockScan digest_blocks(TapeDrive& drive, std::uint64_t count,
                                      std::size_t maximum_bytes);

struct ByteScan {
  /// Only where all bytes were read.
  std::optional<Digest128> digest;
  Result result;
};
/// Digest of `bytes` bytes that start `skip` bytes into the block here and run on through those
/// behind.
[[nodiscard]] ByteScan digest_bytes(TapeDrive& drive, std::size_t skip, std::uint64_t bytes,
                                    std::size_t maximum_bytes);

struct TapeFileCopy {
  std::uint64_t bytes = 0;
  std::uint64_t blocks = 0;
  ReadStop stopped_at = ReadStop::failed;
  /// errno of the write to the descriptor that ended the copy, or 0.
  int write_error_number = 0;
  Result result;
};
[[nodiscard]] TapeFileCopy copy_tape_file(TapeDrive& drive, int descriptor,
                                          std::size_t maximum_bytes);

}  // namespace tidemark
