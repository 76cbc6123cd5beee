// SPDX-License-Identifier: Apache-2.0
#include "simulator/streaming.h"

#include <algorithm>

namespace tidemark::simulator {
namespace {

/// The tape keeps its speed for so long.
constexpr std::uint64_t step_us = 1000;

}  // namespace

Streaming::Streaming(const TapeSpeed& speed, std::uint64_t buffer_bytes, VirtualTime& time)
    : speed_(speed), buffer_bytes_(buffer_bytes), time_(time), at_us_(time.now_us()) {}

/// By how much there is: the slowest below a quarter of the buffer, the fastest above three.
std::uint64_t Streaming::speed() const {
  const auto quarter = std::max<std::uint64_t>(buffer_bytes_ / 4, 1);
  const auto above = std::clamp(buffered_, quarter, 3 * quarter) - quarter;
  return speed_.slowest_mb_s + (speed_.fastest_mb_s - speed_.slowest_mb_s) * above / (2 * quarter);
}

void Streaming::run_for(std::uint64_t duration_us) {
  const auto bytes = speed() * duration_us;
  at_us_ += duration_us;
  if (bytes <= buffered_) {
    buffered_ -= bytes;
    return;
  }
  buffered_ = 0;
  is_running_ = false;
  ++back_hitches_;
  at_us_ += speed_.back_hitch_us;
}

void Streaming::catch_up() {
  const auto now = time_.now_us();
  while (is_running_ && at_us_ < now) run_for(std::min(step_us, now - at_us_));
  if (!is_running_) at_us_ = std::max(at_us_, now);
}

void Streaming::pass(std::uint64_t duration_us) {
  time_.pass(duration_us);
  catch_up();
}

void Streaming::receive(std::uint64_t host_bytes, std::uint64_t native_bytes) {
  pass(host_bytes / speed_.link_mb_s);
  const auto bytes = std::min(native_bytes, buffer_bytes_);
  while (buffered_ + bytes > buffer_bytes_) {
    is_running_ = true;
    // It may be going back yet.
    if (at_us_ > time_.now_us()) time_.pass(at_us_ - time_.now_us());
    const auto too_many = buffered_ + bytes - buffer_bytes_;
    pass(std::clamp<std::uint64_t>(too_many / speed(), 1, step_us));
  }
  buffered_ += bytes;
  if (buffered_ >= buffer_bytes_ / 2) is_running_ = true;
}

void Streaming::synchronise() {
  catch_up();
  if (buffered_ == 0) return;
  if (at_us_ > time_.now_us()) time_.pass(at_us_ - time_.now_us());
  time_.pass(buffered_ / speed_.fastest_mb_s + speed_.back_hitch_us);
  buffered_ = 0;
  is_running_ = false;
  at_us_ = time_.now_us();
}

}  // namespace tidemark::simulator
