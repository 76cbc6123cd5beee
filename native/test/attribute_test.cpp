// SPDX-License-Identifier: Apache-2.0
#include "scsi/attribute.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("attribute values of READ ATTRIBUTE") {
  const Raw raw{0,    0,    0,    15,                     // what follows
                0x04, 0x00, 0x81, 0,  3, 'A',  'C', 'M',  // ASCII, read only
                0x04, 0x08, 0x80, 0,  2, 0x01, 0x80};     // binary
  const auto attributes = decode_attributes(raw);
  REQUIRE(attributes);
  REQUIRE(attributes->size() == 2);
  CHECK((*attributes)[0].id == attribute::medium_manufacturer);
  CHECK((*attributes)[0].format == AttributeFormat::ascii);
  CHECK(load_ascii((*attributes)[0].value, 0, 3) == "ACM");
  CHECK(load_be16((*attributes)[1].value, 0) == 0x0180);
  CHECK(encode_attributes(*attributes) == raw);
}

TEST_CASE("only attributes that arrived whole are there") {
  Raw raw{0, 0, 0xFF, 0xFF, 0x04, 0x01, 0x81, 0, 32, 'S'};
  CHECK(decode_attributes(raw)->empty());
  raw.resize(8);
  CHECK(decode_attributes(raw)->empty());
  raw.resize(3);
  CHECK_FALSE(decode_attributes(raw));
}
