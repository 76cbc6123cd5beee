// SPDX-License-Identifier: Apache-2.0
#include "stream/packer.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "stream/pax_reader.h"
#include "temporary_folder.h"

namespace tidemark {
namespace {

constexpr std::size_t record = 16384;

/// A packer with four readers or more whose stream goes into memory, as a writer would take it.
class Run {
 public:
  explicit Run(std::uint64_t segment_bytes, std::size_t capacity = 16 * record)
      : ring_(std::make_shared<Ring>(record, capacity)) {
    PackerOptions options;
    options.readers = 4;
    options.most_readers = 64;
    options.segment_bytes = segment_bytes;
    options.first_container_id = 1;
    packer_ =
        std::make_unique<Packer>(ring_, options, [this](PackerEvent&& event) { take(event); });
  }

  /// To the barrier behind the source's end.
  void pack(const std::string& path) {
    PackerSource source;
    source.path = path;
    REQUIRE(packer_->start(std::move(source)) == nullptr);
    for (std::uint64_t at = stream_.size();;) {
      const Ring::Wait wait = ring_->wait_filled(at, -1);
      if (wait == Ring::Wait::ready) {
        const std::uint64_t end = ring_->full_until(at);
        ring_->announce(end);
        for (; at < end; at += record) {
          const auto bytes = ring_->record(at);
          stream_.insert(stream_.end(), bytes.begin(), bytes.end());
          ring_->release(at + record);
        }
      } else if (barrier_ends_source(at)) {
        return;
      } else {
        REQUIRE(packer_->release());
      }
    }
  }

  void take(PackerEvent& event) {
    const std::lock_guard lock(mutex_);
    if (const auto* frame = std::get_if<RecordFrame>(&event)) records_ += frame->records;
    if (const auto* done = std::get_if<SourceDoneEvent>(&event)) {
      summary_ = done->summary;
      done_ = true;
    }
    if (const auto* barrier = std::get_if<BarrierEvent>(&event)) {
      barriers_.push_back(barrier->stream_offset);
      changed_.notify_all();
    }
  }

  /// A barrier's event comes just behind the stream's end in the ring.
  bool barrier_ends_source(std::uint64_t at) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return barriers_.size() > barriers_seen_; });
    barriers_seen_ = barriers_.size();
    CHECK(barriers_.back() == at);
    return done_;
  }

  std::vector<std::string> member_paths() const {
    std::vector<std::string> paths;
    std::span<const std::uint8_t> rest(stream_);
    PaxReader reader;
    while (!rest.empty()) {
      reader.restart();
      // Behind the last member there may be fillers alone.
      const PaxReader::State state = reader.feed(rest);
      if (state != PaxReader::State::complete) break;
      paths.push_back(reader.member().path);
      const std::uint64_t data = (reader.member().archived_bytes + 511) / 512 * 512;
      rest = rest.subspan(static_cast<std::size_t>(data));
    }
    return paths;
  }

  Packer& packer() { return *packer_; }
  Ring& ring() { return *ring_; }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::uint64_t> barriers_;
  std::size_t barriers_seen_ = 0;
  std::uint64_t records_ = 0;
  PackerSummary summary_;
  bool done_ = false;
  std::vector<std::uint8_t> stream_;

 private:
  std::shared_ptr<Ring> ring_;
  std::unique_ptr<Packer> packer_;
};

/// 30 folders of 20 files of up to three records, one of each second one a hard link.
std::set<std::string> make_tree(const std::string& path) {
  const std::string prefix = path.substr(1) + '/';
  std::set<std::string> members{prefix};
  for (int i = 0; i < 30; ++i) {
    const std::string folder = (i % 3 == 0 ? "" : "inner/") + std::to_string(i);
    std::filesystem::create_directories(path + '/' + folder);
    members.insert(prefix + folder + '/');
    for (int k = 0; k < 20; ++k) {
      const std::string name = folder + '/' + std::to_string(k);
      std::ofstream(path + '/' + name) << std::string(static_cast<std::size_t>(i * k * 80), 'x');
      members.insert(prefix + name);
    }
    std::filesystem::create_hard_link(path + '/' + folder + "/0",
                                      path + "/link" + std::to_string(i));
    members.insert(prefix + "link" + std::to_string(i));
  }
  members.insert(prefix + "inner/");
  return members;
}

TEST_CASE("several readers write every member once, whatever barriers come") {
  const test::TemporaryFolder folder;
  const auto expected = make_tree(folder.path());
  for (const std::uint64_t segment : {UINT64_MAX, std::uint64_t{8 * record}, std::uint64_t{1}}) {
    Run run(segment);
    run.pack(folder.path());
    run.packer().stop();
    auto paths = run.member_paths();
    const std::set<std::string> distinct(paths.begin(), paths.end());
    CHECK(distinct == expected);
    if (segment == UINT64_MAX) CHECK(paths.size() == expected.size());
    CHECK(run.summary_.objects_written == expected.size());
    CHECK(run.summary_.objects_unreadable == 0);
    // Each object, and each container's opening and closing.
    CHECK(run.records_ >= expected.size() + 2 * 32);
  }
}

TEST_CASE("sources follow one another in one stream") {
  const test::TemporaryFolder first;
  const test::TemporaryFolder second;
  std::ofstream(first.path() + "/a") << "a";
  std::ofstream(second.path() + "/b") << "b";
  Run run(UINT64_MAX);
  run.pack(first.path());
  run.done_ = false;
  REQUIRE(run.packer().release());
  run.pack(second.path());
  run.packer().stop();
  const auto paths = run.member_paths();
  CHECK(paths ==
        std::vector<std::string>{first.path().substr(1) + "/", first.path().substr(1) + "/a",
                                 second.path().substr(1) + "/", second.path().substr(1) + "/b"});
}

TEST_CASE("stopping is possible at any time") {
  const test::TemporaryFolder folder;
  make_tree(folder.path());
  for (int attempt = 0; attempt < 20; ++attempt) {
    Run run(UINT64_MAX, 4 * record);
    PackerSource source;
    source.path = folder.path();
    REQUIRE(run.packer().start(std::move(source)) == nullptr);
    if (attempt % 2 == 0) static_cast<void>(run.ring().wait_filled(0, 100));
    run.packer().stop();
    PackerSource again;
    again.path = folder.path();
    CHECK(run.packer().start(std::move(again)) != nullptr);
  }
}

TEST_CASE("only one source at a time, and only an absolute path") {
  const test::TemporaryFolder folder;
  Run run(UINT64_MAX);
  PackerSource relative;
  relative.path = "relative";
  CHECK(run.packer().start(std::move(relative)) != nullptr);
  PackerSource asked;
  asked.path = folder.path();
  asked.asks = true;
  PackerSource another = asked;
  CHECK(run.packer().start(std::move(asked)) == nullptr);
  CHECK(run.packer().start(std::move(another)) != nullptr);
}

}  // namespace
}  // namespace tidemark
