// SPDX-License-Identifier: Apache-2.0
#include "stream/tape_writer.h"

#include <doctest/doctest.h>

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "scsi/bytes.h"
#include "simulated_drive.h"
#include "stream/xxh3.h"

using namespace tidemark;

namespace {

constexpr std::size_t record_size = 16384;

/// A ring, a writer on it, and what JavaScript would have heard.
struct Pipeline {
  std::shared_ptr<Ring> ring;
  std::mutex mutex;
  std::condition_variable heard;
  std::vector<std::pair<std::uint64_t, std::size_t>> batches;  // stream offset, records
  std::uint64_t announced = 0;
  bool acknowledges = true;
  std::function<void(std::uint64_t)> on_announced;
  std::unique_ptr<TapeWriter> writer;

  explicit Pipeline(std::size_t records)
      : ring(std::make_shared<Ring>(record_size, records * record_size)) {
    REQUIRE(ring->error_number() == 0);
    writer = std::make_unique<TapeWriter>(
        ring, 0, [this](std::uint64_t offset, std::vector<std::uint8_t> digests) {
          std::uint64_t end = 0;
          {
            std::lock_guard lock(mutex);
            REQUIRE(offset == announced);
            for (std::size_t i = 0; i < digests.size(); i += 8, offset += record_size) {
              CHECK(scsi::load_be64(digests, i) == xxh3_64(ring->record(offset)));
            }
            batches.emplace_back(announced, digests.size() / 8);
            end = announced = offset;
            heard.notify_all();
          }
          if (acknowledges) CHECK(writer->acknowledge(end));
          if (on_announced) on_announced(end);
          return true;
        });
  }

  void fill(std::uint64_t from, std::uint64_t records) {
    for (std::uint64_t i = 0; i < records; ++i, from += record_size) {
      REQUIRE(ring->wait_for_space(from + record_size));
      for (std::size_t at = 0; at < record_size; at += 8) {
        scsi::store_be64({ring->at(from), record_size}, at, from + at);
      }
      ring->filled(from, record_size);
    }
  }

  void wait_until_announced(std::uint64_t offset) {
    std::unique_lock lock(mutex);
    heard.wait(lock, [&] { return announced >= offset; });
  }
};

bool is_stream(const std::vector<std::uint8_t>& bytes) {
  for (std::size_t at = 0; at < bytes.size(); at += 8) {
    if (scsi::load_be64(bytes, at) != at) return false;
  }
  return true;
}

TapeWriter::Run run(Pipeline& pipeline, TapeDrive& drive, std::uint64_t limit,
                    std::uint64_t checkpoint_bytes = UINT64_MAX) {
  pipeline.writer->begin(limit, checkpoint_bytes);
  return pipeline.writer->run(drive);
}

}  // namespace

TEST_CASE("a stream goes to the medium record by record, and the ledger counts it exactly") {
  test::SimulatedDrive tape;
  Pipeline pipeline(64);
  std::thread producer([&] {
    pipeline.fill(0, 300);
    pipeline.ring->end_at(300 * record_size);
  });
  const TapeWriter::Run result = run(pipeline, *tape.drive, 300 * record_size);
  producer.join();
  CHECK(result.reason == TapeWriter::Reason::limit);
  CHECK(result.stream_offset == 300 * record_size);
  CHECK(result.blocks_written == 300);
  CHECK(result.counts.submitted == 300 * record_size);
  CHECK(result.counts.accepted == 300 * record_size);
  const auto medium = tape.medium();
  CHECK(medium.size() == result.counts.accepted);
  CHECK(is_stream(medium));
  CHECK(result.last_digest == xxh3_64(std::span(medium).last(record_size)));
  for (const auto& [offset, records] : pipeline.batches) CHECK(records <= 32);  // half the ring
}

TEST_CASE("records that nobody acknowledged are not written") {
  test::SimulatedDrive tape;
  Pipeline pipeline(256);
  pipeline.acknowledges = false;
  pipeline.fill(0, 210);
  std::thread javascript([&] {
    pipeline.wait_until_announced(128 * record_size);
    CHECK_FALSE(pipeline.writer->acknowledge(129 * record_size));
    CHECK(pipeline.writer->acknowledge(5 * record_size));
    while (pipeline.writer->progress().stream_offset < 5 * record_size) std::this_thread::yield();
    pipeline.writer->request_stop(WriteGate::StopRequest::cut);
  });
  const TapeWriter::Run result = run(pipeline, *tape.drive, WriteGate::no_limit);
  javascript.join();
  CHECK(result.reason == TapeWriter::Reason::cut);
  CHECK(result.stream_offset == 5 * record_size);
  CHECK(pipeline.announced == 128 * record_size);  // two batches, no more
  CHECK(tape.medium().size() == 5 * record_size);

  // The next run goes on with what is announced already.
  REQUIRE(pipeline.writer->acknowledge(128 * record_size));
  pipeline.acknowledges = true;
  const TapeWriter::Run rest = run(pipeline, *tape.drive, 210 * record_size);
  CHECK(rest.reason == TapeWriter::Reason::limit);
  CHECK(rest.counts.accepted == 205 * record_size);
  const auto medium = tape.medium();
  CHECK(medium.size() == 210 * record_size);
  CHECK(is_stream(medium));
}

