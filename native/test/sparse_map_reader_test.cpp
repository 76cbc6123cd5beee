// SPDX-License-Identifier: Apache-2.0
#include "stream/sparse_map_reader.h"

#include <doctest/doctest.h>

#include <string>

#include "tar_bytes.h"

using namespace tidemark;

namespace {

SparseMapReader::State read(SparseMapReader& reader, std::string_view text, std::size_t data = 0) {
  std::vector<std::uint8_t> bytes;
  test::append(bytes, text);
  test::pad(bytes);
  bytes.resize(bytes.size() + data, 'd');
  auto rest = std::span<const std::uint8_t>(bytes);
  const auto state = reader.feed(rest);
  if (state == SparseMapReader::State::complete) CHECK(rest.size() == data);
  return state;
}

}  // namespace

TEST_CASE("a sparse map is read up to the data behind its padding") {
  SparseMapReader reader(512 + 30, 5000);
  REQUIRE(read(reader, "3\n0\n10\n4096\n20\n5000\n0\n", 30) == SparseMapReader::State::complete);
  REQUIRE(reader.stretches().size() == 3);
  CHECK(reader.stretches()[1].offset == 4096);
  CHECK(reader.stretches()[1].bytes == 20);
}

TEST_CASE("a file that is one hole has an empty map") {
  SparseMapReader reader(512, 1 << 20);
  CHECK(read(reader, "0\n") == SparseMapReader::State::complete);
}

TEST_CASE("maps that lie are refused") {
  for (const std::string text : {"2\n0\n10\n5\n5\n", "1\n4990\n20\n", "1\n6000\n0\n", "1\n0\n29\n",
                                 "1\n18446744073709551615\n1\n", "1\n0\n18446744073709551616\n",
                                 "\n", "x\n", "-1\n", "9999999\n", "1\n0\n30"}) {
    CAPTURE(text);
    SparseMapReader reader(512 + 30, 5000);
    CHECK(read(reader, text) == SparseMapReader::State::damaged);
  }
}

TEST_CASE("a map does not run on past the member") {
  SparseMapReader reader(512, 5000);
  CHECK(read(reader, "300\n" + std::string(2000, '0')) == SparseMapReader::State::damaged);
}
