// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tidemark {

/// What a restore came to.
struct RestoreSummary {
  struct Damaged {
    std::string path;
    std::string reason;
  };
  std::uint64_t objects_restored = 0;
  /// Good or not: what a person who waits is told.
  std::uint64_t bytes_restored = 0;
  /// Of the data of files with which nothing is wrong: compared with the catalog's digests.
  std::uint64_t bytes_proved = 0;
  /// Of files' archived data: read, and compared with nothing, for the catalog has no digest of it.
  std::uint64_t bytes_unproved = 0;
  std::vector<Damaged> damaged;
  std::uint64_t damaged_count = 0;
};

/// Collects it. One thread reports, anyone reads the progress.
class RestoreReport {
 public:
  /// A report is for people; the count says how many there are in all.
  static constexpr std::size_t most_listed = 1000;

  void object_restored() { objects_.fetch_add(1, std::memory_order_relaxed); }
  void bytes_restored(std::uint64_t bytes) { bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  void bytes_proved(std::uint64_t bytes) { bytes_proved_ += bytes; }
  void bytes_unproved(std::uint64_t bytes) { bytes_unproved_ += bytes; }
  void damaged(const std::string& path, std::string reason) {
    ++damaged_count_;
    if (damaged_.size() < most_listed) damaged_.push_back({path, std::move(reason)});
  }

  [[nodiscard]] std::uint64_t objects() const { return objects_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  /// The reporting thread only.
  [[nodiscard]] RestoreSummary summary() const {
    return {objects(), bytes(), bytes_proved_, bytes_unproved_, damaged_, damaged_count_};
  }

 private:
  std::atomic<std::uint64_t> objects_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::uint64_t bytes_proved_ = 0;
  std::uint64_t bytes_unproved_ = 0;
  std::vector<RestoreSummary::Damaged> damaged_;
  std::uint64_t damaged_count_ = 0;
};

}  // namespace tidemark