TEST_CASE("a writer that waits for records or acknowledgements hears that it shall stop") {
  test::SimulatedDrive tape;
  Pipeline pipeline(16);
  TapeWriter::Reason expected = TapeWriter::Reason::cut;
  std::function<void()> order = [&] { pipeline.writer->request_stop(WriteGate::StopRequest::cut); };
  SUBCASE("cut while the ring is dry") {}
  SUBCASE("checkpoint while the ring is dry") {
    expected = TapeWriter::Reason::checkpoint;
    order = [&] { pipeline.writer->request_stop(WriteGate::StopRequest::checkpoint); };
  }
  SUBCASE("limit at a barrier") {
    expected = TapeWriter::Reason::limit;
    pipeline.ring->end_at(0);
    order = [&] { pipeline.writer->lower_limit(0); };
  }
  SUBCASE("the ring was stopped") {
    order = [&] { pipeline.ring->stop(); };
  }
  SUBCASE("abandoned while it waits for an acknowledgement") {
    pipeline.acknowledges = false;
    pipeline.fill(0, 16);
    order = [&] {
      pipeline.wait_until_announced(record_size);
      pipeline.writer->abandon();
    };
  }
  pipeline.writer->begin(WriteGate::no_limit, UINT64_MAX);
  std::thread other(order);
  const TapeWriter::Run result = pipeline.writer->run(*tape.drive);
  other.join();
  CHECK(result.reason == expected);
  CHECK(result.blocks_written == 0);
  CHECK(tape.medium().empty());
}

TEST_CASE("a run ends after its checkpoint's bytes, in whole records, and the next goes on") {
  test::SimulatedDrive tape;
  Pipeline pipeline(64);
  pipeline.fill(0, 50);
  pipeline.ring->end_at(50 * record_size);
  const TapeWriter::Run first =
      run(pipeline, *tape.drive, WriteGate::no_limit, 20 * record_size - 1);
  CHECK(first.reason == TapeWriter::Reason::checkpoint);
  CHECK(first.stream_offset == 20 * record_size);
  CHECK(pipeline.announced == 20 * record_size);
  const TapeWriter::Run second = run(pipeline, *tape.drive, 50 * record_size + 1);
  CHECK(second.reason == TapeWriter::Reason::limit);
  CHECK(second.counts.submitted == 30 * record_size);
  CHECK(is_stream(tape.medium()));
}

TEST_CASE("early warning ends the run behind the block that met it") {
  test::SimulatedDrive tape(4u << 20, 1u << 20);
  Pipeline pipeline(256);
  pipeline.fill(0, 256);
  const TapeWriter::Run result = run(pipeline, *tape.drive, WriteGate::no_limit);
  CHECK(result.reason == TapeWriter::Reason::early_warning);
  REQUIRE(result.result);
  CHECK(result.stream_offset >= 3u << 20);
  CHECK(result.stream_offset < 4u << 20);
  CHECK(result.counts.accepted == result.stream_offset);
  CHECK(result.counts.submitted == result.stream_offset);
  CHECK(tape.medium().size() == result.stream_offset);
}

TEST_CASE("a write that fails ends the run, is not repeated, and counts as submitted only") {
  test::SimulatedDrive tape(2u << 20, 64u << 10);
  Pipeline pipeline(256);
  pipeline.fill(0, 256);
  TapeWriter::Run result;
  std::uint64_t submitted = 0;
  std::uint64_t accepted = 0;
  do {
    result = run(pipeline, *tape.drive, WriteGate::no_limit);
    submitted += result.counts.submitted;
    accepted += result.counts.accepted;
  } while (result.reason == TapeWriter::Reason::early_warning);
  CHECK(result.reason == TapeWriter::Reason::failed);
  REQUIRE(result.result);
  CHECK(result.result->decoded_sense()->key == scsi::sense_key::volume_overflow);
  CHECK(submitted == accepted + record_size);
  CHECK(result.stream_offset == accepted);
}
