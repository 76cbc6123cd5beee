// SPDX-License-Identifier: Apache-2.0
#include "stream/write_gate.h"

namespace tidemark {

WriteGate::WriteGate(std::uint64_t stream_offset) : announced_(stream_offset) {
  orders_.acknowledged = stream_offset;
}

void WriteGate::begin(std::uint64_t limit) {
  std::lock_guard lock(mutex_);
  orders_.limit = limit;
  orders_.stop.reset();
}

void WriteGate::lower_limit(std::uint64_t stream_offset) {
  {
    std::lock_guard lock(mutex_);
    if (stream_offset >= orders_.limit) return;
    orders_.limit = stream_offset;
  }
  changed_.notify_all();
  if (wake_) wake_();
}

void WriteGate::request_stop(StopRequest request) {
  {
    std::lock_guard lock(mutex_);
    if (orders_.stop && request != StopRequest::cut) return;
    orders_.stop = request;
  }
  changed_.notify_all();
  if (wake_) wake_();
}

void WriteGate::abandon() {
  {
    std::lock_guard lock(mutex_);
    orders_.abandoned = true;
  }
  changed_.notify_all();
  if (wake_) wake_();
}

void WriteGate::announced(std::uint64_t stream_offset) {
  std::lock_guard lock(mutex_);
  announced_ = stream_offset;
}

bool WriteGate::acknowledge(std::uint64_t stream_offset) {
  {
    std::lock_guard lock(mutex_);
    if (stream_offset > announced_) return false;
    if (stream_offset <= orders_.acknowledged) return true;
    orders_.acknowledged = stream_offset;
  }
  changed_.notify_all();
  return true;
}

WriteGate::Orders WriteGate::orders() const {
  std::lock_guard lock(mutex_);
  return orders_;
}

WriteGate::Orders WriteGate::wait_for_acknowledgement(std::uint64_t beyond) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return orders_.acknowledged > beyond || orders_.stop || orders_.abandoned ||
           orders_.limit <= beyond;
  });
  return orders_;
}

}  // namespace tidemark
