// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>

namespace tidemark {

/// For how long something has been waited for, by one or by several at once: time in which anybody
/// waits counts once, and a wait that goes on counts up to now.
class WaitClock {
 public:
  void begin() {
    std::lock_guard lock(mutex_);
    if (waiting_++ == 0) since_ = std::chrono::steady_clock::now();
  }
  void end() {
    std::lock_guard lock(mutex_);
    if (--waiting_ == 0) sum_ += std::chrono::steady_clock::now() - since_;
  }
  std::uint64_t microseconds() const {
    std::lock_guard lock(mutex_);
    const auto now = waiting_ > 0 ? std::chrono::steady_clock::now() - since_
                                  : std::chrono::steady_clock::duration{};
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(sum_ + now).count());
  }

 private:
  mutable std::mutex mutex_;
  std::chrono::steady_clock::time_point since_;
  std::chrono::steady_clock::duration sum_{};
  std::uint32_t waiting_ = 0;
};

/// Counts from its making to its end; with no clock it counts nothing.
class Waiting {
 public:
  explicit Waiting(WaitClock* clock) : clock_(clock) {
    if (clock_ != nullptr) clock_->begin();
  }
  ~Waiting() {
    if (clock_ != nullptr) clock_->end();
  }
  Waiting(const Waiting&) = delete;
  Waiting& operator=(const Waiting&) = delete;

 private:
  WaitClock* const clock_;
};

}  // namespace tidemark
