// SPDX-License-Identifier: Apache-2.0
#include "stream/reader_count.h"

#include <doctest/doctest.h>

#include <functional>

namespace tidemark {
namespace {

constexpr std::uint64_t step_us = 50'000;

/// A machine and a source that answer so many files a second to so many readers.
struct Source {
  std::function<std::uint64_t(std::uint32_t readers)> files_per_second;
  std::uint64_t cpu_us_per_file = 20;

  ReaderCount count{2, 64, 2};
  ReaderCount::Sample sample{};
  bool wants_more = true;

  std::uint32_t after(std::uint32_t steps) {
    for (; steps > 0; --steps) {
      const std::uint64_t files = files_per_second(count.count()) * step_us / 1'000'000;
      sample.time_us += step_us;
      sample.objects += files;
      sample.bytes += files * 8192;
      sample.cpu_us += files * cpu_us_per_file;
      sample.wants_more = wants_more;
      count.next(sample);
    }
    return count.count();
  }
};

TEST_CASE("readers that wait for a cold source become more while that makes it faster") {
  Source cold{[](std::uint32_t readers) { return 400u * readers; }};
  CHECK(cold.after(1) == 2);
  // It stays there: nothing is tried over and over.
  CHECK(cold.after(200) == 64);
  CHECK(cold.after(1000) == 64);
}

TEST_CASE("they end near the number behind which the source is no faster") {
  Source disk{[](std::uint32_t readers) { return 400u * (readers < 8 ? readers : 8u); }};
  std::uint64_t at_eight = 0;
  std::uint64_t more = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::uint32_t count = disk.after(1);
    CHECK(count <= 16);
    at_eight += count == 8 ? 1 : 0;
    more += count > 8 ? 1 : 0;
  }
  CHECK(at_eight > 1500);
  // Tried again now and then, ever more rarely: another part of the source may be of another kind.
  CHECK(more > 0);
  CHECK(more < 200);
}

TEST_CASE("a warm page cache that keeps every core busy is left to two") {
  Source warm{[](std::uint32_t) { return 100'000u; }};
  CHECK(warm.after(1000) == 2);
}

TEST_CASE("many readers become few again where the cores turn out to be busy") {
  bool is_cold = true;
  Source mixed{[&](std::uint32_t readers) { return is_cold ? 400u * readers : 100'000u; }};
  CHECK(mixed.after(400) == 64);
  is_cold = false;
  CHECK(mixed.after(100) == 2);
  is_cold = true;
  CHECK(mixed.after(400) == 64);
}

TEST_CASE("a full ring, a barrier or a narrow tree is no reason for more") {
  Source cold{[](std::uint32_t readers) { return 400u * readers; }};
  cold.wants_more = false;
  CHECK(cold.after(1000) == 2);
  cold.wants_more = true;
  CHECK(cold.after(400) == 64);
  // And none for fewer: they wait, and cost nothing.
  cold.wants_more = false;
  CHECK(cold.after(1000) == 64);
}

TEST_CASE("a source that gives nothing at all does not get everybody stuck") {
  Source dead{[](std::uint32_t) { return 0u; }};
  for (int i = 0; i < 1000; ++i) CHECK(dead.after(1) <= 4);
}

}  // namespace
}  // namespace tidemark
