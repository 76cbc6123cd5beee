// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark {

/// Decides how many readers work at a time (design: data path, section 1): few on a warm page
/// cache, where each of them keeps a core busy; many on a cold source, where they wait in the
/// kernel and only the number of requests on their way makes the storage faster.
///
/// Raised while the ring wants more, directories are waiting and a core is idle; taken back where
/// that did not help, and where the cores are busy anyway. It has no clock and counts nothing: all
/// it knows is in its samples.
class ReaderCount {
 public:
  /// Sums since the packer began, and how things stand.
  struct Sample {
    std::uint64_t time_us = 0;
    /// Of the whole process: what its other threads need counts as much.
    std::uint64_t cpu_us = 0;
    std::uint64_t bytes = 0;
    std::uint64_t objects = 0;
    /// The ring has room and every reader has a directory: another reader would find work.
    bool wants_more = false;
  };

  ReaderCount(std::uint32_t least, std::uint32_t most, std::uint32_t cores)
      : least_(least), most_(most), cores_(cores), count_(least) {}

  std::uint32_t count() const { return count_; }
  /// To be asked every few hundredths of a second.
  std::uint32_t next(const Sample& now);

 private:
  void judge(double rate, bool core_is_idle);
  void raise(double rate);
  void lower();

  const std::uint32_t least_;
  const std::uint32_t most_;
  const std::uint32_t cores_;
  std::uint32_t count_;
  /// Where the stretch of time that is being measured began.
  Sample start_;
  bool measuring_ = false;
  /// Raised and not yet judged: the rate of half as many.
  bool raised_ = false;
  double rate_before_ = 0;
  /// So many measurements pass before it is tried again.
  std::uint32_t patience_ = 0;
  std::uint32_t next_patience_ = 0;
};

}  // namespace tidemark
