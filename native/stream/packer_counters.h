// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>

namespace tidemark {

/// Written by one reader, read by anyone: no locked instruction for each file.
class Counter {
 public:
  void add(std::uint64_t more) {
    value_.store(value_.load(std::memory_order_relaxed) + more, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// What one reader has done for all sources.
struct PackerCounters {
  Counter objects_written;
  Counter objects_skipped;
  Counter objects_continued;
  /// Every object whose last outcome is neither ok nor skipped.
  Counter objects_unreadable;
  Counter containers_written;
  Counter containers_partial;
  Counter containers_skipped;
  Counter data_bytes;
  Counter files_opened;
};

}  // namespace tidemark
