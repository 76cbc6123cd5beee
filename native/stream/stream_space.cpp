// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_space.h"

#include <limits>

#include "stream/pax_header.h"

namespace tidemark {
namespace {

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return b > std::numeric_limits<std::uint64_t>::max() - a
             ? std::numeric_limits<std::uint64_t>::max()
             : a + b;
}

}  // namespace

StreamSpace::StreamSpace(Ring& ring, std::uint64_t stream_offset, std::uint64_t segment_bytes)
    : ring_(ring),
      segment_bytes_(segment_bytes),
      tail_(stream_offset),
      segment_end_(saturating_sum(stream_offset, segment_bytes)) {}

bool StreamSpace::wait_start() {
  for (;;) {
    if (ring_.stopped()) return false;
    const std::uint64_t tail = tail_.load();
    if ((tail & closed_bit) != 0) {
      if (!wait_open()) return false;
    } else if (tail < ring_.space_end()) {
      return true;
    } else if (!ring_.wait_for_space(tail + 1)) {
      return false;
    }
  }
}

bool StreamSpace::wait_open() {
  if (ring_.rest([&] { return (tail_.load() & closed_bit) == 0; })) return !ring_.stopped();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return (tail_.load() & closed_bit) == 0 || ring_.stopped(); });
  return !ring_.stopped();
}

StreamSpace::Reservation StreamSpace::reserve(std::uint64_t head_bytes, std::uint64_t total_bytes) {
  // Counted as open before the tail is looked at: whoever closes it afterwards waits for this fill.
  open_fills_.fetch_add(1);
  std::uint64_t tail = tail_.load();
  for (;;) {
    if ((tail & closed_bit) != 0 || tail >= ring_.space_end()) {
      finish_fill();
      return {ring_.stopped() ? Outcome::stopped : Outcome::stale};
    }
    const std::uint64_t filler = filler_before(tail, head_bytes);
    const std::uint64_t start = tail + filler;
    const std::uint64_t end = start + total_bytes;
    const bool closes = end >= segment_end_.load();
    if (!tail_.compare_exchange_weak(tail, closes ? end | closed_bit : end)) continue;
    if (closes) close();
    if (filler > 0 && !write_filler_at(tail, filler)) {
      finish_fill();
      return {Outcome::stopped};
    }
    return {Outcome::reserved, start, segment_.load()};
  }
}

StreamSpace::Reservation StreamSpace::reserve_until(std::uint64_t end_offset) {
  open_fills_.fetch_add(1);
  const std::uint64_t start = position();
  const bool closes = end_offset >= segment_end_.load();
  tail_.store(closes ? end_offset | closed_bit : end_offset);
  if (closes) close();
  return {Outcome::reserved, start, segment_.load()};
}

void StreamSpace::finish_fill() {
  if (open_fills_.fetch_sub(1) != 1 || (tail_.load() & closed_bit) == 0) return;
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

/// A header set never straddles a record boundary; one longer than a record begins at one.
std::uint64_t StreamSpace::filler_before(std::uint64_t offset, std::uint64_t head_bytes) const {
  const std::uint64_t record = ring_.record_size();
  const std::uint64_t used = offset % record;
  return used == 0 || head_bytes <= record - used ? 0 : record - used;
}

bool StreamSpace::write_filler_at(std::uint64_t offset, std::uint64_t bytes) {
  if (!ring_.wait_for_space(offset + bytes)) return false;
  write_filler({ring_.at(offset), static_cast<std::size_t>(bytes)});
  ring_.filled(offset, bytes);
  return true;
}

void StreamSpace::close() {
  {
    std::lock_guard lock(mutex_);
    if (barrier_ == Barrier::none) barrier_ = Barrier::due;
  }
  changed_.notify_all();
}

void StreamSpace::make_due() {
  tail_.fetch_or(closed_bit);
  barrier_ = Barrier::due;
}

void StreamSpace::request_barrier() {
  {
    std::lock_guard lock(mutex_);
    if (barrier_ == Barrier::none) make_due();
  }
  changed_.notify_all();
}

void StreamSpace::end_source(const std::function<void()>& announce) {
  {
    std::lock_guard lock(mutex_);
    announce();
    if (barrier_ == Barrier::none) make_due();
    if (barrier_ == Barrier::standing) another_follows_ = true;
  }
  changed_.notify_all();
}

bool StreamSpace::release() {
  {
    std::lock_guard lock(mutex_);
    if (barrier_ != Barrier::standing) return false;
    segment_.fetch_add(1);
    segment_end_.store(saturating_sum(position(), segment_bytes_));
    barrier_ = another_follows_ ? Barrier::due : Barrier::none;
    another_follows_ = false;
    if (barrier_ == Barrier::none) {
      ring_.clear_end();
      tail_.fetch_and(~closed_bit);
    }
  }
  changed_.notify_all();
  return true;
}

void StreamSpace::serve_barriers(const std::function<void(std::uint64_t)>& reached) {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] {
      return ring_.stopped() || (barrier_ == Barrier::due && open_fills_.load() == 0);
    });
    if (ring_.stopped() || !make_barrier(lock, reached)) return;
  }
}

bool StreamSpace::barrier_due() const {
  std::lock_guard lock(mutex_);
  return barrier_ == Barrier::due && open_fills_.load() == 0;
}

void StreamSpace::make_due_barrier(const std::function<void(std::uint64_t)>& reached) {
  std::unique_lock lock(mutex_);
  if (barrier_ == Barrier::due && open_fills_.load() == 0) make_barrier(lock, reached);
}

/// False once stopped.
bool StreamSpace::make_barrier(std::unique_lock<std::mutex>& lock,
                               const std::function<void(std::uint64_t)>& reached) {
  barrier_ = Barrier::being_made;
  lock.unlock();
  const bool filled = fill_up_record();
  lock.lock();
  if (!filled) return false;
  barrier_ = Barrier::standing;
  ring_.end_at(position());
  // Told under the lock, so that `end_source` knows on which side of this event its own is.
  reached(position());
  return true;
}

/// Nobody else moves the tail while it is closed.
bool StreamSpace::fill_up_record() {
  const std::uint64_t tail = position();
  const std::uint64_t used = tail % ring_.record_size();
  if (used == 0) return true;
  const std::uint64_t filler = ring_.record_size() - used;
  tail_.store((tail + filler) | closed_bit);
  return write_filler_at(tail, filler);
}

void StreamSpace::wake() {
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

}  // namespace tidemark
