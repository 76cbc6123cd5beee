// SPDX-License-Identifier: Apache-2.0
#include "simulator/partition.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "temporary_folder.h"

using namespace tidemark;
using namespace tidemark::simulator;

namespace {

struct Bench {
  test::TemporaryFolder folder;

  Bench() { REQUIRE(Partition::create(path("")) == 0); }
  [[nodiscard]] std::unique_ptr<Partition> open() const { return Partition::open(path("")); }
  [[nodiscard]] std::string path(const char* suffix) const { return folder.path() + "/A" + suffix; }
  void append_bytes(const char* suffix, std::size_t count) const {
    std::ofstream(path(suffix), std::ios::binary | std::ios::app) << std::string(count, '\x01');
  }
};

int append_block(Partition& partition, std::string text, std::uint32_t key = 0) {
  const LogicalObject object{static_cast<std::uint32_t>(text.size()), false, key};
  const iovec piece{text.data(), text.size()};
  return partition.append({&object, 1}, {&piece, 1});
}

int append_filemark(Partition& partition) {
  const LogicalObject object{0, true, 0};
  return partition.append({&object, 1}, {});
}

std::string read_block(const Partition& partition, std::uint64_t number) {
  std::vector<std::uint8_t> bytes(partition.object(number).length);
  REQUIRE(partition.read(number, bytes) == 0);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("objects survive their process") {
  const Bench bench;
  {
    const auto partition = bench.open();
    REQUIRE(partition);
    CHECK(append_block(*partition, "VOL1") == 0);
    CHECK(append_filemark(*partition) == 0);
    CHECK(append_block(*partition, "second") == 0);
  }
  const auto partition = bench.open();
  REQUIRE(partition);
  CHECK(partition->object_count() == 3);
  CHECK(partition->filemarks() == std::vector<std::uint64_t>{1});
  CHECK(read_block(*partition, 0) == "VOL1");
  CHECK(read_block(*partition, 2) == "second");
  CHECK(partition->bytes_before(3) == 10);
}

TEST_CASE("what compression saved is known again, beside the key") {
  const Bench bench;
  std::string text(9, 'a');
  const LogicalObject object{9, false, 0xFF'FFFF, 127};
  const iovec piece{text.data(), text.size()};
  CHECK(bench.open()->append({&object, 1}, {&piece, 1}) == 0);
  {
    const auto partition = bench.open();
    CHECK(append_filemark(*partition) == 0);
    CHECK(append_block(*partition, "whole") == 0);
  }
  const auto partition = bench.open();
  CHECK(partition->object(0).parts_saved == 127);
  CHECK(partition->object(0).key == 0xFF'FFFF);
  CHECK_FALSE(partition->object(0).filemark);
  CHECK(read_block(*partition, 0) == text);
  CHECK(partition->native_bytes_before(1) == 1);  // 9 by 128, rounded up
  CHECK(partition->native_bytes_before(2) == 1);
  CHECK(partition->native_bytes() == 6);
  CHECK(partition->bytes() == 14);
  CHECK(partition->truncate(1) == 0);
  CHECK(partition->native_bytes() == 1);
}

TEST_CASE("H1: data without its object is a torn tail and is cut off") {
  const Bench bench;
  CHECK(append_block(*bench.open(), "good") == 0);
  bench.append_bytes(".tape", 7);
  bench.append_bytes(".objects", 5);
  const auto partition = bench.open();
  REQUIRE(partition);
  CHECK(partition->object_count() == 1);
  CHECK(std::filesystem::file_size(bench.path(".tape")) == 4);
  CHECK(std::filesystem::file_size(bench.path(".objects")) == 8);
}

TEST_CASE("an object without all of its data is none") {
  const Bench bench;
  CHECK(append_block(*bench.open(), "good") == 0);
  CHECK(append_block(*bench.open(), "torn block") == 0);
  std::filesystem::resize_file(bench.path(".tape"), 9);
  CHECK(bench.open()->object_count() == 1);
}

TEST_CASE("truncation forgets objects, filemarks and data") {
  const Bench bench;
  const auto partition = bench.open();
  CHECK(append_block(*partition, "one") == 0);
  CHECK(append_filemark(*partition) == 0);
  CHECK(append_block(*partition, "two") == 0);
  CHECK(partition->truncate(1) == 0);
  CHECK(partition->object_count() == 1);
  CHECK(partition->filemarks().empty());
  CHECK(append_block(*partition, "new") == 0);
  CHECK(read_block(*bench.open(), 1) == "new");
}

TEST_CASE("a block's key goes with it") {
  const Bench bench;
  CHECK(append_block(*bench.open(), "secret", 0x123456) == 0);
  CHECK(append_filemark(*bench.open()) == 0);
  const auto partition = bench.open();
  CHECK(partition->object(0).key == 0x123456);
  CHECK_FALSE(partition->object(0).filemark);
  CHECK(partition->object(1).filemark);
  CHECK(partition->object(1).key == 0);
}

TEST_CASE("nothing that exists is overwritten by a new partition") {
  const Bench bench;
  CHECK(Partition::create(bench.path("")) == EEXIST);
  CHECK_FALSE(Partition::open(bench.path("B")));
}
