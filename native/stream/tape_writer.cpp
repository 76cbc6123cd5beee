// SPDX-License-Identifier: Apache-2.0
#include "stream/tape_writer.h"

#include "scsi/bytes.h"
#include "stream/xxh3.h"

#include <algorithm>

namespace tidemark {
namespace {

constexpr std::uint64_t batch_bytes = 16u << 20;
constexpr std::uint64_t largest_batch_records = 64;

/// As many records as make 16 MiB; in a small ring a quarter of it, so that it can be filled and
/// written at the same time.
std::uint64_t records_of_a_batch(const Ring& ring) {
  const std::uint64_t wanted = std::min(batch_bytes / ring.record_size(), largest_batch_records);
  const std::uint64_t a_quarter = ring.capacity() / ring.record_size() / 4;
  return std::max<std::uint64_t>(std::min(wanted, a_quarter), 1);
}

std::uint64_t round_up(std::uint64_t value, std::uint64_t step) {
  const std::uint64_t over = value % step;
  if (over == 0) return value;
  return value > UINT64_MAX - step ? UINT64_MAX - UINT64_MAX % step : value - over + step;
}

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/// Whether an answer to a WRITE leaves open where the tape stands or whether the block is there
/// (durability, "PL"; faults U1 to U6, T2, T4). A deferred error does not: the volume is at fault,
/// and the last synchronised position is the boundary.
bool leaves_position_open(const WriteOutcome& outcome) {
  if (outcome.kind != WriteKind::failed) return true;
  const Result& result = outcome.result;
  if (result.outcome == Outcome::not_sent) return false;
  if (result.scsi_status == scsi_status::reservation_conflict ||
      result.scsi_status == scsi_status::task_aborted) {
    return true;
  }
  const auto sense = result.decoded_sense();
  return sense && !sense->deferred &&
         (sense->key == scsi::sense_key::unit_attention ||
          sense->key == scsi::sense_key::aborted_command);
}

}  // namespace

TapeWriter::TapeWriter(std::shared_ptr<Ring> ring, std::uint64_t stream_offset,
                       BlocksHandler on_blocks)
    : ring_(std::move(ring)),
      on_blocks_(std::move(on_blocks)),
      gate_(stream_offset),
      record_size_(ring_->record_size()),
      batch_records_(records_of_a_batch(*ring_)),
      smallest_batch_(ring_->turns() == nullptr ? batch_records_ : 1),
      batches_on_the_way_(ring_->turns() == nullptr ? 2 : 1),
      position_(stream_offset),
      announced_(stream_offset),
      full_until_(stream_offset),
      written_until_(stream_offset) {
  gate_.on_change([ring = ring_] { ring->interrupt(); });
}

TapeWriter::~TapeWriter() = default;

void TapeWriter::begin(std::uint64_t limit, std::uint64_t checkpoint_bytes) {
  gate_.begin(limit - limit % record_size_);
  checkpoint_bytes_ = checkpoint_bytes;
}

void TapeWriter::lower_limit(std::uint64_t stream_offset) {
  gate_.lower_limit(stream_offset - stream_offset % record_size_);
}

TapeWriter::Run TapeWriter::run(TapeDrive& drive) {
  Run run;
  const ByteCounts before = ledger_.counts();
  checkpoint_offset_ = round_up(saturating_sum(position_, checkpoint_bytes_), record_size_);
  std::optional<Reason> reason;
  Turns* const turns = ring_->turns();
  while (!reason) {
    if (turns != nullptr && position_ == announced_) take_turn(*turns);
    WriteGate::Orders orders = gate_.orders();
    reason = reason_to_stop(orders);
    if (reason) break;
    announce_ahead(orders, smallest_batch_);
    if (position_ == announced_) {
      if (turns == nullptr) refill(orders);
      continue;
    }
    if (position_ >= orders.acknowledged) {
      orders = gate_.wait_for_acknowledgement(position_);
      reason = reason_to_stop(orders);
      if (reason || position_ >= orders.acknowledged) continue;
    }
    reason = write_record(drive, run);
  }
  run.reason = *reason;
  run.stream_offset = position_;
  run.counts = ledger_.since(before);
  return run;
}

std::uint64_t TapeWriter::stop_offset(const WriteGate::Orders& orders) const {
  return std::min(orders.limit, checkpoint_offset_);
}

std::optional<TapeWriter::Reason> TapeWriter::reason_to_stop(
    const WriteGate::Orders& orders) const {
  if (orders.abandoned || ring_->stopped()) return Reason::cut;
  if (position_ >= orders.limit) return Reason::limit;
  if (orders.stop) {
    return *orders.stop == WriteGate::StopRequest::cut ? Reason::cut : Reason::checkpoint;
  }
  if (position_ >= checkpoint_offset_) return Reason::checkpoint;
  return std::nullopt;
}

/// Announces full records, no further than this run may write: what a run leaves announced and
/// unwritten could otherwise be many records that the next segment holds at other block numbers.
void TapeWriter::announce_ahead(const WriteGate::Orders& orders, std::uint64_t minimum_records) {
  const std::uint64_t stop = stop_offset(orders);
  while (batch_ends_.size() < batches_on_the_way_) {
    full_until_ = ring_->full_until(std::max(full_until_, announced_));
    if (announced_ >= std::min(full_until_, stop)) return;
    const std::uint64_t records = (std::min(full_until_, stop) - announced_) / record_size_;
    if (records < minimum_records && full_until_ < stop) return;
    announce(std::min({records, 2 * batch_records_, largest_batch_records}));
  }
}

void TapeWriter::announce(std::uint64_t records) {
  const std::uint64_t from = announced_;
  std::vector<std::uint8_t> digests(records * sizeof(std::uint64_t));
  for (std::uint64_t i = 0; i < records; ++i) {
    const std::uint64_t digest = xxh3_64(ring_->record(announced_));
    scsi::store_be64(digests, i * sizeof digest, digest);
    digests_.push_back(digest);
    announced_ += record_size_;
  }
  batch_ends_.push_back(announced_);
  // Persistent records of all members that end before must reach the catalog first.
  ring_->announce(announced_);
  // That may have taken until the stream was given up: then nobody waits for these any more.
  if (ring_->stopped()) return;
  gate_.announced(announced_);
  if (!on_blocks_(from, std::move(digests))) gate_.abandon();
}

/// Waits for a dry ring to fill up to about 80 %: one back-hitch of the drive instead of hundreds.
void TapeWriter::refill(const WriteGate::Orders& orders) {
  const Waiting waiting(clock(waiting_for_ring_));
  const std::uint64_t wanted =
      std::min<std::uint64_t>(ring_->capacity() / 5 * 4, stop_offset(orders) - position_);
  Ring::Wait wait = ring_->wait_buffered(position_, wanted, -1);
  if (wait == Ring::Wait::ended) {
    // The wait is over for the end and takes an interrupt that came with it: what that told stands
    // in the orders, and nobody would tell it again.
    if (reason_to_stop(gate_.orders())) return;
    // At a barrier the limit, a request to stop or more of the stream is still to come.
    wait = ring_->wait_beyond_end(position_);
  }
  if (wait == Ring::Wait::ready) announce_ahead(gate_.orders(), 1);
}

/// Comes back with the turn where a record is full, or a reason to stop has come up.
void TapeWriter::take_turn(Turns& turns) {
  const Waiting waiting(clock(waiting_for_ring_));
  turns.take(
      [this] { return ring_->full(position_) || reason_to_stop(gate_.orders()).has_value(); },
      [this] { return gate_.orders().abandoned || ring_->stopped(); });
}

std::optional<TapeWriter::Reason> TapeWriter::write_record(TapeDrive& drive, Run& run) {
  const std::span<const std::uint8_t> record = ring_->record(position_);
  ledger_.submit(record.size());
  WriteOutcome outcome = [&] {
    const Waiting waiting(clock(waiting_for_drive_));
    return drive.write_block(record);
  }();
  if (!ledger_.accept(outcome.accepted)) {
    run.result = std::move(outcome.result);
    run.result->detail = "the drive says that it accepted more bytes than were sent";
    return Reason::position_lost;
  }
  if (outcome.kind != WriteKind::written || outcome.accepted != record.size()) {
    const Reason reason = leaves_position_open(outcome) ? Reason::position_lost : Reason::failed;
    run.result = std::move(outcome.result);
    return reason;
  }
  record_accepted(run);
  if (!outcome.early_warning && !outcome.programmable_early_warning) return std::nullopt;
  run.result = std::move(outcome.result);
  return Reason::early_warning;
}

void TapeWriter::record_accepted(Run& run) {
  position_ += record_size_;
  run.last_digest = digests_.front();
  ++run.blocks_written;
  digests_.pop_front();
  if (batch_ends_.front() == position_) batch_ends_.pop_front();
  written_until_.store(position_, std::memory_order_release);
  ring_->release(position_);
}

TapeWriter::Progress TapeWriter::progress() const {
  return {written_until_.load(std::memory_order_acquire), ledger_.counts(),
          waiting_for_ring_.microseconds(), waiting_for_drive_.microseconds(), ring_->full_us()};
}

}  // namespace tidemark
