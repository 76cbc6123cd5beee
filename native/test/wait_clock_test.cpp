// SPDX-License-Identifier: Apache-2.0
#include "stream/wait_clock.h"

#include <doctest/doctest.h>

#include <optional>
#include <thread>

namespace tidemark {
namespace {

/// Returns when the clock has gone on by itself.
void wait_for_more_than(const WaitClock& clock, std::uint64_t microseconds) {
  while (clock.microseconds() <= microseconds) std::this_thread::yield();
}

TEST_CASE("a wait counts while it goes on, stands still after it, and the next one adds to it") {
  WaitClock clock;
  CHECK(clock.microseconds() == 0);
  std::optional<Waiting> waiting(std::in_place, &clock);
  wait_for_more_than(clock, 100);
  waiting.reset();
  const std::uint64_t first = clock.microseconds();
  CHECK(first > 100);
  CHECK(clock.microseconds() == first);
  waiting.emplace(&clock);
  wait_for_more_than(clock, first);
}

TEST_CASE("the time of several who wait at once counts once, to the end of the last one") {
  WaitClock clock;
  const auto begun = std::chrono::steady_clock::now();
  std::optional<Waiting> one(std::in_place, &clock);
  std::optional<Waiting> other(std::in_place, &clock);
  wait_for_more_than(clock, 1000);
  one.reset();
  wait_for_more_than(clock, 2000);
  other.reset();
  const auto passed = std::chrono::steady_clock::now() - begun;
  const auto all = std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
  CHECK(clock.microseconds() <= static_cast<std::uint64_t>(all));
}

}  // namespace
}  // namespace tidemark
