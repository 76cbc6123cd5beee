// SPDX-License-Identifier: Apache-2.0
#include "stream/extent_check.h"

#include <doctest/doctest.h>

#include "packed_objects.h"

using namespace tidemark;

namespace {

/// Archived data of 1000 bytes: extents [100, 400) and [400, 900), the last from 950 on.
const std::string data = [] {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += static_cast<char>(i * 31);
  return text;
}();

ExpectedObject object_of_data() {
  ExpectedObject object;
  const std::string_view view = data;
  object.extents = {{100, 400, test::digest_of(view.substr(100, 300))},
                    {400, 900, test::digest_of(view.substr(400, 500))}};
  object.last_extent_from = 950;
  object.last_digest = test::digest_of(view.substr(950));
  return object;
}

std::optional<std::string> check(const ExpectedObject& object, std::size_t piece,
                                 std::string_view bytes) {
  ExtentCheck extents(object, bytes.size());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    const auto next = bytes.substr(0, piece);
    extents.update({reinterpret_cast<const std::uint8_t*>(next.data()), next.size()});
  }
  return extents.finish();
}

std::uint64_t unproved(const ExpectedObject& object, std::size_t piece) {
  ExtentCheck extents(object, data.size());
  for (std::size_t at = 0; at < data.size(); at += piece) {
    const auto next = std::string_view(data).substr(at, piece);
    extents.update({reinterpret_cast<const std::uint8_t*>(next.data()), next.size()});
  }
  return extents.unproved_bytes();
}

}  // namespace

TEST_CASE("extents are compared wherever the pieces end, gaps between them left out") {
  for (const std::size_t piece : {1, 7, 100, 450, 1000}) {
    CHECK_FALSE(check(object_of_data(), piece, data));
    std::string in_a_gap = data;
    in_a_gap[920] ^= 1;
    CHECK_FALSE(check(object_of_data(), piece, in_a_gap));
    std::string in_the_second = data;
    in_the_second[400] ^= 1;
    CHECK(check(object_of_data(), piece, in_the_second) ==
          "digest mismatch in its archived bytes 400 to 900");
    std::string in_the_last = data;
    in_the_last[999] ^= 1;
    CHECK(check(object_of_data(), piece, in_the_last) ==
          "digest mismatch in its archived bytes 950 to 1000");
  }
}

TEST_CASE("data that ends too early is no match") {
  CHECK(check(object_of_data(), 100, std::string_view(data).substr(0, 800)));
  CHECK(check(object_of_data(), 100, std::string_view(data).substr(0, 940)));
}

TEST_CASE("an object without digests is taken as it is") {
  CHECK_FALSE(check(ExpectedObject{}, 100, data));
  CHECK_FALSE(check(ExpectedObject{}, 100, ""));
}

TEST_CASE("bytes that no digest speaks of are counted") {
  for (const std::size_t piece : {1, 7, 100, 450, 1000}) {
    CHECK(unproved(object_of_data(), piece) == 150);
    ExpectedObject whole;
    whole.last_digest = test::digest_of(data);
    CHECK(unproved(whole, piece) == 0);
    ExpectedObject without_last = object_of_data();
    without_last.last_digest.reset();
    CHECK(unproved(without_last, piece) == 200);
    CHECK(unproved(ExpectedObject{}, piece) == 1000);
  }
}
