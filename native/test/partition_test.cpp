// SPDX-License-Identifier: Apache-2.0
#include "simulator/medium.h"

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

  Bench() { REQUIRE(Medium::create(folder.path(), "A", {"SERIAL", 1000, 100, false}) == 0); }
  [[nodiscard]] std::unique_ptr<Medium> open() const { return Medium::open(folder.path(), "A"); }
  [[nodiscard]] std::string path(const char* suffix) const { return folder.path() + "/A" + suffix; }
  void append_bytes(const char* suffix, std::size_t count) const {
    std::ofstream(path(suffix), std::ios::binary | std::ios::app) << std::string(count, '\x01');
  }
};

int append_block(Medium& medium, std::string text) {
  const LogicalObject object{static_cast<std::uint32_t>(text.size()), false};
  const iovec piece{text.data(), text.size()};
  return medium.append({&object, 1}, {&piece, 1});
}

int append_filemark(Medium& medium) {
  const LogicalObject object{0, true};
  return medium.append({&object, 1}, {});
}

std::string read_block(const Medium& medium, std::uint64_t number) {
  std::vector<std::uint8_t> bytes(medium.object(number).length);
  REQUIRE(medium.read(number, bytes) == 0);
  return {bytes.begin(), bytes.end()};
}

}  // namespace

TEST_CASE("objects survive their process") {
  const Bench bench;
  {
    const auto medium = bench.open();
    REQUIRE(medium);
    CHECK(append_block(*medium, "VOL1") == 0);
    CHECK(append_filemark(*medium) == 0);
    CHECK(append_block(*medium, "second") == 0);
  }
  const auto medium = bench.open();
  REQUIRE(medium);
  CHECK(medium->attributes().serial_number == "SERIAL");
  CHECK(medium->object_count() == 3);
  CHECK(medium->filemarks() == std::vector<std::uint64_t>{1});
  CHECK(read_block(*medium, 0) == "VOL1");
  CHECK(read_block(*medium, 2) == "second");
  CHECK(medium->bytes_before(3) == 10);
}

TEST_CASE("H1: data without its object is a torn tail and is cut off") {
  const Bench bench;
  CHECK(append_block(*bench.open(), "good") == 0);
  bench.append_bytes(".tape", 7);
  bench.append_bytes(".objects", 5);
  const auto medium = bench.open();
  REQUIRE(medium);
  CHECK(medium->object_count() == 1);
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
  const auto medium = bench.open();
  CHECK(append_block(*medium, "one") == 0);
  CHECK(append_filemark(*medium) == 0);
  CHECK(append_block(*medium, "two") == 0);
  CHECK(medium->truncate(1) == 0);
  CHECK(medium->object_count() == 1);
  CHECK(medium->filemarks().empty());
  CHECK(append_block(*medium, "new") == 0);
  CHECK(read_block(*bench.open(), 1) == "new");
}

TEST_CASE("nothing that exists is overwritten by a new cartridge") {
  const Bench bench;
  CHECK(Medium::create(bench.folder.path(), "A", {}) == EEXIST);
  CHECK_FALSE(Medium::open(bench.folder.path(), "B"));
}
