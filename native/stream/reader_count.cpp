// SPDX-License-Identifier: Apache-2.0
#include "stream/reader_count.h"

#include <algorithm>

namespace tidemark {
namespace {

/// A measurement ends when it is long enough to tell something, by what was read or by the clock.
constexpr std::uint64_t shortest_us = 80'000;
constexpr std::uint64_t longest_us = 1'000'000;
constexpr std::uint64_t enough_work = 8u << 20;
/// What a file costs beside its bytes, in bytes: a source of small files is slow in files.
constexpr std::uint64_t work_of_object = 32u << 10;
/// Twice as many readers that make less of a difference are not worth their memory.
constexpr double worthwhile = 1.1;
/// Of all cores: above this none can be called idle.
constexpr double busy = 0.85;
constexpr std::uint32_t first_patience = 8;
constexpr std::uint32_t longest_patience = 128;

std::uint64_t work_between(const ReaderCount::Sample& from, const ReaderCount::Sample& to) {
  return to.bytes - from.bytes + (to.objects - from.objects) * work_of_object;
}

}  // namespace

std::uint32_t ReaderCount::next(const Sample& now) {
  // A full ring, a barrier or a narrow tree says nothing about how fast readers are.
  if (!now.wants_more) {
    measuring_ = false;
    return count_;
  }
  if (!measuring_) {
    measuring_ = true;
    start_ = now;
    return count_;
  }
  const std::uint64_t passed = now.time_us - start_.time_us;
  const std::uint64_t work = work_between(start_, now);
  if (passed < shortest_us || (work < enough_work && passed < longest_us)) return count_;
  const auto time = static_cast<double>(passed);
  const auto cpu = static_cast<double>(now.cpu_us - start_.cpu_us);
  judge(static_cast<double>(work) / time, cpu < busy * cores_ * time);
  start_ = now;
  return count_;
}

void ReaderCount::judge(double rate, bool core_is_idle) {
  const bool helped = !raised_ || rate > rate_before_ * worthwhile;
  raised_ = false;
  if (!helped) {
    next_patience_ = std::clamp(2 * next_patience_, first_patience, longest_patience);
    patience_ = next_patience_;
    lower();
  } else if (!core_is_idle) {
    lower();
  } else if (patience_ > 0) {
    --patience_;
  } else {
    raise(rate);
  }
}

void ReaderCount::raise(double rate) {
  if (count_ == most_) return;
  count_ = std::min(most_, 2 * count_);
  rate_before_ = rate;
  raised_ = true;
}

void ReaderCount::lower() { count_ = std::max(least_, count_ / 2); }

}  // namespace tidemark
