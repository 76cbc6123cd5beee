// SPDX-License-Identifier: Apache-2.0
#include "stream/member_reader.h"

#include <doctest/doctest.h>

#include <array>

#include "tar_bytes.h"

using namespace tidemark;

namespace {

constexpr std::size_t record_size = 16384;

/// A stream that is built member by member, and passes by record by record.
struct PassingStream {
  std::vector<std::uint8_t> bytes;
  MemberReader reader{record_size};

  std::uint64_t add(const test::TarEntry& entry, std::string_view data,
                    std::string_view records = {}) {
    const std::uint64_t header_offset = bytes.size();
    if (!records.empty()) test::append(bytes, test::tar_extended(records));
    test::append(bytes, test::tar_header(entry));
    test::append(bytes, data);
    test::pad(bytes);
    return header_offset;
  }
  void pass() {
    test::pad(bytes, record_size);
    for (std::size_t at = 0; at < bytes.size(); at += record_size) {
      reader.take(at, std::span(bytes).subspan(at, record_size));
    }
  }
};

}  // namespace

TEST_CASE("a member across a boundary is found there with what its headers say") {
  PassingStream stream;
  stream.add({.path = "short", .size = 100}, std::string(100, 's'));
  const std::string data(50'001, 'a');
  const std::array offsets{stream.add({.path = "long", .size = data.size()}, data)};
  stream.reader.expect(offsets);
  stream.pass();
  const auto member = stream.reader.find(2 * record_size);
  REQUIRE(member);
  CHECK(member->path == "long");
  CHECK(member->header_offset == 1024);
  CHECK(member->data_offset == 1536);
  CHECK(member->archived_bytes == 50'001);
  CHECK(member->end_offset == 1536 + 50'176);
  CHECK_FALSE(member->sparse_real_bytes);
  CHECK_FALSE(stream.reader.find(52'224));
}

TEST_CASE("of a sparse member the file's size and the end of the first data block are known") {
  PassingStream stream;
  const std::string map = "2\n1048576\n40000\n2000000\n0\n";
  const std::string data = map + std::string(512 - map.size(), '\0') + std::string(40'000, 'd');
  const std::string records = test::pax_record("GNU.sparse.major", "1") +
                              test::pax_record("GNU.sparse.minor", "0") +
                              test::pax_record("GNU.sparse.name", "folder/sparse") +
                              test::pax_record("GNU.sparse.realsize", "2000000");
  const std::array offsets{
      stream.add({.path = "GNUSparseFile.0/sparse", .size = data.size()}, data, records)};
  stream.reader.expect(offsets);
  stream.pass();
  const auto member = stream.reader.find(record_size);
  REQUIRE(member);
  CHECK(member->path == "folder/sparse");
  CHECK(member->archived_bytes == 40'512);
  CHECK(member->sparse_real_bytes == 2'000'000);
  CHECK(member->first_data_end_offset == member->data_offset + 1024);
}

TEST_CASE("headers longer than a record are read on; damaged ones and missed ones are left out") {
  PassingStream stream;
  const std::string value(3 * record_size, 'v');
  const std::string data(20'000, 'x');
  const auto first = stream.add({.path = "damaged", .size = data.size()}, data);
  test::pad(stream.bytes, record_size);
  const auto second = stream.add({.path = "long-headers", .size = data.size()}, data,
                                 test::pax_record("SCHILY.xattr.user.large", value));
  const auto third = stream.add({.path = "third", .size = data.size()}, data);
  stream.bytes[first] ^= 1;
  const std::array offsets{first, second, third};
  stream.reader.expect(offsets);
  stream.pass();
  CHECK_FALSE(stream.reader.find(record_size));
  const auto found = stream.reader.find((second / record_size + 4) * record_size);
  REQUIRE(found);
  CHECK(found->path == "long-headers");
  CHECK(found->header_offset == second);
  const auto last = stream.reader.find((third / record_size + 1) * record_size);
  REQUIRE(last);
  CHECK(last->path == "third");
  stream.reader.forget(stream.bytes.size());
  CHECK_FALSE(stream.reader.find((third / record_size + 1) * record_size));
}

TEST_CASE("members behind an expected one are found one after the other where that is asked") {
  PassingStream stream;
  const std::string data(20'000, 'x');
  const auto first = stream.add({.path = "folder/", .type = '5'}, "");
  stream.add({.path = "second", .size = data.size()}, data);
  const auto third = stream.add({.path = "third", .size = data.size()}, data);
  SUBCASE("asked") {
    const std::array offsets{first | MemberReader::and_those_behind};
    stream.reader.expect(offsets);
    stream.pass();
    CHECK(stream.reader.find(record_size)->path == "second");
    CHECK(stream.reader.find(2 * record_size)->path == "third");
  }
  SUBCASE("not asked") {
    const std::array offsets{first, third};
    stream.reader.expect(offsets);
    stream.pass();
    CHECK_FALSE(stream.reader.find(record_size));
    CHECK(stream.reader.find(2 * record_size)->path == "third");
  }
}
