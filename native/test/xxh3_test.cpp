// SPDX-License-Identifier: Apache-2.0
#include "stream/xxh3.h"

#include <doctest/doctest.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <numeric>
#include <string_view>
#include <vector>

using namespace tidemark;

namespace {

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

TEST_CASE("digests are those of the XXH3 specification") {
  CHECK(xxh3_64(bytes_of("")) == 0x2D06800538D394C2);
  const Digest128 empty{0x99, 0xAA, 0x06, 0xD3, 0x01, 0x47, 0x98, 0xD8,
                        0x60, 0x01, 0xC3, 0x24, 0x46, 0x8D, 0x49, 0x7F};
  CHECK(Xxh3Stream().digest() == empty);
}

TEST_CASE("pieces give the digest of the whole") {
  Xxh3Stream whole;
  whole.update(bytes_of("one piece and another"));
  Xxh3Stream pieces;
  pieces.update(bytes_of("something else"));
  pieces.restart();
  pieces.update(bytes_of("one piece"));
  pieces.update(bytes_of(" and another"));
  CHECK(pieces.digest() == whole.digest());
}

TEST_CASE("the digests that the processor's widest words give are the plain ones, at any length") {
  std::vector<std::uint8_t> bytes(70'000);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{7});
  for (const std::size_t length :
       {1u, 16u, 128u, 240u, 241u, 1023u, 1024u, 1025u, 8191u, 70'000u}) {
    CAPTURE(length);
    // From an odd address: nothing is aligned in a stream.
    const std::span<const std::uint8_t> piece(bytes.data() + 1, length - 1);
    XXH128_canonical_t plain;
    XXH128_canonicalFromHash(&plain, XXH3_128bits(piece.data(), piece.size()));
    Digest128 expected;
    std::copy(std::begin(plain.digest), std::end(plain.digest), expected.begin());
    CHECK(xxh3_64(piece) == XXH3_64bits(piece.data(), piece.size()));
    CHECK(xxh3_128(piece) == expected);
    Xxh3Stream stream;
    stream.update(piece.first(piece.size() / 3));
    stream.update(piece.subspan(piece.size() / 3));
    CHECK(stream.digest() == expected);
  }
}
