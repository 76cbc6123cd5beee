// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::simulator {

/// What a drive counts and notes since it was switched on.
struct DriveCounters {
  std::uint64_t loads = 0;
  std::uint64_t cleanings = 0;
  std::uint64_t hard_write_errors = 0;
  std::uint64_t hard_read_errors = 0;
  /// Only a fault plan makes a drive dirty; a cleaning cartridge cleans it.
  bool cleaning_required = false;
  bool cleaning_requested = false;

  [[nodiscard]] bool needs_cleaning() const { return cleaning_required || cleaning_requested; }
};

/// What it counts of transfers; LOG SELECT sets it to zero.
struct TransferCounters {
  /// From hosts.
  std::uint64_t bytes_received = 0;
  /// To the medium, compressed.
  std::uint64_t bytes_written = 0;
  /// From the medium, compressed.
  std::uint64_t bytes_read = 0;
  /// To hosts.
  std::uint64_t bytes_sent = 0;
  std::uint64_t write_errors = 0;
  std::uint64_t read_errors = 0;
  /// What was written and read, as hosts have it. With the buffer in between, and blocks that are
  /// read in part, it is not what was received and sent.
  std::uint64_t host_bytes_written = 0;
  std::uint64_t host_bytes_read = 0;
};

}  // namespace tidemark::simulator
