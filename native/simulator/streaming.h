// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "simulator/virtual_time.h"

namespace tidemark::simulator {

/// How fast a drive is. Megabytes are 10^6 bytes, so that one a second is one byte a microsecond.
struct TapeSpeed {
  /// At which the tape still runs, and at which it runs with enough in the buffer.
  std::uint64_t slowest_mb_s = 177;
  std::uint64_t fastest_mb_s = 408;
  /// The way to the drive: what it carries, and what each command costs beside its bytes.
  std::uint64_t link_mb_s = 1200;
  std::uint64_t command_us = 150;
  /// To stop, go back, and be where writing goes on.
  std::uint64_t back_hitch_us = 3'000'000;
  /// To any other place of the tape, the mean; and to thread it.
  std::uint64_t motion_us = 62'000'000;
  std::uint64_t load_us = 16'000'000;
};

/// What writing costs a drive that matches its speed to what it is given: bytes go from its buffer
/// to the tape while the tape runs, and the tape stops and goes back (a back-hitch) where they run
/// out. Bytes are those on the tape, behind compression.
class Streaming {
 public:
  /// The time outlives it.
  Streaming(const TapeSpeed& speed, std::uint64_t buffer_bytes, VirtualTime& time);

  /// A command other than INQUIRY comes.
  void begin_command() { pass(speed_.command_us); }
  /// A block of so many bytes comes over the link, and waits for room in the buffer.
  void receive(std::uint64_t host_bytes, std::uint64_t native_bytes);
  /// All that is in the buffer goes to the tape, which stops then.
  void synchronise();
  void move() { pass(speed_.motion_us); }
  void load() { pass(speed_.load_us); }

  [[nodiscard]] std::uint64_t now_us() const { return time_.now_us(); }
  /// How often the buffer ran dry and the tape had to stop.
  [[nodiscard]] std::uint64_t back_hitches() const { return back_hitches_; }
  [[nodiscard]] std::uint64_t buffered() const { return buffered_; }

 private:
  [[nodiscard]] std::uint64_t speed() const;
  void pass(std::uint64_t duration_us);
  /// The tape has run until now.
  void catch_up();
  void run_for(std::uint64_t duration_us);

  const TapeSpeed speed_;
  const std::uint64_t buffer_bytes_;
  VirtualTime& time_;
  std::uint64_t buffered_ = 0;
  bool is_running_ = false;
  /// The tape has run until here; where it goes back, it runs on from here.
  std::uint64_t at_us_ = 0;
  std::uint64_t back_hitches_ = 0;
};

}  // namespace tidemark::simulator
