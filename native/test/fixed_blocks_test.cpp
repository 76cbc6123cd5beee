// SPDX-License-Identifier: Apache-2.0
/// READ, WRITE and VERIFY of blocks that all have the length of the mode block descriptor.
#include <doctest/doctest.h>

#include <vector>

#include "loaded_drive.h"

using namespace tidemark;
using tidemark::test::LoadedDrive;

namespace {

scsi::Cdb write_blocks(std::uint32_t count) { return scsi::write_6({count, true, false}); }
scsi::Cdb read_blocks(std::uint32_t count) { return scsi::read_6({count, true, false}); }

std::vector<std::uint8_t> blocks(std::size_t count, std::size_t bytes) {
  std::vector<std::uint8_t> data;
  for (std::size_t i = 0; i < count; ++i)
    data.insert(data.end(), bytes, static_cast<std::uint8_t>('a' + i));
  return data;
}

}  // namespace

TEST_CASE("without a block length there are no blocks of fixed length") {
  LoadedDrive bench;
  CHECK(bench.drive.run(write_blocks(1), blocks(1, 100)) == "5/24/00");
  CHECK(bench.drive.run(read_blocks(1), {}, 100) == "5/24/00");
  CHECK(bench.drive.run(scsi::verify_6({1, true, false})) == "5/24/00");
  CHECK(bench.select_block_bytes(8 * 1024 * 1024 + 1) == "5/26/00");
  CHECK(bench.select_block_bytes(100) == "good");
  bench.mode_page(0x10);
  CHECK(bench.mode.block->block_bytes == 100);
  CHECK(bench.drive.run(write_blocks(2), blocks(1, 100)) == "5/24/00");         // one is missing
  CHECK(bench.drive.run(scsi::read_6({1, true, true}), {}, 100) == "5/24/00");  // SILI
}

TEST_CASE("several blocks go in one command, and come back") {
  LoadedDrive bench;
  CHECK(bench.select_block_bytes(100) == "good");
  CHECK(bench.drive.run(write_blocks(3), blocks(3, 100)) == "good");
  CHECK(bench.object_number() == 3);
  CHECK(bench.filemarks(1) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(read_blocks(2), {}, 200) == "good");
  CHECK(bench.drive.data() == blocks(2, 100));
  CHECK(bench.drive.run(read_blocks(4), {}, 400) == "0/00/01");
  CHECK(bench.drive.data().size() == 100);
  CHECK(bench.drive.sense()->filemark);
  CHECK(bench.drive.sense()->information == 3);
  CHECK(bench.object_number() == 4);
  CHECK(bench.drive.run(read_blocks(2), {}, 200) == "8/00/05");
  CHECK(bench.drive.sense()->information == 2);
}

TEST_CASE("R2: a block of another length is told in blocks, and the tape is behind it") {
  LoadedDrive bench;
  CHECK(bench.write(100) == "good");
  CHECK(bench.write(90) == "good");
  CHECK(bench.write(100) == "good");
  CHECK(bench.select_block_bytes(100) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(read_blocks(3), {}, 300) == "0/00/00");
  CHECK(bench.drive.sense()->incorrect_length);
  CHECK(bench.drive.sense()->information == 2);
  CHECK(bench.drive.data().size() == 100);
  CHECK(bench.object_number() == 2);
}

TEST_CASE("SILI: a shorter block is silent, a longer one only while no block length is set") {
  LoadedDrive bench;
  CHECK(bench.write(100) == "good");
  CHECK(bench.write(100) == "good");
  CHECK(bench.rewind() == "good");
  const auto silent = [](std::uint32_t length) { return scsi::read_6({length, false, true}); };
  CHECK(bench.drive.run(silent(150), {}, 150) == "good");
  CHECK(bench.drive.data().size() == 100);
  CHECK(bench.drive.run(silent(50), {}, 50) == "good");
  CHECK(bench.select_block_bytes(10) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(silent(50), {}, 50) == "0/00/00");
  CHECK(bench.drive.sense()->information == -50);
  CHECK(bench.drive.run(silent(150), {}, 150) == "good");
}

TEST_CASE("W1, W3: warnings and the end of the tape count blocks") {
  LoadedDrive bench({1000, 500});
  CHECK(bench.select_block_bytes(100) == "good");
  CHECK(bench.drive.run(write_blocks(6), blocks(6, 100)) == "0/00/02");
  CHECK(bench.drive.sense()->information == 0);
  CHECK(bench.filemarks(0) == "good");
  CHECK(bench.drive.run(write_blocks(6), blocks(6, 100)) == "D/00/02");
  CHECK(bench.drive.sense()->information == 2);
  CHECK(bench.object_number() == 6);  // what was buffered is lost with it
}

TEST_CASE("VERIFY goes over the tape as READ does, and transfers nothing") {
  LoadedDrive bench;
  CHECK(bench.write(100) == "good");
  CHECK(bench.write(80) == "good");
  CHECK(bench.filemarks(1) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::verify_6({100, false, false})) == "good");
  CHECK(bench.drive.run(scsi::verify_6({100, false, false})) == "0/00/00");
  CHECK(bench.drive.sense()->information == 20);
  CHECK(bench.drive.run(scsi::verify_6({100, false, false})) == "0/00/01");
  CHECK(bench.drive.run(scsi::verify_6({100, false, false})) == "8/00/05");
  CHECK(bench.drive.run({0x13, 0x02, 0, 0, 1, 0}) == "5/24/00");  // BYTCMP
  CHECK(bench.select_block_bytes(100) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::verify_6({2, true, false})) == "0/00/00");
  CHECK(bench.drive.sense()->information == 1);
  CHECK(bench.object_number() == 2);
}

TEST_CASE("IMMED: what fails behind the answer stops the next command") {
  LoadedDrive bench;
  CHECK(bench.write(100) == "good");
  CHECK(bench.rewind() == "good");
  CHECK(bench.drive.run(scsi::verify_6({50, false, true})) == "good");
  CHECK(bench.drive.run(scsi::rewind()) == "0/00/00");
  CHECK(bench.drive.sense()->deferred);
  CHECK(bench.object_number() == 1);  // the command that was told was not carried out
  CHECK(bench.drive.run(scsi::rewind(true)) == "good");
  CHECK(bench.object_number() == 0);
}
