// SPDX-License-Identifier: Apache-2.0
#include "stream/expected_objects.h"

#include <doctest/doctest.h>

#include "packed_objects.h"

using namespace tidemark;

namespace {

ExpectedObject example() {
  ExpectedObject object;
  object.header_offset = 1024;
  object.end_offset = std::uint64_t{1} << 40;
  object.kind = ObjectKind::sparse_file;
  object.extents = {{0, 100, test::digest_of("a")}, {100, 300, test::digest_of("b")}};
  object.last_extent_from = 300;
  object.last_digest = test::digest_of("c");
  object.path = "some/pa\xFFth";
  return object;
}

}  // namespace

TEST_CASE("objects come out of batches as they went in, in order") {
  ExpectedObjects objects;
  auto batch = test::pack(example());
  ExpectedObject second;
  second.end_offset = 1;
  second.path = "second";
  test::append(batch, test::pack(second));
  CHECK(objects.append(batch));
  CHECK(objects.append({}));
  CHECK(objects.append(test::pack(example())));
  const auto first = objects.next();
  REQUIRE(first);
  CHECK(first->header_offset == 1024);
  CHECK(first->end_offset == std::uint64_t{1} << 40);
  CHECK(first->kind == ObjectKind::sparse_file);
  REQUIRE(first->extents.size() == 2);
  CHECK(first->extents[1].from == 100);
  CHECK(first->extents[1].digest == test::digest_of("b"));
  CHECK(first->last_extent_from == 300);
  CHECK(first->last_digest == test::digest_of("c"));
  CHECK(first->path == example().path);
  CHECK(objects.next()->path == "second");
  CHECK_FALSE(objects.next()->last_digest == std::nullopt);
  CHECK_FALSE(objects.next());
}

TEST_CASE("batches that are cut short or make no sense are refused") {
  const auto good = test::pack(example());
  ExpectedObjects objects;
  for (std::size_t length = 1; length < good.size(); ++length) {
    CHECK_FALSE(objects.append(std::span(good).first(length)));
  }
  auto bad = example();
  SUBCASE("ends before it begins") { bad.end_offset = bad.header_offset; }
  SUBCASE("an empty extent") { bad.extents[0].to = 0; }
  SUBCASE("extents that overlap") { bad.extents[1].from = 99; }
  SUBCASE("the last extent begins inside another") { bad.last_extent_from = 299; }
  SUBCASE("an unknown kind") { bad.kind = static_cast<ObjectKind>(8); }
  CHECK_FALSE(objects.append(test::pack(bad)));
  CHECK_FALSE(objects.next());
}
