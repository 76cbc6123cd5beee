// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace tidemark {

/// Submitted and accepted bytes (design: durability, section 1).
struct ByteCounts {
  std::uint64_t submitted = 0;
  std::uint64_t accepted = 0;
};

/// Counts the bytes of WRITE commands. One thread writes to it, anyone reads.
class Ledger {
 public:
  /// Before the command is handed to the transport.
  void submit(std::uint64_t bytes);
  /// After its answer. False, and nothing counted, where it would break accepted <= submitted (I1):
  /// the drive's residue is then nonsense, and so is every count that rests on it.
  [[nodiscard]] bool accept(std::uint64_t bytes);
  ByteCounts counts() const;
  ByteCounts since(const ByteCounts& earlier) const;

 private:
  std::atomic<std::uint64_t> submitted_{0};
  std::atomic<std::uint64_t> accepted_{0};
};

}  // namespace tidemark
