// SPDX-License-Identifier: Apache-2.0
#include "stream/container_queue.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace tidemark {
namespace {

struct Questions {
  std::vector<std::vector<std::string>> asked;
  ContainerQueue queue{
      [this](std::uint32_t, const std::vector<std::string>& paths) { asked.push_back(paths); }};
};

ContainerTask task(std::string path) {
  ContainerTask result;
  result.path = std::move(path);
  return result;
}

/// Verdict, entries, hash, fingerprint, and how many complete objects follow.
constexpr std::size_t answer_size = 1 + 4 + sizeof(Digest128) + Fingerprint::size + 4;

std::vector<std::uint8_t> packed_answer(std::uint8_t verdict) {
  std::vector<std::uint8_t> bytes(answer_size);
  bytes[0] = verdict;
  return bytes;
}

TEST_CASE("no more work at a time than are allowed, and what was taken away comes back") {
  Questions questions;
  ContainerQueue& queue = questions.queue;
  std::atomic<std::size_t> working{0};
  std::atomic<std::size_t> most{0};
  std::atomic<std::size_t> walked{0};
  std::vector<ContainerTask> found(300);
  queue.allow(2);
  queue.begin(false, task(""));
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&] {
      while (auto taken = queue.next()) {
        const std::size_t now = ++working;
        std::size_t before = most;
        while (before < now && !most.compare_exchange_weak(before, now)) {
        }
        if (walked++ == 0) queue.add(std::move(found));
        if (walked == 100) queue.allow(1);
        if (walked == 200) queue.allow(2);
        --working;
        if (queue.finish_task()) queue.stop();
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  CHECK(walked == 301);
  CHECK(most <= 2);
}

TEST_CASE("directories are walked last in, first out, children in their order") {
  Questions questions;
  ContainerQueue& queue = questions.queue;
  queue.begin(false, task(""));
  CHECK(queue.next()->path.empty());
  queue.add({task("a/"), task("b/")});
  CHECK_FALSE(queue.finish_task());
  CHECK(queue.next()->path == "a/");
  queue.add({task("a/x/")});
  CHECK_FALSE(queue.finish_task());
  CHECK(queue.next()->path == "a/x/");
  CHECK_FALSE(queue.finish_task());
  CHECK(queue.next()->path == "b/");
  CHECK(queue.finish_task());
  CHECK_FALSE(queue.active());
  CHECK(questions.asked.empty());
}

TEST_CASE("at most two questions are on their way, the rest collects") {
  Questions questions;
  ContainerQueue& queue = questions.queue;
  queue.begin(true, task(""));
  REQUIRE(questions.asked.size() == 1);
  CHECK(queue.answer(1, packed_answer(0)));
  CHECK(queue.next()->answer.verdict == ContainerAnswer::Verdict::not_listed);
  queue.add({task("a/")});
  queue.add({task("b/")});
  std::vector<ContainerTask> many;
  for (int i = 0; i < 300; ++i) many.push_back(task(std::to_string(i)));
  queue.add(std::move(many));
  CHECK(questions.asked.size() == 3);
  CHECK_FALSE(queue.finish_task());
  CHECK(queue.answer(3, packed_answer(2)));
  REQUIRE(questions.asked.size() == 4);
  CHECK(questions.asked[3].size() == 256);
  CHECK(questions.asked[3][0] == "0");
  CHECK(queue.next()->path == "b/");
  CHECK_FALSE(queue.finish_task());
}

TEST_CASE("answers must fit their question") {
  Questions questions;
  ContainerQueue& queue = questions.queue;
  queue.begin(true, task(""));
  CHECK_FALSE(queue.answer(7, packed_answer(0)));
  CHECK_FALSE(queue.answer(1, {}));
  CHECK_FALSE(queue.answer(1, packed_answer(9)));
  auto two = packed_answer(0);
  two.resize(2 * answer_size);
  CHECK_FALSE(queue.answer(1, two));
}

TEST_CASE("a question that is asked again is marked") {
  Questions questions;
  ContainerTask again = task("a/");
  again.asks_again = true;
  questions.queue.begin(true, std::move(again));
  CHECK(questions.asked[0][0] == std::string("\0a/", 3));
}

TEST_CASE("complete objects are found by name") {
  std::vector<std::uint8_t> packed = packed_answer(1);
  packed[answer_size - 1] = 2;
  for (const std::string name : {"zeta", "alpha"}) {
    packed.push_back(0);
    packed.push_back(static_cast<std::uint8_t>(name.size()));
    packed.insert(packed.end(), name.begin(), name.end());
    packed.insert(packed.end(), Fingerprint::size, static_cast<std::uint8_t>(name[0]));
  }
  std::span<const std::uint8_t> bytes(packed);
  const auto answer = take_container_answer(bytes);
  REQUIRE(answer);
  CHECK(bytes.empty());
  const CompleteObjects objects(answer->complete_objects);
  REQUIRE(objects.find("alpha"));
  CHECK(objects.find("alpha")->bytes[0] == 'a');
  CHECK(objects.find("zeta")->bytes[51] == 'z');
  CHECK_FALSE(objects.find("beta"));
  for (std::size_t length = 0; length < packed.size(); ++length) {
    std::span<const std::uint8_t> cut(packed.data(), length);
    CHECK_FALSE(take_container_answer(cut));
  }
}

}  // namespace
}  // namespace tidemark
