// SPDX-License-Identifier: Apache-2.0
#include "stream/packer.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "stream/container_packer.h"

namespace tidemark {
namespace {

/// Signals go to the process's own threads: one that interrupted a reader would look like a read
/// error.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

PackerSummary difference(const PackerSummary& now, const PackerSummary& before) {
  PackerSummary result;
  result.objects_written = now.objects_written - before.objects_written;
  result.objects_skipped = now.objects_skipped - before.objects_skipped;
  result.objects_continued = now.objects_continued - before.objects_continued;
  result.objects_unreadable = now.objects_unreadable - before.objects_unreadable;
  result.containers_written = now.containers_written - before.containers_written;
  result.containers_partial = now.containers_partial - before.containers_partial;
  result.containers_skipped = now.containers_skipped - before.containers_skipped;
  result.data_bytes = now.data_bytes - before.data_bytes;
  result.files_opened = now.files_opened - before.files_opened;
  return result;
}

}  // namespace

Packer::Packer(std::shared_ptr<Ring> ring, const PackerOptions& options, OnEvent on_event)
    : ring_(std::move(ring)),
      options_(options),
      outbox_(std::move(on_event), ring_->turns()),
      space_(*ring_, options.stream_offset, options.segment_bytes),
      members_(ring_->record_size()),
      queue_([this](std::uint32_t id, const std::vector<std::string>& paths) { ask(id, paths); },
             ring_->turns()) {
  ring_->start_at(options.stream_offset);
  if (Turns* turns = ring_->turns()) {
    turns->begin([this] { return space_.barrier_due() || outbox_.holds_something(); });
  }
  state_.next_container_id = options.first_container_id;
  for (std::uint32_t i = 0; i < std::max(options.readers, options.most_readers); ++i) {
    readers_.push_back(std::make_unique<Reader>(
        [this](RecordFrame&& frame) { outbox_.put(PackerEvent(std::move(frame))); }));
  }
  ring_->set_announce_hook([this](std::uint64_t stream_offset) {
    for (const auto& reader : readers_) reader->records.deliver_due(stream_offset);
    outbox_.deliver();
    members_.forget(ring_->released());
  });
  run_threads();
}

Packer::~Packer() { stop(); }

void Packer::run_threads() {
  const SignalsBlocked blocked;
  if (ring_->turns() != nullptr) {
    barriers_ = std::thread([this] { conduct(); });
  } else {
    barriers_ = std::thread([this] { serve_barriers(); });
    deliveries_ = std::thread([this] { outbox_.serve(); });
  }
  use_readers(options_.readers);
  if (options_.most_readers <= options_.readers) return;
  control_.start(
      options_.readers, options_.most_readers, [this] { return look_at_readers(); },
      [this](std::uint32_t count) { use_readers(count); });
}

/// A thread that was begun stays, and waits while it is not needed: the next cold stretch of the
/// source is never far.
void Packer::use_readers(std::uint32_t count) {
  readers_allowed_.store(count);
  queue_.allow(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    Reader& reader = *readers_[i];
    if (!reader.thread.joinable()) reader.thread = std::thread([this, &reader] { read(reader); });
  }
}

/// The high-water mark is that of a writer that refills a dry ring. What is reserved counts: while
/// one large file is read into all of the ring, others could do nothing.
ReaderCount::Sample Packer::look_at_readers() const {
  ReaderCount::Sample sample;
  const PackerSummary sum = totals();
  const std::uint64_t released = ring_->released();
  sample.objects = sum.objects_written + sum.objects_skipped;
  sample.bytes = released + ring_->filled_bytes();
  sample.wants_more = space_.position() - released < ring_->capacity() / 5 * 4 && space_.open() &&
                      queue_.has_waiting() && !queue_.someone_idle();
  return sample;
}

void Packer::serve_barriers() {
  space_.serve_barriers([this](std::uint64_t stream_offset) {
    collect_records();
    outbox_.put(BarrierEvent{stream_offset});
    outbox_.deliver();
  });
}

/// Between two turns of the reader: what it left to do, in this order.
void Packer::conduct() {
  while (ring_->turns()->conduct()) {
    space_.make_due_barrier([this](std::uint64_t stream_offset) {
      collect_records();
      outbox_.put(BarrierEvent{stream_offset});
    });
    outbox_.deliver();
    ring_->turns()->pass();
  }
}

/// JavaScript has done something that a resting reader, or the conductor, may have waited for.
void Packer::look_again() {
  if (Turns* turns = ring_->turns()) turns->look_again();
}

void Packer::read(Reader& reader) {
  // Made here, for its descriptors are this thread's.
  ContainerPacker packer({*ring_, space_, links_, members_, options_.extent_bytes}, queue_, state_,
                         reader.records, reader.counters);
  packer.begin();
  while (auto task = queue_.next()) {
    std::shared_ptr<SourceWalk> source;
    {
      std::lock_guard lock(source_mutex_);
      source = source_;
    }
    if (!packer.work(source, std::move(*task))) return;
    if (queue_.finish_task()) end_source();
  }
}

/// Every other reader waits for work by now, so that all records are in frames.
void Packer::end_source() {
  collect_records();
  PackerSummary summary;
  {
    std::lock_guard lock(source_mutex_);
    summary = difference(totals(), before_source_);
  }
  space_.end_source([&] { outbox_.put(SourceDoneEvent{summary}); });
}

PackerSummary Packer::totals() const {
  PackerSummary sum;
  for (const auto& reader : readers_) {
    const PackerCounters& counters = reader->counters;
    sum.objects_written += counters.objects_written.value();
    sum.objects_skipped += counters.objects_skipped.value();
    sum.objects_continued += counters.objects_continued.value();
    sum.objects_unreadable += counters.objects_unreadable.value();
    sum.containers_written += counters.containers_written.value();
    sum.containers_partial += counters.containers_partial.value();
    sum.containers_skipped += counters.containers_skipped.value();
    sum.data_bytes += counters.data_bytes.value();
    sum.files_opened += counters.files_opened.value();
  }
  return sum;
}

void Packer::ask(std::uint32_t id, const std::vector<std::string>& paths) {
  QuestionEvent question;
  question.id = id;
  question.paths.reserve(paths.size());
  for (const std::string& path : paths) {
    const bool again = !path.empty() && path.front() == '\0';
    question.paths.push_back((again ? std::string(1, '\0') : std::string()) + member_prefix_ +
                             path.substr(again ? 1 : 0));
  }
  outbox_.put(PackerEvent(std::move(question)));
}

const char* Packer::start(PackerSource&& source) {
  if (ring_->stopped()) return "the packer was stopped";
  if (queue_.active()) return "a source is being walked already";
  if (source.path.empty() || source.path.front() != '/') return "a source's path must be absolute";
  auto walk = std::make_shared<SourceWalk>();
  walk->index = source.index;
  walk->path = source.path;
  walk->member_prefix = member_prefix_of(source.path);
  walk->cross_mounts = source.cross_mounts;
  walk->trust_catalog = source.trust_catalog;
  if (!links_.load(source.link_targets)) return "the link targets are malformed";
  if (source.continued && !begin_continuation(*source.continued, *walk)) {
    return "the continued object does not lie around the place where the stream begins";
  }
  {
    std::lock_guard lock(source_mutex_);
    before_source_ = totals();
    source_ = walk;
  }
  member_prefix_ = walk->member_prefix;
  ContainerTask first;
  first.continues_member = source.continued.has_value();
  queue_.begin(source.asks, std::move(first));
  look_again();
  return nullptr;
}

/// Its space is taken before any reader can ask for some.
bool Packer::begin_continuation(const ContinuedObject& object, SourceWalk& walk) {
  if (space_.position() != options_.stream_offset) return false;
  auto continuation = plan_continuation(object, walk.member_prefix, options_.stream_offset);
  if (!continuation) return false;
  const ContinuedMember& member = continuation->member;
  IndexedMember indexed;
  indexed.path = object.container_path + object.name;
  indexed.header_offset = member.header_offset;
  indexed.data_offset = member.data_offset;
  indexed.end_offset = member.end_offset;
  indexed.archived_bytes = member.archived_bytes;
  if (member.map) {
    indexed.sparse_real_bytes = member.fingerprint.file_size();
    indexed.first_data_end_offset =
        member.data_offset + member.map->text.size() +
        std::min<std::uint64_t>(PaxHeaderBuilder::block, member.map->data_bytes);
  }
  members_.add(std::move(indexed));
  continuation->reservation = space_.reserve_until(member.end_offset);
  walk.continuation = std::move(continuation);
  return true;
}

bool Packer::answer(std::uint32_t id, std::span<const std::uint8_t> packed) {
  const bool fits = queue_.answer(id, packed);
  look_again();
  return fits;
}

void Packer::request_barrier() {
  space_.request_barrier();
  look_again();
}

bool Packer::release() {
  const bool stood = space_.release();
  look_again();
  return stood;
}

void Packer::collect_records() {
  for (const auto& reader : readers_) reader->records.deliver();
}

void Packer::deliver_records() {
  collect_records();
  outbox_.deliver();
}

std::optional<IndexedMember> Packer::member_at(std::uint64_t stream_offset) const {
  return members_.find(stream_offset);
}

PackerProgress Packer::progress() {
  PackerProgress progress;
  progress.bytes_reserved = space_.position() - options_.stream_offset;
  progress.objects = totals().objects_written;
  progress.readers = readers_allowed_.load();
  std::lock_guard lock(state_.mutex);
  progress.current_path = state_.current_path;
  return progress;
}

void Packer::begin_stop() {
  if (!stop_begun_.exchange(true)) ring_->stop();
}

void Packer::stop() {
  std::lock_guard lock(stop_mutex_);
  if (stopped_) return;
  stopped_ = true;
  begin_stop();
  queue_.stop();
  space_.wake();
  // Before the readers: it may be about to begin some.
  control_.stop();
  for (const auto& reader : readers_) {
    if (reader->thread.joinable()) reader->thread.join();
  }
  barriers_.join();
  ring_->set_announce_hook(nullptr);
  outbox_.stop();
  if (deliveries_.joinable()) deliveries_.join();
  for (const auto& reader : readers_) reader->records.drop();
  ring_->give_back();
}

}  // namespace tidemark
