// SPDX-License-Identifier: Apache-2.0
#include "stream/block_scan.h"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

#include "scsi/bytes.h"
#include "simulated_drive.h"

using namespace tidemark;

namespace {

std::vector<std::uint8_t> block(std::size_t bytes, std::uint8_t seed) {
  std::vector<std::uint8_t> data(bytes);
  for (std::size_t i = 0; i < bytes; ++i) data[i] = static_cast<std::uint8_t>(seed + i * 7);
  return data;
}

/// 20000, 16384 and 512 bytes, a filemark, 100 bytes.
std::vector<std::uint8_t> write_tape(test::SimulatedDrive& tape) {
  std::vector<std::uint8_t> first_file;
  for (const std::size_t bytes : {20000, 16384, 512}) {
    const auto data = block(bytes, static_cast<std::uint8_t>(bytes));
    REQUIRE(tape.drive->write_block(data).kind == WriteKind::written);
    first_file.insert(first_file.end(), data.begin(), data.end());
  }
  REQUIRE(tape.drive->write_filemarks(1, false).kind == WriteKind::written);
  REQUIRE(tape.drive->write_block(block(100, 1)).kind == WriteKind::written);
  REQUIRE(succeeded(tape.drive->rewind()));
  return first_file;
}

}  // namespace

TEST_CASE("blocks are digested one by one, up to what ends them") {
  test::SimulatedDrive tape;
  write_tape(tape);
  BlockScan scan = digest_blocks(*tape.drive, 2, 65536);
  CHECK(scan.stopped_at == ReadStop::count);
  REQUIRE(scan.lengths.size() == 8);
  CHECK(scsi::load_be32(scan.lengths, 0) == 20000);
  CHECK(scsi::load_be64(scan.digests, 0) ==
        xxh3_64(block(20000, static_cast<std::uint8_t>(20000))));
  scan = digest_blocks(*tape.drive, 10, 65536);
  CHECK(scan.stopped_at == ReadStop::filemark);
  CHECK(scan.lengths.size() == 4);
  scan = digest_blocks(*tape.drive, 10, 65536);
  CHECK(scan.stopped_at == ReadStop::end_of_data);
  CHECK(scan.digests.size() == 8);
  scan = digest_blocks(*tape.drive, 0, 65536);
  CHECK(scan.stopped_at == ReadStop::count);
}

TEST_CASE("a block longer than the buffer ends a scan") {
  test::SimulatedDrive tape;
  write_tape(tape);
  const BlockScan scan = digest_blocks(*tape.drive, 10, 16384);
  CHECK(scan.stopped_at == ReadStop::wrong_length);
  CHECK(scan.digests.empty());
}

TEST_CASE("bytes are digested across blocks") {
  test::SimulatedDrive tape;
  const auto bytes = write_tape(tape);
  Xxh3Stream expected;
  expected.update(std::span(bytes).subspan(1000, 30000));
  const ByteScan scan = digest_bytes(*tape.drive, 1000, 30000, 65536);
  REQUIRE(scan.digest);
  CHECK(*scan.digest == expected.digest());
  REQUIRE(succeeded(tape.drive->rewind()));
  CHECK_FALSE(digest_bytes(*tape.drive, 0, bytes.size() + 1, 65536).digest);
}

TEST_CASE("a tape file is copied to a descriptor as it is") {
  test::SimulatedDrive tape;
  const auto bytes = write_tape(tape);
  test::TemporaryFolder folder;
  const std::string path = folder.path() + "/copy";
  const int descriptor = open(path.c_str(), O_CREAT | O_WRONLY, 0600);
  const TapeFileCopy copy = copy_tape_file(*tape.drive, descriptor, 65536);
  close(descriptor);
  CHECK(copy.stopped_at == ReadStop::filemark);
  CHECK(copy.blocks == 3);
  CHECK(copy.bytes == bytes.size());
  std::ifstream file(path, std::ios::binary);
  CHECK(std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {}) == bytes);
}

TEST_CASE("a full disk ends a copy with its errno") {
  test::SimulatedDrive tape;
  write_tape(tape);
  const int descriptor = open("/dev/full", O_WRONLY);
  const TapeFileCopy copy = copy_tape_file(*tape.drive, descriptor, 65536);
  close(descriptor);
  CHECK(copy.write_error_number == ENOSPC);
  CHECK(copy.stopped_at == ReadStop::failed);
}
