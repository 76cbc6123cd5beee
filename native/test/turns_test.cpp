// SPDX-License-Identifier: Apache-2.0
#include "stream/turns.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "device/device_thread.h"
#include "simulated_drive.h"
#include "stream/packer.h"
#include "stream/tape_writer.h"
#include "stream/xxh3.h"

namespace tidemark {
namespace {

constexpr std::size_t record = 16384;
/// Verdict, entries, hash, fingerprint, number of objects.
constexpr std::size_t packed_answer = 1 + 4 + sizeof(Digest128) + Fingerprint::size + 4;
constexpr std::size_t for_ever = SIZE_MAX;

std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

/// 60 files of up to five records in folders of different depth.
void make_tree(const std::string& path) {
  for (std::size_t i = 0; i < 60; ++i) {
    const std::string folder = path + (i % 4 == 0 ? "/a" : "/b/" + std::to_string(i % 7));
    std::filesystem::create_directories(folder);
    std::ofstream(folder + '/' + std::to_string(i)) << std::string(i * i * 21, 'x');
  }
}

struct Plan {
  std::uint64_t segment_bytes = UINT64_MAX;
  std::uint64_t checkpoint_bytes = UINT64_MAX;
  bool asks = false;
  /// The stream is given up when so many messages were heard.
  std::size_t stop_at = for_ever;
  /// How the writer is told to stop, and go on, at each 7th message.
  bool interrupts = false;
};

/// One source through packer, ring and writer to a drive. What JavaScript does runs on the test's
/// own thread, as slowly as chance will have it.
class Course {
 public:
  Course(const Plan& plan, unsigned seed)
      : plan_(plan),
        chance_(seed),
        ring_(std::make_shared<Ring>(record, 12 * record, true)),
        writer_(ring_, 0, [this](std::uint64_t offset, const std::vector<std::uint8_t>& digests) {
          post([this, offset, digests] { hear_blocks(offset, digests); });
          return true;
        }) {
    PackerOptions options;
    options.readers = 1;
    options.segment_bytes = plan.segment_bytes;
    options.first_container_id = 1;
    packer_ = std::make_unique<Packer>(ring_, options, [this](PackerEvent&& event) {
      auto kept = std::make_shared<PackerEvent>(std::move(event));
      post([this, kept] {
        hear(*kept);
        ring_->turns()->processed();
      });
    });
  }

  void run(const std::string& source) {
    begin_run();
    PackerSource start;
    start.path = source;
    start.asks = plan_.asks;
    REQUIRE(packer_->start(std::move(start)) == nullptr);
    while (!ended_) next_task()();
    packer_->stop();
  }

  ~Course() {
    packer_->stop();
    writer_.abandon();
  }

  std::vector<std::string> log;
  std::uint64_t stream_offset = 0;
  test::SimulatedDrive tape;

 private:
  void post(std::function<void()> task) {
    {
      std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_all();
  }

  std::function<void()> next_task() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !tasks_.empty(); });
    auto task = std::move(tasks_.front());
    tasks_.erase(tasks_.begin());
    lock.unlock();
    if (chance_() % 4 == 0) std::this_thread::yield();
    return task;
  }

  /// With how far both sides are: neither may be at work meanwhile.
  void note(const std::string& what) {
    log.push_back(what + " at " + std::to_string(writer_.progress().stream_offset) + " of " +
                  std::to_string(packer_->progress().bytes_reserved));
    if (log.size() == plan_.stop_at) {
      packer_->begin_stop();
      ended_ = true;
    }
    if (plan_.interrupts && log.size() % 7 == 0) {
      writer_.request_stop(WriteGate::StopRequest::checkpoint);
    }
  }

  void hear(PackerEvent& event) {
    if (const auto* frame = std::get_if<RecordFrame>(&event)) {
      note("records " + hex(xxh3_64({frame->bytes.get(), frame->size})));
      // As a data server that finds the segment's records too many.
      if (frame->records > 20) packer_->request_barrier();
    } else if (const auto* question = std::get_if<QuestionEvent>(&event)) {
      note("question " + std::to_string(question->paths.size()));
      const std::vector<std::uint8_t> not_listed(question->paths.size() * packed_answer, 0);
      REQUIRE(packer_->answer(question->id, not_listed));
    } else if (const auto* barrier = std::get_if<BarrierEvent>(&event)) {
      note("barrier " + std::to_string(barrier->stream_offset));
      limit_ = barrier->stream_offset;
      writer_.lower_limit(limit_);
    } else {
      note("done");
      done_ = true;
    }
  }

