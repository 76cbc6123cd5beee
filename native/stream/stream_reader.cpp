// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_reader.h"

#include <span>

namespace tidemark {

StreamReader::StreamReader(std::shared_ptr<Ring> ring, std::uint64_t stream_offset)
    : ring_(std::move(ring)), stream_offset_(stream_offset), members_(ring_->record_size()) {
  ring_->start_at(stream_offset);
}

StreamReader::Outcome StreamReader::read(TapeDrive& drive, std::uint64_t blocks) {
  Outcome outcome;
  if (!begin_read()) return outcome;
  fill(drive, blocks, outcome);
  end_read();
  return outcome;
}

void StreamReader::fill(TapeDrive& drive, std::uint64_t blocks, Outcome& outcome) {
  const std::size_t record_size = ring_->record_size();
  ring_->clear_end();
  while (outcome.blocks_read < blocks) {
    const std::uint64_t at = stream_offset();
    if (!ring_->wait_for_space(at + record_size)) return;
    // Records lie one behind the other in the ring: the drive's data goes where it stays.
    const auto stop = read_record(drive, std::span(ring_->at(at), record_size), outcome.result);
    if (stop) {
      outcome.stopped_at = stop;
      return;
    }
    // Before anyone can write the record, and cut behind it.
    members_.forget(ring_->released());
    members_.take(at, std::span(ring_->at(at), record_size));
    stream_offset_.store(at + record_size, std::memory_order_release);
    ring_->filled(at, record_size);
    ++outcome.blocks_read;
  }
  outcome.stopped_at = ReadStop::count;
}

bool StreamReader::begin_read() {
  std::lock_guard lock(mutex_);
  reading_ = !stopped_;
  return reading_;
}

void StreamReader::end_read() {
  std::lock_guard lock(mutex_);
  reading_ = false;
  if (stopped_) ring_->give_back();
}

void StreamReader::stop() {
  std::lock_guard lock(mutex_);
  if (stopped_) return;
  stopped_ = true;
  ring_->stop();
  if (!reading_) ring_->give_back();
}

}  // namespace tidemark
