// SPDX-License-Identifier: Apache-2.0
#include "simulator/medium.h"

#include <doctest/doctest.h>

#include <cerrno>
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

  Bench() {
    REQUIRE(Medium::create(folder.path(), "A", {"SERIAL", 1000, 100, false, true, {}}) == 0);
  }
  [[nodiscard]] std::unique_ptr<Medium> open() const { return Medium::open(folder.path(), "A"); }
  [[nodiscard]] std::string path(const char* suffix) const { return folder.path() + "/A" + suffix; }
};

int append_filemark(Partition& partition) {
  const LogicalObject object{0, true, 0};
  return partition.append({&object, 1}, {});
}

}  // namespace

TEST_CASE("a cartridge of before there were partitions, memory and keys is read as it was") {
  const test::TemporaryFolder folder;
  const auto path = folder.path() + "/OLD";
  std::ofstream(path + ".attributes")
      << "serial-number S\ncapacity-bytes 5000\nearly-warning-bytes 10\nwrite-protected no\n";
  std::ofstream(path + ".tape") << "data";
  std::ofstream(path + ".objects") << std::string("\0\0\0\4\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  const auto medium = Medium::open(folder.path(), "OLD");
  REQUIRE(medium);
  CHECK(medium->partition_count() == 1);
  CHECK(medium->capacity_bytes(0) == 5000);
  CHECK(medium->early_warning_at(0) == 4990);
  CHECK_FALSE(medium->attributes().worm);
  CHECK(medium->partition(0).object_count() == 2);
  CHECK(medium->partition(0).filemarks() == std::vector<std::uint64_t>{1});
  CHECK(medium->memory() == MediumMemory());
}

TEST_CASE("a format divides the tape, and takes away what was on it") {
  const Bench bench;
  {
    const auto medium = bench.open();
    CHECK(medium->attributes().worm);
    CHECK(append_filemark(medium->partition(0)) == 0);
    CHECK(medium->format({100, 300, 600}) == 0);
    CHECK(medium->partition_count() == 3);
    CHECK(medium->partition(0).object_count() == 0);
    CHECK(append_filemark(medium->partition(2)) == 0);
  }
  {
    const auto medium = bench.open();
    REQUIRE(medium->partition_count() == 3);
    CHECK(medium->capacity_bytes(1) == 300);
    CHECK(medium->early_warning_at(0) == 50);  // a small partition is not all warning
    CHECK(medium->early_warning_at(2) == 500);
    CHECK(medium->partition(2).object_count() == 1);
    CHECK(medium->format({}) == 0);
    CHECK(medium->partition_count() == 1);
    CHECK(medium->capacity_bytes(0) == 1000);
  }
  CHECK_FALSE(std::filesystem::exists(bench.path(".p1.tape")));
  CHECK_FALSE(std::filesystem::exists(bench.path(".p2.objects")));
}

TEST_CASE("a process that was killed while it formatted leaves partitions that are made later") {
  const Bench bench;
  CHECK(bench.open()->format({500, 500}) == 0);
  std::filesystem::remove(bench.path(".p1.tape"));
  std::filesystem::remove(bench.path(".p1.objects"));
  const auto medium = bench.open();
  REQUIRE(medium);
  CHECK(medium->partition(1).object_count() == 0);
}

TEST_CASE("the memory chip outlives the process") {
  const Bench bench;
  MediumMemory memory;
  {
    const auto medium = bench.open();
    for (const char* drive : {"D1", "D2", "D3", "D4", "D5"}) medium->memory().begin_load(drive);
    medium->memory().volume_change_reference = 7;
    medium->memory().written_bytes = UINT64_MAX;
    medium->memory().host_attributes[{1, 0x0806}] = {1, {'L', 'T', 'O'}};
    medium->memory().host_attributes[{0, 0x080C}] = {0, {}};
    memory = medium->memory();
    CHECK(medium->save_memory() == 0);
  }
  CHECK(bench.open()->memory() == memory);
  CHECK(memory.load_count == 5);
  CHECK(memory.drives == std::vector<std::string>{"D5", "D4", "D3", "D2"});
}

TEST_CASE("keys are numbered once, and found again") {
  const Bench bench;
  const BlockKey first{{1, 2}, {3}, {}};
  const BlockKey second{{1, 2}, {3}, {4}};
  CHECK(bench.open()->number_of_key(first) == 1);
  {
    const auto medium = bench.open();
    CHECK(medium->number_of_key(second) == 2);
    CHECK(medium->number_of_key(first) == 1);
  }
  const auto medium = bench.open();
  REQUIRE(medium->keys().find(2) != nullptr);
  CHECK(*medium->keys().find(2) == second);
  CHECK(medium->keys().find(0) == nullptr);
  CHECK(medium->keys().find(3) == nullptr);
}

TEST_CASE("files that are not understood are not read as something else") {
  const Bench bench;
  const auto refuses = [&](const char* suffix, const char* text) {
    std::ofstream(bench.path(suffix)) << text;
    errno = 0;
    const bool refused = bench.open() == nullptr && errno == EINVAL;
    std::filesystem::remove(bench.path(suffix));
    return refused;
  };
  CHECK(refuses(".memory", "load-count many\n"));
  CHECK(refuses(".memory", "surprise 1\n"));
  CHECK(refuses(".memory", "host-attribute 000806 ff\n"));
  CHECK(refuses(".memory", "host-attribute 00080601 f\n"));
  CHECK(refuses(".keys", "key 01 zz -\n"));
  CHECK(refuses(".keys", "lock 01 02 03\n"));
  CHECK(bench.open());
  CHECK(refuses(".attributes", "partition-bytes few\n"));
}
