// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "stream/container_queue.h"
#include "stream/continuation.h"
#include "stream/extent_size.h"
#include "stream/link_map.h"
#include "stream/member_index.h"
#include "stream/packer_counters.h"
#include "stream/packer_event.h"
#include "stream/packer_outbox.h"
#include "stream/reader_control.h"
#include "stream/record_frame.h"
#include "stream/ring.h"
#include "stream/source_walk.h"
#include "stream/stream_space.h"

namespace tidemark {

struct PackerOptions {
  std::uint32_t readers = 2;
  /// Where it is larger: as many as may become of them on a cold source, see ReaderCount.
  std::uint32_t most_readers = 0;
  /// A multiple of the record size.
  std::uint64_t stream_offset = 0;
  std::uint64_t first_container_id = 0;
  std::uint64_t segment_bytes = 0;
  /// See PackerStream.
  std::uint64_t extent_bytes = default_extent_bytes;
};

struct PackerSource {
  std::uint64_t index = 0;
  std::string path;
  bool cross_mounts = false;
  /// Containers are asked about before they are walked.
  bool asks = false;
  bool trust_catalog = false;
  /// See LinkMap::load.
  std::vector<std::uint8_t> link_targets;
  std::optional<ContinuedObject> continued;
};

struct PackerProgress {
  std::uint64_t bytes_reserved = 0;
  std::uint64_t objects = 0;
  /// Those that are allowed to work now.
  std::uint32_t readers = 0;
  std::string current_path;
};

/// Walks source volumes with several readers and fills the ring with their members (design: data
/// path, section 1). Events come one at a time, from several threads, but never from a reader's.
/// Where the ring takes turns there is one reader, and each event is to be answered by
/// `Turns::processed`.
class Packer {
 public:
  using OnEvent = PackerOutbox::OnEvent;

  /// Nobody else may use the ring yet, see `Ring::take`; it is emptied, and given back by `stop`.
  Packer(std::shared_ptr<Ring> ring, const PackerOptions& options, OnEvent on_event);
  ~Packer();
  Packer(const Packer&) = delete;
  Packer& operator=(const Packer&) = delete;

  /// Null, or a sentence that says why the source cannot be started.
  [[nodiscard]] const char* start(PackerSource&& source);
  /// False where the answer does not fit its question.
  [[nodiscard]] bool answer(std::uint32_t id, std::span<const std::uint8_t> packed);
  void request_barrier();
  [[nodiscard]] bool release();
  /// Everything that is in frames has been told before this returns.
  void deliver_records();
  std::optional<IndexedMember> member_at(std::uint64_t stream_offset) const;
  PackerProgress progress();
  /// Stops reservations and the ring, joins all threads, throws frames away. Any number of times.
  void stop();
  /// The first part of `stop`, which waits for nobody.
  void begin_stop();

 private:
  struct Reader {
    explicit Reader(RecordFrameWriter::Deliver deliver) : records(std::move(deliver)) {}
    RecordFrameWriter records;
    PackerCounters counters;
    std::thread thread;
  };

  void run_threads();
  void serve_barriers();
  void conduct();
  void look_again();
  void read(Reader& reader);
  void use_readers(std::uint32_t count);
  ReaderCount::Sample look_at_readers() const;
  void collect_records();
  void end_source();
  void ask(std::uint32_t id, const std::vector<std::string>& paths);
  PackerSummary totals() const;
  bool begin_continuation(const ContinuedObject& object, SourceWalk& walk);

  const std::shared_ptr<Ring> ring_;
  const PackerOptions options_;
  PackerOutbox outbox_;
  StreamSpace space_;
  LinkMap links_;
  MemberIndex members_;
  ContainerQueue queue_;
  WalkState state_;
  std::mutex source_mutex_;
  std::shared_ptr<SourceWalk> source_;
  PackerSummary before_source_;
  /// Changed only while no source is being walked.
  std::string member_prefix_;
  /// As many as there may be; only those that were ever needed have a thread.
  std::vector<std::unique_ptr<Reader>> readers_;
  std::atomic<std::uint32_t> readers_allowed_{0};
  ReaderControl control_;
  /// Where the ring takes turns one thread does both.
  std::thread barriers_;
  std::thread deliveries_;
  std::atomic<bool> stop_begun_{false};
  std::mutex stop_mutex_;
  bool stopped_ = false;
};

}  // namespace tidemark
