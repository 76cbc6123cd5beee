// SPDX-License-Identifier: Apache-2.0
#include "stream/sparse_map.h"

#include <doctest/doctest.h>

#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "temporary_folder.h"

namespace tidemark {

static bool operator==(const SparseMapReader::Stretch& a, const SparseMapReader::Stretch& b) {
  return a.offset == b.offset && a.bytes == b.bytes;
}

namespace {

constexpr std::size_t roomy = 1 << 20;

TEST_CASE("the map ends at the file's end, whether data or a hole is there") {
  const auto hole_at_end = make_sparse_map({{4096, 4096}}, 100'000, roomy);
  REQUIRE(hole_at_end);
  CHECK(hole_at_end->text.starts_with("2\n4096\n4096\n100000\n0\n"));
  CHECK(hole_at_end->text.size() == 512);
  CHECK(hole_at_end->data_bytes == 4096);
  const auto data_at_end = make_sparse_map({{4096, 1}}, 4097, roomy);
  REQUIRE(data_at_end);
  CHECK(data_at_end->text.starts_with("2\n4096\n1\n4097\n0\n"));
  const auto nothing = make_sparse_map({}, 5000, roomy);
  REQUIRE(nothing);
  CHECK(nothing->text.starts_with("1\n5000\n0\n"));
}

TEST_CASE("stretches begin and end at whole blocks, but for the file's end") {
  const auto map = make_sparse_map({{1000, 100}, {1500, 10}, {3000, 7}}, 10'001, roomy);
  REQUIRE(map);
  const std::vector<SparseMap::Stretch> expected{{512, 1024}, {2560, 512}, {10'001, 0}};
  CHECK(map->stretches == expected);
}

TEST_CASE("a file without a hole is not sparse") {
  CHECK_FALSE(make_sparse_map({{0, 5000}}, 5000, roomy));
  CHECK_FALSE(make_sparse_map({{0, 4600}, {4601, 399}}, 5000, roomy));
}

TEST_CASE("small holes are closed first, until the map fits") {
  std::vector<SparseMap::Stretch> stretches;
  std::uint64_t at = 0;
  for (int i = 0; i < 1000; ++i) {
    stretches.push_back({at, 4096});
    at += 4096 + (i % 10 == 9 ? 1 << 20 : 4096);
  }
  const auto map = make_sparse_map(stretches, at, 4096);
  REQUIRE(map);
  CHECK(map->text.size() <= 4096);
  CHECK(map->stretches.size() > 90);
  CHECK(map->stretches.size() < 110);
  CHECK(map->stretches[0] == SparseMap::Stretch{0, 19 * 4096});
  CHECK_FALSE(make_sparse_map(stretches, at, 0));
}

TEST_CASE("the map is read back, by us and by the restoring side") {
  const auto map = make_sparse_map({{4096, 8192}, {65536, 4096}}, 100'000, roomy);
  REQUIRE(map);
  const auto again = parse_sparse_map(map->text, 100'000);
  REQUIRE(again);
  CHECK(again->stretches == map->stretches);
  CHECK(again->data_bytes == map->data_bytes);
  CHECK(again->text == map->text);
  SparseMapReader reader(map->text.size() + map->data_bytes, 100'000);
  std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(map->text.data()),
                                      map->text.size());
  CHECK(reader.feed(bytes) == SparseMapReader::State::complete);
  for (const char* bad : {"", "1\n", "x\n", "1\n5\n6\n", "2\n512\n512\n0\n512\n"}) {
    std::string text = bad;
    if (!text.empty()) text.resize(512, '\0');
    CHECK_FALSE(parse_sparse_map(text, 10));
  }
}

TEST_CASE("the file system's holes are found") {
  const test::TemporaryFolder folder;
  const int file = open((folder.path() + "/sparse").c_str(), O_RDWR | O_CREAT, 0600);
  REQUIRE(file >= 0);
  REQUIRE(ftruncate(file, 1 << 20) == 0);
  REQUIRE(pwrite(file, "x", 1, 512 << 10) == 1);
  const auto map = find_sparse_map(file, 1 << 20, roomy);
  REQUIRE(map);
  CHECK(map->stretches.size() == 2);
  CHECK(map->stretches[0].offset == 512 << 10);
  REQUIRE(ftruncate(file, 0) == 0);
  REQUIRE(pwrite(file, "dense", 5, 0) == 5);
  CHECK_FALSE(find_sparse_map(file, 5, roomy));
  close(file);
}

}  // namespace
}  // namespace tidemark
