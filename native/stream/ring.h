// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "stream/turns.h"
#include "stream/wait_clock.h"

namespace tidemark {

// The ring of tape records between readers and a writer (design: data path, section 1).
//
// A memfd is mapped twice in a row, so that any stretch of at most `capacity` bytes is contiguous
// in memory and readers may read() members straight into it. Its slots are tape records; each has a
// count of filled bytes, and the writer takes the slots strictly in order. All offsets are absolute
// stream offsets. Several producers; one consumer.
class Ring {
 public:
  enum class Wait { ready, ended, stopped, timeout };

  static constexpr std::uint64_t no_end = UINT64_MAX;

  // `capacity` is rounded up to whole records and whole pages. See `error_number`.
  // `takes_turns`: a packer and the consumer never work at the same time, see Turns.
  Ring(std::size_t record_size, std::size_t capacity, bool takes_turns = false);
  ~Ring();
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  // 0 where the ring was mapped, else the errno that prevented it; such a ring must not be used.
  int error_number() const { return error_number_; }
  std::size_t record_size() const { return record_size_; }
  std::size_t capacity() const { return capacity_; }
  // Null where packer and consumer work at the same time.
  Turns* turns() const { return turns_.get(); }

  // Empties the ring; the stream goes on at `stream_offset`, a multiple of the record size. Only
  // while neither producers nor the consumer use the ring.
  void start_at(std::uint64_t stream_offset);

  // Only one packer or stream reader fills a ring at a time: a second one would let its stream
  // begin anew under the first. False where somebody has it.
  bool take() { return !taken_.exchange(true); }
  void give_back() { taken_.store(false); }

  // --- Producers ---

  // Pointer to the byte of this stream offset; the mapping goes on behind it for a whole capacity.
  std::uint8_t* at(std::uint64_t stream_offset) { return base_ + stream_offset % capacity_; }
  // Stream offset before which bytes may be written now.
  std::uint64_t space_end() const { return released_.load(std::memory_order_acquire) + capacity_; }
  // Waits until bytes before `stream_offset_end` may be written. False when the ring was stopped.
  bool wait_for_space(std::uint64_t stream_offset_end);
  // The packer's reader has nothing to do until `may_go_on`. False, at once, where it takes no
  // turns.
  bool rest(const Turns::Condition& may_go_on);
  // The bytes [stream_offset, stream_offset + bytes) have their final content.
  void filled(std::uint64_t stream_offset, std::uint64_t bytes);
  // No byte at or behind `stream_offset` will come until `clear_end`: end of the stream or a
  // barrier.
  void end_at(std::uint64_t stream_offset);
  void clear_end();

  // --- The consumer (one thread) ---

  // Waits until the record that starts here is full. A negative timeout waits for ever.
  Wait wait_filled(std::uint64_t record_start, int timeout_ms);
  // As `wait_filled`, and goes on waiting until `bytes` from here on are filled (in whole records),
  // or the stream ends before: how a writer refills a dry ring, one back-hitch instead of hundreds.
  Wait wait_buffered(std::uint64_t record_start, std::uint64_t bytes, int timeout_ms);
  // As `wait_filled` for ever, and an end does not count: the stream may go on behind a barrier.
  Wait wait_beyond_end(std::uint64_t record_start);
  bool full(std::uint64_t record_start) const;
  // The first offset at or behind `record_start` whose record is not full.
  std::uint64_t full_until(std::uint64_t record_start) const;
  std::span<const std::uint8_t> record(std::uint64_t record_start) const {
    return {base_ + record_start % capacity_, record_size_};
  }
  // Records before `stream_offset_end` may be overwritten.
  void release(std::uint64_t stream_offset_end);
  // Records before it were released.
  std::uint64_t released() const { return released_.load(std::memory_order_acquire); }

  // --- Anyone ---

  // For how long producers have waited for space, since the ring was made.
  std::uint64_t full_us() const { return full_.microseconds(); }
  // Bytes filled and not yet released.
  std::uint64_t filled_bytes() const;
  // The consumer's present wait, or else its next one, comes back: with `timeout` where the record
  // is not full. So a writer that waits for records hears that it shall stop.
  void interrupt();
  // Everyone who waits comes back, and nobody waits again.
  void stop();
  bool stopped() const { return stopped_.load(std::memory_order_acquire); }

  // The producers' side delivers all persistent records of members that end at or before an offset
  // when the consumer announces that it is going to write them. Null takes the hook away; it does
  // not run any more once this returns.
  void set_announce_hook(std::function<void(std::uint64_t)> hook);
  void announce(std::uint64_t stream_offset);

 private:
  Wait wait_for_turn(std::uint64_t record_start, bool end_counts, int timeout_ms);
  std::size_t slot(std::uint64_t stream_offset) const {
    return static_cast<std::size_t>(stream_offset / record_size_ % slots_);
  }
  void wake_consumer();
  void map();

  std::size_t record_size_;
  std::size_t capacity_;
  std::size_t slots_;
  std::uint8_t* base_ = nullptr;
  int error_number_ = 0;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<std::uint64_t> released_{0};
  std::atomic<std::uint64_t> end_{no_end};
  std::atomic<bool> stopped_{false};
  std::atomic<bool> taken_{false};
  std::atomic<bool> interrupted_{false};
  // Waiters are counted before they check their condition again, so that the other side needs the
  // mutex only where somebody waits.
  std::atomic<std::uint32_t> consumers_waiting_{0};
  std::atomic<std::uint32_t> producers_waiting_{0};
  std::mutex mutex_;
  std::condition_variable filled_changed_;
  std::condition_variable space_changed_;
  WaitClock full_;
  std::unique_ptr<Turns> turns_;
  std::mutex hook_mutex_;
  std::function<void(std::uint64_t)> hook_;
};

}  // namespace tidemark
