// SPDX-License-Identifier: Apache-2.0
#include "stream/sample_blocks.h"

#include <doctest/doctest.h>

#include <set>

#include "simulated_drive.h"
#include "stream/xxh3.h"

using namespace tidemark;

namespace {

constexpr std::size_t block_bytes = 65536;

}  // namespace

TEST_CASE("sample blocks go on where the run before ended, each with a duration of its own") {
  test::SimulatedDrive tape;
  const auto data = SampleData::incompressible;
  CHECK(write_samples(*tape.drive, data, 0, 0, block_bytes).blocks == 0);
  const auto first = write_samples(*tape.drive, data, 0, 5, block_bytes);
  CHECK(first.blocks == 5);
  CHECK(first.durations_us.size() == 5 * 4);
  CHECK(first.last.kind == WriteKind::written);
  CHECK(write_samples(*tape.drive, data, 5, 3, block_bytes).blocks == 3);
  const auto medium = tape.medium();
  REQUIRE(medium.size() == 8 * block_bytes);
  std::set<std::uint64_t> digests;
  for (std::size_t i = 0; i < 8; ++i) {
    digests.insert(xxh3_64(std::span(medium).subspan(i * block_bytes, block_bytes)));
  }
  CHECK(digests.size() == 8);
}

TEST_CASE("half of a compressible sample is a repetition, and nothing of another one") {
  const auto repeats = [](SampleData data) {
    test::SimulatedDrive tape;
    REQUIRE(write_samples(*tape.drive, data, 0, 1, block_bytes).blocks == 1);
    const auto medium = tape.medium();
    int repeated = 0;
    for (std::size_t at = 256; at + 256 <= medium.size(); at += 256) {
      repeated += std::equal(&medium[at], &medium[at] + 256, &medium[at - 256]) ? 1 : 0;
    }
    return repeated;
  };
  CHECK(repeats(SampleData::compressible) == block_bytes / 512);
  CHECK(repeats(SampleData::incompressible) == 0);
}

TEST_CASE("sample blocks end with a warning, and with a block that is not written") {
  test::SimulatedDrive tape(1u << 20, 512u << 10);
  const auto warned = write_samples(*tape.drive, SampleData::incompressible, 0, 100, block_bytes);
  CHECK(warned.last.early_warning);
  CHECK(warned.blocks == 8);
  std::uint64_t more = 0;
  SampleRun run;
  do {
    run = write_samples(*tape.drive, SampleData::incompressible, 8 + more, 100, block_bytes);
    more += run.blocks;
  } while (run.last.kind == WriteKind::written);
  CHECK(more == 8);
  CHECK(run.blocks == 0);
  CHECK(run.durations_us.size() == 4);
}
