// SPDX-License-Identifier: Apache-2.0
#include "stream/ring.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include <unistd.h>

#include "stream/ring_drain.h"

namespace tidemark {
namespace {

constexpr std::size_t record = 16384;
constexpr int at_once = 0;

TEST_CASE("a ring is rounded up to whole records and pages, and mapped twice") {
  Ring ring(record + 512, 3 * record);
  REQUIRE(ring.error_number() == 0);
  CHECK(ring.capacity() % ring.record_size() == 0);
  CHECK(ring.capacity() % static_cast<std::size_t>(getpagesize()) == 0);
  std::vector<std::uint8_t> bytes(ring.capacity() - 100, 7);
  std::memcpy(ring.at(200), bytes.data(), bytes.size());
  CHECK(ring.at(0)[99] == 7);
  CHECK(ring.at(ring.capacity())[99] == 7);
}

TEST_CASE("a ring that cannot be mapped says why") {
  const Ring ring(record, std::size_t{1} << 60);
  CHECK(ring.error_number() != 0);
}

TEST_CASE("a record is ready when all of its bytes are filled, in any order") {
  Ring ring(record, 4 * record);
  ring.start_at(8 * record);
  ring.filled(9 * record, 10);
  ring.filled(8 * record + 100, record - 100);
  CHECK(ring.wait_filled(8 * record, at_once) == Ring::Wait::timeout);
  ring.filled(8 * record, 100);
  CHECK(ring.wait_filled(8 * record, at_once) == Ring::Wait::ready);
  CHECK(ring.full_until(8 * record) == 9 * record);
  CHECK(ring.filled_bytes() == record + 10);
}

TEST_CASE("space comes from released records") {
  Ring ring(record, 2 * record);
  ring.start_at(0);
  CHECK(ring.space_end() == 2 * record);
  ring.filled(0, 2 * record);
  std::thread consumer([&] { ring.release(record); });
  CHECK(ring.wait_for_space(3 * record));
  consumer.join();
  CHECK(ring.wait_filled(2 * record, at_once) == Ring::Wait::timeout);
}

TEST_CASE("the consumer hears of the stream's end, and of more behind it") {
  Ring ring(record, 4 * record);
  ring.start_at(0);
  ring.filled(0, record);
  ring.end_at(record);
  CHECK(ring.wait_buffered(0, 3 * record, -1) == Ring::Wait::ready);
  CHECK(ring.wait_filled(record, -1) == Ring::Wait::ended);
  ring.clear_end();
  CHECK(ring.wait_filled(record, at_once) == Ring::Wait::timeout);
}

TEST_CASE("stop wakes everyone up") {
  Ring ring(record, 2 * record);
  ring.start_at(0);
  std::thread producer([&] { CHECK_FALSE(ring.wait_for_space(3 * record)); });
  std::thread consumer([&] { CHECK(ring.wait_filled(0, -1) == Ring::Wait::stopped); });
  ring.stop();
  producer.join();
  consumer.join();
}

TEST_CASE("many producers and one consumer: every byte arrives once") {
  constexpr std::uint64_t total = 400 * record;
  constexpr std::uint64_t piece = 1536;
  Ring ring(record, 4 * record);
  ring.start_at(0);
  std::atomic<std::uint64_t> tail{0};
  const auto produce = [&] {
    for (;;) {
      const std::uint64_t from = tail.fetch_add(piece);
      if (from >= total) return;
      const std::uint64_t bytes = std::min(piece, total - from);
      if (!ring.wait_for_space(from + bytes)) return;
      for (std::uint64_t i = 0; i < bytes; ++i)
        ring.at(from)[i] = static_cast<std::uint8_t>((from + i) / 512);
      ring.filled(from, bytes);
    }
  };
  std::thread first(produce);
  std::thread second(produce);
  std::uint64_t wrong = 0;
  for (std::uint64_t at = 0; at < total; at += record) {
    REQUIRE(ring.wait_filled(at, -1) == Ring::Wait::ready);
    const auto bytes = ring.record(at);
    for (std::uint64_t i = 0; i < record; ++i)
      wrong += bytes[i] != static_cast<std::uint8_t>((at + i) / 512);
    ring.release(at + record);
  }
  first.join();
  second.join();
  CHECK(wrong == 0);
}

TEST_CASE("the announcement reaches the hook, until it is taken away") {
  Ring ring(record, 2 * record);
  std::uint64_t announced = 0;
  ring.set_announce_hook([&](std::uint64_t offset) { announced = offset; });
  ring.announce(5);
  ring.set_announce_hook(nullptr);
  ring.announce(6);
  CHECK(announced == 5);
}

TEST_CASE("a drain writes the records up to its limit, and says why it could not") {
  Ring ring(record, 4 * record);
  ring.start_at(0);
  std::memset(ring.at(0), 'r', 3 * record);
  ring.filled(0, 3 * record);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  CHECK(drain_ring(ring, ends[1], 2 * record).bytes == 2 * record);
  CHECK(ring.released() == 2 * record);
  close(ends[0]);
  close(ends[1]);
  CHECK(drain_ring(ring, ends[1], 3 * record).error_number == EBADF);
}

}  // namespace
}  // namespace tidemark
