// SPDX-License-Identifier: Apache-2.0
#include "stream/stream_reader.h"

#include <doctest/doctest.h>

#include <thread>

#include "simulated_drive.h"
#include "stream/tape_writer.h"

using namespace tidemark;

namespace {

constexpr std::size_t record_size = 16384;

/// A tape with numbered records on it, at its beginning again.
struct WrittenTape {
  test::SimulatedDrive tape;
  std::vector<std::uint8_t> stream;

  explicit WrittenTape(std::size_t records) : stream(records * record_size) {
    for (std::size_t at = 0; at < stream.size(); at += 8) scsi::store_be64(stream, at, at * 7);
    for (std::size_t at = 0; at < stream.size(); at += record_size) {
      const auto record = std::span(stream).subspan(at, record_size);
      REQUIRE(tape.drive->write_block(record).kind == WriteKind::written);
    }
    REQUIRE(succeeded(tape.drive->rewind()));
  }
};

std::shared_ptr<Ring> ring_of(std::size_t records) {
  auto ring = std::make_shared<Ring>(record_size, records * record_size);
  REQUIRE(ring->error_number() == 0);
  REQUIRE(ring->take());
  return ring;
}

}  // namespace

TEST_CASE("records go from one tape to another through a ring that is smaller than they are") {
  WrittenTape from(200);
  test::SimulatedDrive to;
  const auto ring = ring_of(16);
  StreamReader reader(ring, 0);
  std::unique_ptr<TapeWriter> writer;
  writer = std::make_unique<TapeWriter>(
      ring, 0, [&](std::uint64_t offset, const std::vector<std::uint8_t>& digests) {
        return writer->acknowledge(offset + digests.size() / 8 * record_size);
      });
  TapeWriter::Run run;
  writer->begin(from.stream.size(), UINT64_MAX);
  std::thread writing([&] { run = writer->run(*to.drive); });
  const auto first = reader.read(*from.tape.drive, 77);
  const auto second = reader.read(*from.tape.drive, 123);
  writing.join();
  CHECK(first.blocks_read == 77);
  CHECK(second.stopped_at == ReadStop::count);
  CHECK(reader.stream_offset() == from.stream.size());
  CHECK(run.reason == TapeWriter::Reason::limit);
  CHECK(to.medium() == from.stream);
}

TEST_CASE("a stream that is gone on with keeps its offsets") {
  WrittenTape from(8);
  const auto ring = ring_of(16);
  const std::uint64_t offset = 1'000 * record_size;
  StreamReader reader(ring, offset);
  CHECK(reader.read(*from.tape.drive, 8).stopped_at == ReadStop::count);
  CHECK(ring->full_until(offset) == offset + 8 * record_size);
  for (std::size_t i = 0; i < 8; ++i) {
    const auto record = ring->record(offset + i * record_size);
    CHECK(std::equal(record.begin(), record.end(), from.stream.begin() + i * record_size));
  }
  reader.end();
  CHECK(ring->wait_filled(offset + 8 * record_size, -1) == Ring::Wait::ended);
}

TEST_CASE("a read ends where the tape does, and says how many blocks it got") {
  WrittenTape from(5);
  StreamReader reader(ring_of(16), 0);
  const auto outcome = reader.read(*from.tape.drive, 9);
  CHECK(outcome.stopped_at == ReadStop::end_of_data);
  CHECK(outcome.blocks_read == 5);
  CHECK(reader.stream_offset() == 5 * record_size);
}

TEST_CASE("a block that is no record is not put into the ring") {
  WrittenTape from(1);
  REQUIRE(succeeded(from.tape.drive->space(scsi::SpaceCode::end_of_data, 0)));
  REQUIRE(from.tape.drive->write_block(std::span(from.stream).first(512)).kind ==
          WriteKind::written);
  REQUIRE(succeeded(from.tape.drive->rewind()));
  const auto ring = ring_of(16);
  StreamReader reader(ring, 0);
  const auto outcome = reader.read(*from.tape.drive, 2);
  CHECK(outcome.stopped_at == ReadStop::wrong_length);
  CHECK(outcome.blocks_read == 1);
  CHECK(outcome.result.detail ==
        "a block of 512 bytes stands where a record of 16384 bytes should be");
  CHECK(ring->full_until(0) == record_size);
}

TEST_CASE("a read that waits for room comes back when it is stopped, and the ring is free then") {
  WrittenTape from(40);
  const auto ring = ring_of(8);
  StreamReader reader(ring, 0);
  StreamReader::Outcome outcome;
  std::thread reading([&] { outcome = reader.read(*from.tape.drive, 40); });
  REQUIRE(ring->wait_buffered(0, ring->capacity(), -1) == Ring::Wait::ready);
  reader.stop();
  reading.join();
  CHECK_FALSE(outcome.stopped_at);
  CHECK(outcome.blocks_read == ring->capacity() / record_size);
  CHECK(ring->take());
  CHECK_FALSE(reader.read(*from.tape.drive, 1).stopped_at);
}
