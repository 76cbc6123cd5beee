// SPDX-License-Identifier: Apache-2.0
#include "stream/extractor.h"

namespace tidemark {

Extractor::Outcome Extractor::extract(TapeDrive& drive, const Stretch& stretch) {
  Outcome outcome;
  exchange_.begin(stretch.record_size);
  if (!thread_.post([this] { restore_blocks(); })) {
    outcome.stopped_at = ReadStop::failed;
    return outcome;
  }
  read_blocks(drive, stretch, outcome);
  exchange_.end();
  return outcome;
}

void Extractor::read_blocks(TapeDrive& drive, const Stretch& stretch, Outcome& outcome) {
  std::uint64_t stream_offset = stretch.stream_offset;
  while (outcome.blocks_read < stretch.blocks) {
    const std::span<std::uint8_t> buffer = exchange_.empty_buffer();
    if (buffer.empty()) {
      outcome.stopped_at = ReadStop::failed;
      return;
    }
    if (const auto stop = read_record(drive, buffer, outcome.result)) {
      outcome.stopped_at = *stop;
      return;
    }
    exchange_.filled(stream_offset, buffer.size());
    stream_offset += buffer.size();
    ++outcome.blocks_read;
  }
}

void Extractor::restore_blocks() {
  while (const auto block = exchange_.next()) {
    restorer_.feed(block->stream_offset, block->bytes);
    exchange_.used();
  }
  exchange_.drained();
}

void Extractor::finish_directories(std::vector<std::uint8_t> packed, std::function<void()> done) {
  thread_.post([this, packed = std::move(packed), done = std::move(done)] {
    restorer_.finish_directories(packed);
    done();
  });
}

void Extractor::finish(std::function<void(RestoreSummary)> done) {
  thread_.post([this, done = std::move(done)] { done(restorer_.finish()); });
}

void Extractor::abandon() {
  exchange_.close();
  thread_.abandon();
}

}  // namespace tidemark
