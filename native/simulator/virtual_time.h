// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace tidemark::simulator {

/// The time of a simulated library, for all units that this process has opened. It stands still but
/// where somebody lets it pass: a drive that takes time for its commands, and who plays the host.
class VirtualTime {
 public:
  [[nodiscard]] std::uint64_t now_us() const { return now_us_.load(); }
  void pass(std::uint64_t duration_us) { now_us_ += duration_us; }

 private:
  std::atomic<std::uint64_t> now_us_{0};
};

}  // namespace tidemark::simulator
