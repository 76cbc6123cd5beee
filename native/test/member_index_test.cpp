// SPDX-License-Identifier: Apache-2.0
#include "stream/member_index.h"

#include <doctest/doctest.h>

namespace tidemark {
namespace {

constexpr std::uint64_t record = 16384;

IndexedMember member(std::uint64_t header, std::uint64_t end) {
  IndexedMember result;
  result.path = std::to_string(header);
  result.header_offset = header;
  result.end_offset = end;
  return result;
}

TEST_CASE("only members that a record boundary touches are wanted") {
  const MemberIndex index(record);
  CHECK(index.wanted(0, 512));
  CHECK_FALSE(index.wanted(512, record));
  CHECK(index.wanted(512, record + 512));
  CHECK(index.wanted(record, record + 512));
  CHECK(index.wanted(record - 512, 3 * record));
}

TEST_CASE("the member at a boundary begins there or lies across it") {
  MemberIndex index(record);
  index.add(member(512, 2 * record + 512));
  index.add(member(3 * record, 3 * record + 1024));
  CHECK(index.find(record)->path == "512");
  CHECK(index.find(2 * record)->path == "512");
  CHECK(index.find(3 * record)->path == std::to_string(3 * record));
  CHECK_FALSE(index.find(0));
  CHECK_FALSE(index.find(4 * record));
}

TEST_CASE("members behind the writer are forgotten, the one at the boundary is not") {
  MemberIndex index(record);
  index.add(member(0, record + 512));
  index.add(member(record + 512, 3 * record));
  index.forget(2 * record);
  CHECK_FALSE(index.find(record));
  CHECK(index.find(2 * record));
}

}  // namespace
}  // namespace tidemark