  void hear_blocks(std::uint64_t offset, const std::vector<std::uint8_t>& digests) {
    note("blocks " + std::to_string(digests.size() / 8) + ' ' + hex(xxh3_64(digests)));
    REQUIRE(writer_.acknowledge(offset + digests.size() / 8 * record));
  }

  void begin_run() {
    writer_.begin(limit_, plan_.checkpoint_bytes);
    device_.post([this] {
      const TapeWriter::Run run = writer_.run(*tape.drive);
      post([this, run] { end_run(run); });
    });
  }

  void end_run(const TapeWriter::Run& run) {
    note("run " + std::to_string(static_cast<int>(run.reason)));
    stream_offset = run.stream_offset;
    const bool at_barrier = run.reason == TapeWriter::Reason::limit;
    if (ended_ || run.reason == TapeWriter::Reason::cut || (at_barrier && done_)) {
      ended_ = true;
      return;
    }
    if (at_barrier) limit_ = WriteGate::no_limit;
    begin_run();
    if (at_barrier) REQUIRE(packer_->release());
  }

  const Plan plan_;
  std::minstd_rand chance_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> tasks_;
  std::shared_ptr<Ring> ring_;
  TapeWriter writer_;
  std::unique_ptr<Packer> packer_;
  std::uint64_t limit_ = WriteGate::no_limit;
  bool done_ = false;
  bool ended_ = false;
  /// Last, so that it ends first.
  DeviceThread device_;
};

const std::vector<Plan> plans{
    {.checkpoint_bytes = 30 * record},
    {.segment_bytes = 40 * record, .checkpoint_bytes = 25 * record, .asks = true},
    {.segment_bytes = 50 * record, .interrupts = true},
};

}  // namespace

TEST_CASE("a stream that takes turns is the same in each run, however slow anybody is") {
  const test::TemporaryFolder folder;
  make_tree(folder.path());
  for (const Plan& plan : plans) {
    Course first(plan, 1);
    first.run(folder.path());
    REQUIRE(first.log.size() > 20);
    const auto medium = first.tape.medium();
    CHECK(medium.size() == first.stream_offset);
    for (unsigned seed = 2; seed < 6; ++seed) {
      Course again(plan, seed);
      again.run(folder.path());
      REQUIRE(again.log == first.log);
      CHECK(again.tape.medium() == medium);
    }
  }
}

TEST_CASE(
    "a stream that takes turns can be given up at every message, and is the same until then") {
  const test::TemporaryFolder folder;
  make_tree(folder.path());
  const Plan whole{.segment_bytes = 80 * record, .checkpoint_bytes = 55 * record, .asks = true};
  Course reference(whole, 1);
  reference.run(folder.path());
  for (std::size_t stop = 1; stop < reference.log.size(); ++stop) {
    Plan plan = whole;
    plan.stop_at = stop;
    Course course(plan, static_cast<unsigned>(stop));
    course.run(folder.path());
    REQUIRE(course.log.size() == stop);
    CHECK(std::equal(course.log.begin(), course.log.end(), reference.log.begin()));
  }
}

TEST_CASE(
    "a packer whose events nobody processes any more can be stopped, and a writer abandoned") {
  const test::TemporaryFolder folder;
  make_tree(folder.path());
  test::SimulatedDrive tape;
  const auto ring = std::make_shared<Ring>(record, 12 * record, true);
  TapeWriter writer(ring, 0, [](std::uint64_t, const std::vector<std::uint8_t>&) { return true; });
  std::atomic<bool> heard{false};
  PackerOptions options;
  options.readers = 1;
  options.segment_bytes = record;
  Packer packer(ring, options, [&](PackerEvent&&) {
    heard = true;
    heard.notify_all();
  });
  writer.begin(WriteGate::no_limit, UINT64_MAX);
  std::thread device([&] { CHECK(writer.run(*tape.drive).reason == TapeWriter::Reason::cut); });
  PackerSource source;
  source.path = folder.path();
  REQUIRE(packer.start(std::move(source)) == nullptr);
  heard.wait(false);
  SUBCASE("the writer first") {
    // It has not had its turn, and does not wait for it.
    writer.abandon();
    device.join();
    packer.stop();
  }
  SUBCASE("the packer first") {
    packer.stop();
    device.join();
  }
}

}  // namespace tidemark
