// SPDX-License-Identifier: Apache-2.0
#include "ring.h"

#include <sys/mman.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <numeric>

namespace tidemark {
namespace {

std::size_t round_up(std::size_t value, std::size_t step) {
  return (value + step - 1) / step * step;
}

// Waits on `changed` until `done`; false when the time was up first.
template <typename Done>
bool wait_until(std::unique_lock<std::mutex>& lock, std::condition_variable& changed,
                int timeout_ms, Done done) {
  if (timeout_ms < 0) {
    changed.wait(lock, done);
    return true;
  }
  return changed.wait_for(lock, std::chrono::milliseconds(timeout_ms), done);
}

}  // namespace

Ring::Ring(std::size_t record_size, std::size_t capacity, bool takes_turns)
    : record_size_(record_size),
      capacity_(round_up(capacity, std::lcm(record_size, static_cast<std::size_t>(getpagesize())))),
      slots_(capacity_ / record_size),
      turns_(takes_turns ? std::make_unique<Turns>() : nullptr) {
  map();
  if (error_number_ == 0) counts_ = std::make_unique<std::atomic<std::uint64_t>[]>(slots_);
}

Ring::~Ring() {
  if (base_ != nullptr) munmap(base_, 2 * capacity_);
}

// The address range is reserved in one piece first; both halves are then laid over it.
void Ring::map() {
  const int fd = memfd_create("tidemark-ring", MFD_CLOEXEC);
  if (fd < 0) {
    error_number_ = errno;
    return;
  }
  if (ftruncate(fd, static_cast<off_t>(capacity_)) != 0) {
    error_number_ = errno;
    close(fd);
    return;
  }
  void* range = mmap(nullptr, 2 * capacity_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (range != MAP_FAILED) {
    auto* base = static_cast<std::uint8_t*>(range);
    const int protection = PROT_READ | PROT_WRITE;
    const int flags = MAP_SHARED | MAP_FIXED;
    if (mmap(base, capacity_, protection, flags, fd, 0) != MAP_FAILED &&
        mmap(base + capacity_, capacity_, protection, flags, fd, 0) != MAP_FAILED) {
      base_ = base;
    } else {
      error_number_ = errno;
      munmap(range, 2 * capacity_);
    }
  } else {
    error_number_ = errno;
  }
  close(fd);
}

void Ring::start_at(std::uint64_t stream_offset) {
  for (std::size_t i = 0; i < slots_; ++i) counts_[i].store(0, std::memory_order_relaxed);
  end_.store(no_end);
  stopped_.store(false);
  released_.store(stream_offset);
  if (turns_) turns_->reset();
}

bool Ring::wait_for_space(std::uint64_t stream_offset_end) {
  if (stream_offset_end <= space_end()) return !stopped();
  if (rest([&] { return stream_offset_end <= space_end(); })) return !stopped();
  const Waiting waiting(turns_ == nullptr ? &full_ : nullptr);
  std::unique_lock lock(mutex_);
  producers_waiting_.fetch_add(1);
  filled_changed_
      .notify_all();  // the ring is reserved to its end: a consumer that refills it goes on
  space_changed_.wait(
      lock, [&] { return released_.load() + capacity_ >= stream_offset_end || stopped_.load(); });
  producers_waiting_.fetch_sub(1);
  return !stopped();
}

bool Ring::rest(const Turns::Condition& may_go_on) {
  if (!turns_ || !turns_->conducted()) return false;
  turns_->rest(may_go_on);
  return true;
}

void Ring::filled(std::uint64_t stream_offset, std::uint64_t bytes) {
  bool one_is_full = false;
  while (bytes > 0) {
    const std::uint64_t here =
        std::min<std::uint64_t>(bytes, record_size_ - stream_offset % record_size_);
    one_is_full |= counts_[slot(stream_offset)].fetch_add(here) + here == record_size_;
    stream_offset += here;
    bytes -= here;
  }
  if (one_is_full) wake_consumer();
}

void Ring::end_at(std::uint64_t stream_offset) {
  end_.store(stream_offset);
  wake_consumer();
}

void Ring::clear_end() { end_.store(no_end); }

void Ring::wake_consumer() {
  if (turns_) turns_->look_again();
  if (consumers_waiting_.load() == 0) return;
  { std::lock_guard lock(mutex_); }
  filled_changed_.notify_all();
}

bool Ring::full(std::uint64_t record_start) const {
  return record_start < released_.load(std::memory_order_relaxed) + capacity_ &&
         counts_[slot(record_start)].load() == record_size_;
}

Ring::Wait Ring::wait_filled(std::uint64_t record_start, int timeout_ms) {
  return wait_buffered(record_start, record_size_, timeout_ms);
}

Ring::Wait Ring::wait_buffered(std::uint64_t record_start, std::uint64_t bytes, int timeout_ms) {
  const auto enough = [&] {
    if (!full(record_start)) return false;
    return bytes <= record_size_ || producers_waiting_.load() > 0 || filled_bytes() >= bytes ||
           full_until(record_start) >= end_.load();
  };
  const auto done = [&] {
    return stopped_.load() || interrupted_.load() || enough() || end_.load() <= record_start;
  };
  if (turns_) return wait_for_turn(record_start, true, timeout_ms);
  bool in_time = done();
  if (!in_time) {
    std::unique_lock lock(mutex_);
    consumers_waiting_.fetch_add(1);
    in_time = wait_until(lock, filled_changed_, timeout_ms, done);
    consumers_waiting_.fetch_sub(1);
  }
  interrupted_.store(false);
  if (stopped()) return Wait::stopped;
  if (full(record_start)) return Wait::ready;
  return end_.load() <= record_start ? Wait::ended : Wait::timeout;
}

Ring::Wait Ring::wait_beyond_end(std::uint64_t record_start) {
  if (turns_) return wait_for_turn(record_start, false, -1);
  const auto done = [&] { return stopped_.load() || interrupted_.load() || full(record_start); };
  if (!done()) {
    std::unique_lock lock(mutex_);
    consumers_waiting_.fetch_add(1);
    filled_changed_.wait(lock, done);
    consumers_waiting_.fetch_sub(1);
  }
  interrupted_.store(false);
  if (stopped()) return Wait::stopped;
  return full(record_start) ? Wait::ready : Wait::timeout;
}

// The ring is as full as it gets before the turn comes: there is nothing to wait for beyond that.
Ring::Wait Ring::wait_for_turn(std::uint64_t record_start, bool end_counts, int timeout_ms) {
  const auto ended = [&] { return end_counts && end_.load() <= record_start; };
  const bool taken =
      turns_->take([&] { return full(record_start) || ended() || interrupted_.load(); },
                   [&] { return stopped_.load(); }, timeout_ms);
  interrupted_.store(false);
  if (stopped()) return Wait::stopped;
  if (taken && full(record_start)) return Wait::ready;
  if (taken) turns_->give_back();
  return ended() ? Wait::ended : Wait::timeout;
}

std::uint64_t Ring::full_until(std::uint64_t record_start) const {
  while (full(record_start)) record_start += record_size_;
  return record_start;
}

void Ring::release(std::uint64_t stream_offset_end) {
  const std::uint64_t from = released_.load(std::memory_order_relaxed);
  // The counts go back to zero before anyone may write there again.
  for (std::uint64_t record_start = from; record_start < stream_offset_end;
       record_start += record_size_) {
    counts_[slot(record_start)].store(0);
  }
  released_.store(stream_offset_end);
  if (producers_waiting_.load() == 0) return;
  { std::lock_guard lock(mutex_); }
  space_changed_.notify_all();
}

std::uint64_t Ring::filled_bytes() const {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < slots_; ++i) sum += counts_[i].load(std::memory_order_relaxed);
  return sum;
}

void Ring::interrupt() {
  interrupted_.store(true);
  { std::lock_guard lock(mutex_); }
  filled_changed_.notify_all();
  if (turns_) turns_->look_again();
}

void Ring::stop() {
  stopped_.store(true);
  { std::lock_guard lock(mutex_); }
  filled_changed_.notify_all();
  space_changed_.notify_all();
  if (turns_) turns_->stop();
}

void Ring::set_announce_hook(std::function<void(std::uint64_t)> hook) {
  std::lock_guard lock(hook_mutex_);
  hook_ = std::move(hook);
}

void Ring::announce(std::uint64_t stream_offset) {
  std::lock_guard lock(hook_mutex_);
  if (hook_) hook_(stream_offset);
}

}  // namespace tidemark
