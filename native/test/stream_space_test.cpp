// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_space.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

constexpr std::uint64_t record = 16384;
constexpr std::uint64_t endless = UINT64_MAX;
using Outcome = StreamSpace::Outcome;

/// A space with its barrier thread, and the barriers that were reached.
struct Stream {
  explicit Stream(std::uint64_t segment_bytes = endless, std::uint64_t start = 0)
      : ring(record, 64 * record), space(ring, start, segment_bytes) {
    ring.start_at(start);
    thread = std::thread([this] {
      space.serve_barriers([this](std::uint64_t offset) {
        std::lock_guard lock(mutex);
        barriers.push_back(offset);
        changed.notify_all();
      });
    });
  }
  ~Stream() {
    ring.stop();
    space.wake();
    thread.join();
  }
  std::vector<std::uint64_t> wait_for_barriers(std::size_t count) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return barriers.size() >= count; });
    return barriers;
  }
  /// A member that is filled at once.
  StreamSpace::Reservation member(std::uint64_t head, std::uint64_t total) {
    const auto reservation = space.reserve(head, total);
    if (reservation.outcome != Outcome::reserved) return reservation;
    ring.filled(reservation.start, total);
    space.finish_fill();
    return reservation;
  }

  Ring ring;
  StreamSpace space;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::uint64_t> barriers;
};

TEST_CASE("headers never straddle a record boundary") {
  Stream stream;
  CHECK(stream.member(512, 15'872).start == 0);
  // 512 bytes are left: enough for one header, not for two.
  CHECK(stream.member(1024, 2048).start == record);
  CHECK(stream.member(512, record - 2048 - 512).start == record + 2048);
  CHECK(stream.member(512, 512).start == 2 * record - 512);
  // A header set longer than a record begins at a boundary.
  CHECK(stream.member(512, 512).start == 2 * record);
  CHECK(stream.member(record + 512, 2 * record).start == 3 * record);
  CHECK(stream.ring.full_until(0) == 5 * record);
}

TEST_CASE("a segment is closed at the first member boundary past its size") {
  Stream stream(2 * record);
  CHECK(stream.member(512, 3 * record + 512).segment == 1);
  CHECK(stream.space.reserve(512, 512).outcome == Outcome::stale);
  CHECK(stream.wait_for_barriers(1) == std::vector<std::uint64_t>{4 * record});
  CHECK(stream.ring.full_until(0) == 4 * record);
  CHECK(stream.space.release());
  CHECK_FALSE(stream.space.release());
  CHECK(stream.space.wait_start());
  const auto next = stream.member(512, 512);
  CHECK(next.start == 4 * record);
  CHECK(next.segment == 2);
}

TEST_CASE("a barrier waits for open fills") {
  Stream stream;
  const auto reservation = stream.space.reserve(512, 1024);
  stream.space.request_barrier();
  CHECK(stream.barriers.empty());
  stream.ring.filled(reservation.start, 1024);
  stream.space.finish_fill();
  CHECK(stream.wait_for_barriers(1) == std::vector<std::uint64_t>{record});
  CHECK(stream.ring.wait_filled(record, -1) == Ring::Wait::ended);
}

TEST_CASE("behind the end of a source comes a barrier, whatever stands already") {
  Stream stream;
  bool told = false;
  SUBCASE("none") {
    stream.space.end_source([&] { told = true; });
    CHECK(stream.wait_for_barriers(1).size() == 1);
  }
  SUBCASE("one that stands") {
    stream.space.request_barrier();
    stream.wait_for_barriers(1);
    stream.space.end_source([&] { told = true; });
    CHECK(stream.space.release());
    CHECK(stream.wait_for_barriers(2) == std::vector<std::uint64_t>{0, 0});
  }
  CHECK(told);
  CHECK(stream.space.release());
  CHECK(stream.space.wait_start());
}

TEST_CASE("a continued member takes exactly its rest") {
  Stream stream(endless, 5 * record);
  CHECK(stream.space.reserve_until(7 * record + 512).start == 5 * record);
  stream.ring.filled(5 * record, 2 * record + 512);
  stream.space.finish_fill();
  CHECK(stream.space.position() == 7 * record + 512);
}

TEST_CASE("a full ring makes a reservation stale") {
  Stream stream;
  CHECK(stream.member(512, 64 * record).start == 0);
  CHECK(stream.space.reserve(512, 512).outcome == Outcome::stale);
  std::thread writer([&] { stream.ring.release(record); });
  CHECK(stream.space.wait_start());
  writer.join();
  CHECK(stream.member(512, 512).start == 64 * record);
}

TEST_CASE("waiting ends when the ring is stopped") {
  Stream stream;
  stream.space.request_barrier();
  std::thread reader([&] { CHECK_FALSE(stream.space.wait_start()); });
  stream.ring.stop();
  stream.space.wake();
  reader.join();
}

TEST_CASE("members of many readers never overlap, over many barriers") {
  Stream stream(8 * record);
  std::atomic<int> left{3000};
  const auto read = [&](std::uint64_t seed) {
    while (left.fetch_sub(1) > 0) {
      for (;;) {
        if (!stream.space.wait_start()) return;
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        const std::uint64_t head = 512 * (1 + (seed >> 33) % 4);
        const std::uint64_t total = head + 512 * ((seed >> 40) % 8);
        const auto reservation = stream.space.reserve(head, total);
        if (reservation.outcome == Outcome::stale) continue;
        stream.ring.filled(reservation.start, total);
        stream.space.finish_fill();
        break;
      }
    }
  };
  std::thread first(read, 1);
  std::thread second(read, 2);
  std::atomic<bool> done{false};
  std::thread ender([&] {
    first.join();
    second.join();
    stream.space.end_source([&] { done = true; });
  });
  std::uint64_t at = 0;
  bool overfilled = false;
  for (;;) {
    if (stream.ring.wait_filled(at, -1) == Ring::Wait::ready) {
      at += record;
      stream.ring.release(at);
      continue;
    }
    overfilled |= stream.ring.filled_bytes() != 0;
    if (done) break;
    stream.space.release();
  }
  ender.join();
  CHECK_FALSE(overfilled);
  CHECK(at == stream.space.position());
}

}  // namespace
}  // namespace tidemark
