// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>

#include "stream/ring.h"

namespace tidemark {

/// Hands out the stream: each reader reserves the space of a member with one compare-and-swap and
/// fills it then. Header sets are kept off record boundaries by fillers, and a barrier stops
/// reservations at a member boundary until every member before it is filled.
class StreamSpace {
 public:
  enum class Outcome {
    reserved,
    /// The start moved out of the ring, or a barrier came: what the header says is too old by the
    /// time that it can be written. Wait and look at the file again.
    stale,
    stopped,
  };

  struct Reservation {
    Outcome outcome = Outcome::stopped;
    std::uint64_t start = 0;
    /// Which segment it lies in, counted from 1 by barriers released.
    std::uint64_t segment = 0;
  };

  StreamSpace(Ring& ring, std::uint64_t stream_offset, std::uint64_t segment_bytes);

  /// Waits until the next member would begin within the ring and no barrier stands. False once
  /// stopped.
  bool wait_start();
  /// `head_bytes`: what must not straddle a record boundary. A reservation that came about counts
  /// as an open fill until `finish_fill`.
  Reservation reserve(std::uint64_t head_bytes, std::uint64_t total_bytes);
  /// The rest of a continued member: exactly from here to `end_offset`. Before any other
  /// reservation.
  Reservation reserve_until(std::uint64_t end_offset);
  void finish_fill();

  /// Where the next reservation would begin.
  std::uint64_t position() const { return tail_.load() & ~closed_bit; }

  /// No barrier keeps reservations back.
  bool open() const { return (tail_.load() & closed_bit) == 0; }

  /// A barrier at the next member boundary, unless one is under way or stands.
  void request_barrier();
  /// Says that a source has ended, and lets a barrier follow that: one that is under way will do,
  /// behind one that stands already comes another.
  void end_source(const std::function<void()>& announce);
  /// Ends a standing barrier. False where none stands.
  bool release();
  /// Runs on a thread of its own until the ring is stopped: makes barriers, and calls `reached`
  /// with the aligned stream offset when all before it is filled; that must not come back here.
  void serve_barriers(const std::function<void(std::uint64_t)>& reached);
  /// Whether a barrier can be made now.
  bool barrier_due() const;
  /// Makes the barrier that is due, as `serve_barriers` does, where there is no thread for it.
  void make_due_barrier(const std::function<void(std::uint64_t)>& reached);
  /// After the ring was stopped.
  void wake();

 private:
  enum class Barrier { none, due, being_made, standing };

  static constexpr std::uint64_t closed_bit = 1;

  bool wait_open();
  std::uint64_t filler_before(std::uint64_t offset, std::uint64_t head_bytes) const;
  bool write_filler_at(std::uint64_t offset, std::uint64_t bytes);
  void close();
  void make_due();
  bool make_barrier(std::unique_lock<std::mutex>& lock,
                    const std::function<void(std::uint64_t)>& reached);
  bool fill_up_record();

  Ring& ring_;
  const std::uint64_t segment_bytes_;
  /// Offsets are multiples of 512; bit 0 says that reservations are closed.
  std::atomic<std::uint64_t> tail_;
  std::atomic<std::uint64_t> segment_end_;
  std::atomic<std::uint64_t> segment_{1};
  std::atomic<std::uint32_t> open_fills_{0};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Barrier barrier_ = Barrier::none;
  bool another_follows_ = false;
};

}  // namespace tidemark
