// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "transport/transport.h"

/// The one place where a command's result is judged, in the order that the standard prescribes:
/// transport, SCSI status, response code, stream bits, sense key.
namespace tidemark {

enum class WriteKind : std::uint8_t {
  /// Accepted in full.
  written,
  /// Certainly not executed, or only `accepted` of it.
  failed,
  /// May have been executed: never repeat it blindly.
  unknown
};

struct WriteOutcome {
  WriteKind kind = WriteKind::failed;
  /// Bytes (filemarks, for WRITE FILEMARKS) accepted: the length less the valid residue.
  std::uint64_t accepted = 0;
  bool early_warning = false;
  bool programmable_early_warning = false;
  Result result;
};

enum class ReadKind : std::uint8_t {
  block,
  filemark,
  end_of_data,
  end_of_medium,
  /// The block is `length` bytes long, more than arrived: it is longer than the buffer, or the
  /// transport says that it delivered less. The tape stands behind it; a READ of exactly that
  /// length gets it.
  too_long,
  /// Fixed-block mode: a block of another length was met; the tape stands behind it.
  wrong_length,
  /// The block arrived, and its protection information says that it is not what was written.
  damaged,
  failed
};

struct ReadOutcome {
  ReadKind kind = ReadKind::failed;
  /// Length of the block; the buffer holds at most its own size of it.
  std::size_t length = 0;
  Result result;
};

/// The device answered, and the command was carried out (GOOD, or NO SENSE / RECOVERED ERROR that
/// belongs to this command).
[[nodiscard]] bool succeeded(const Result& result);

/// `requested`: bytes of the WRITE, or number of filemarks.
[[nodiscard]] WriteOutcome classify_write(Result result, std::uint64_t requested);

[[nodiscard]] ReadOutcome classify_read(Result result, std::size_t requested);

/// In fixed-block mode: `requested` blocks. What ended the read early has the bytes of the blocks
/// before it as its length.
[[nodiscard]] ReadOutcome classify_fixed_read(Result result, std::uint32_t requested,
                                              std::uint32_t block_bytes);

}  // namespace tidemark
