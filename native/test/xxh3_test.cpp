// SPDX-License-Identifier: Apache-2.0
#include "stream/xxh3.h"

#include <doctest/doctest.h>

#include <string_view>

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
