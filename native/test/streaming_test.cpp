// SPDX-License-Identifier: Apache-2.0
#include "simulator/streaming.h"

#include <doctest/doctest.h>

using namespace tidemark::simulator;

namespace {

constexpr std::uint64_t megabyte = 1'000'000;
constexpr std::uint64_t second_us = 1'000'000;

/// Rate of so many megabytes that come with this pause in front of each, MB/s.
std::uint64_t rate_of(Streaming& drive, VirtualTime& time, int megabytes, std::uint64_t pause_us) {
  const auto start = time.now_us();
  for (int i = 0; i < megabytes; ++i) {
    time.pass(pause_us);
    drive.begin_command();
    drive.receive(megabyte, megabyte);
  }
  return static_cast<std::uint64_t>(megabytes) * megabyte / (time.now_us() - start);
}

}  // namespace

TEST_CASE("a drive takes what fits its buffer as fast as the link, and all else as fast as it is") {
  VirtualTime time;
  Streaming drive({}, 1000 * megabyte, time);
  CHECK(rate_of(drive, time, 400, 0) > 900);
  (void)rate_of(drive, time, 1600, 0);
  const auto sustained = rate_of(drive, time, 4000, 0);
  CHECK(sustained >= 400);
  CHECK(sustained <= 410);
  CHECK(drive.back_hitches() == 0);
}

TEST_CASE("a drive follows its host as long as that is faster than its slowest speed") {
  VirtualTime time;
  Streaming drive({}, 100 * megabyte, time);
  // 1 MB each 4 ms, and what the link takes.
  const auto rate = rate_of(drive, time, 4000, 3000);
  CHECK(rate > 200);
  CHECK(rate < 300);
  CHECK(drive.back_hitches() == 0);
}

TEST_CASE("a drive that gets too little runs dry, and stops and goes back each time") {
  VirtualTime time;
  Streaming drive({}, 100 * megabyte, time);
  (void)rate_of(drive, time, 4000, 20'000);
  CHECK(drive.back_hitches() > 10);
}

TEST_CASE("synchronising takes what the buffer holds and a stop, and nothing where it is empty") {
  VirtualTime time;
  Streaming drive({}, 1000 * megabyte, time);
  drive.synchronise();
  CHECK(time.now_us() == 0);
  drive.receive(408 * megabyte, 408 * megabyte);
  const auto start = time.now_us();
  drive.synchronise();
  CHECK(time.now_us() - start == 4 * second_us);
  CHECK(drive.buffered() == 0);
  CHECK(drive.back_hitches() == 0);
}

TEST_CASE("a block that is longer than the buffer waits until there is room for as much as it is") {
  VirtualTime time;
  Streaming drive({}, megabyte, time);
  drive.receive(4 * megabyte, 4 * megabyte);
  drive.receive(4 * megabyte, 4 * megabyte);
  CHECK(drive.buffered() == megabyte);
}
