// SPDX-License-Identifier: Apache-2.0
#include "stream/reader_control.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <utility>

namespace tidemark {
namespace {

constexpr auto pause = std::chrono::milliseconds(40);

std::uint64_t microseconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000u +
         static_cast<std::uint64_t>(time.tv_nsec) / 1000u;
}

}  // namespace

void ReaderControl::start(std::uint32_t least, std::uint32_t most, Look look, Change change) {
  // Those that the process may use, which are not all where it was confined.
  const std::uint32_t cores = std::max(1u, std::thread::hardware_concurrency());
  thread_ = std::thread([this, count = ReaderCount(least, most, cores), look = std::move(look),
                         change = std::move(change)] { run(count, look, change); });
}

void ReaderControl::run(ReaderCount count, const Look& look, const Change& change) {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, pause, [&] { return stopped_; })) {
    lock.unlock();
    ReaderCount::Sample sample = look();
    sample.time_us = microseconds_of(CLOCK_MONOTONIC);
    sample.cpu_us = microseconds_of(CLOCK_PROCESS_CPUTIME_ID);
    const std::uint32_t before = count.count();
    if (count.next(sample) != before) change(count.count());
    lock.lock();
  }
}

void ReaderControl::stop() {
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace tidemark
