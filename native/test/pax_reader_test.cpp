// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_reader.h"

#include <doctest/doctest.h>

#include "tar_bytes.h"

using namespace tidemark;
using test::pax_record;

namespace {

struct Reading {
  PaxReader reader;
  PaxReader::State state = PaxReader::State::more;
  std::size_t consumed = 0;

  explicit Reading(const std::vector<std::uint8_t>& bytes, std::size_t step = SIZE_MAX) {
    reader.restart();
    while (state == PaxReader::State::more && consumed < bytes.size()) {
      auto piece = std::span(bytes).subspan(consumed, std::min(step, bytes.size() - consumed));
      const std::size_t before = piece.size();
      state = reader.feed(piece);
      consumed += before - piece.size();
    }
  }
};

}  // namespace

TEST_CASE("a header set is read in pieces of any size") {
  auto bytes = test::tar_extended("", 'g');
  test::append(bytes, test::tar_extended(pax_record("comment", std::string(3000, 'f')), 'g'));
  test::append(bytes, test::tar_extended(pax_record("path", std::string(400, 'p')) +
                                         pax_record("size", "10") + pax_record("uid", "4000000")));
  test::append(bytes, test::tar_header({.path = "short", .size = 0, .mode = 0600}));
  const std::size_t headers = bytes.size();
  test::append(bytes, "0123456789");
  for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{512}, SIZE_MAX}) {
    const Reading reading(bytes, step);
    CHECK(reading.state == PaxReader::State::complete);
    CHECK(reading.consumed == headers);
    CHECK(reading.reader.member().path == std::string(400, 'p'));
    CHECK(reading.reader.member().archived_bytes == 10);
    CHECK(reading.reader.member().uid == 4'000'000);
    CHECK(reading.reader.member().mode == 0600);
  }
}

TEST_CASE("a sparse member has its real name and size") {
  auto bytes = test::tar_extended(
      pax_record("GNU.sparse.major", "1") + pax_record("GNU.sparse.minor", "0") +
      pax_record("GNU.sparse.name", "d/holes") + pax_record("GNU.sparse.realsize", "1000000"));
  test::append(bytes, test::tar_header({.path = "d/GNUSparseFile.0/holes", .size = 1024}));
  const Reading reading(bytes);
  REQUIRE(reading.state == PaxReader::State::complete);
  CHECK(reading.reader.member().sparse);
  CHECK(reading.reader.member().path == "d/holes");
  CHECK(reading.reader.member().archived_bytes == 1024);
  CHECK(reading.reader.member().real_bytes == 1'000'000);
}

TEST_CASE("what has no data has none, whatever its size field says") {
  const Reading reading(
      test::tar_header({.path = "link", .type = '2', .size = 99, .link_path = "to"}));
  REQUIRE(reading.state == PaxReader::State::complete);
  CHECK(reading.reader.member().archived_bytes == 0);
  CHECK(reading.reader.member().link_path == "to");
}

TEST_CASE("hostile headers are refused") {
  std::vector<std::uint8_t> bytes;
  SUBCASE("zeros") { bytes.resize(512); }
  SUBCASE("a huge extended header") {
    bytes = test::tar_header({.path = "x", .type = 'x', .size = 077777777777});
  }
  SUBCASE("many extended headers") {
    for (int i = 0; i < 3; ++i) {
      test::append(bytes, test::tar_extended(pax_record("comment", std::string(30u << 20, 'c'))));
    }
  }
  SUBCASE("a malformed record") { bytes = test::tar_extended("99 path=x\n"); }
  SUBCASE("a size past all ends") {
    bytes = test::tar_extended(pax_record("size", "18446744073709551615"));
    test::append(bytes, test::tar_header({.path = "x"}));
  }
  SUBCASE("an owner that means no change") {
    bytes = test::tar_extended(pax_record("uid", "4294967295"));
    test::append(bytes, test::tar_header({.path = "x"}));
  }
  SUBCASE("a zero byte in a path") {
    bytes = test::tar_extended(pax_record("linkpath", std::string("a\0b", 3)));
    test::append(bytes, test::tar_header({.path = "x", .type = '1'}));
  }
  SUBCASE("an unknown sparse format") {
    bytes = test::tar_extended(pax_record("GNU.sparse.major", "2") +
                               pax_record("GNU.sparse.minor", "0") +
                               pax_record("GNU.sparse.realsize", "5"));
    test::append(bytes, test::tar_header({.path = "x"}));
  }
  const Reading reading(bytes);
  CHECK(reading.state == PaxReader::State::damaged);
  CHECK_FALSE(reading.reader.problem().empty());
}
