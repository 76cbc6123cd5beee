// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>

#include "stream/reader_count.h"

namespace tidemark {

/// Asks a ReaderCount a few times a second, on a thread of its own, and says what it answers.
class ReaderControl {
 public:
  /// Clock and processor time are filled in here.
  using Look = std::function<ReaderCount::Sample()>;
  /// Called from that thread, where the answer has changed.
  using Change = std::function<void(std::uint32_t count)>;

  ReaderControl() = default;
  ~ReaderControl() { stop(); }
  ReaderControl(const ReaderControl&) = delete;
  ReaderControl& operator=(const ReaderControl&) = delete;

  void start(std::uint32_t least, std::uint32_t most, Look look, Change change);
  /// Any number of times. Neither function is called any more when it returns.
  void stop();

 private:
  void run(ReaderCount count, const Look& look, const Change& change);

  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace tidemark
