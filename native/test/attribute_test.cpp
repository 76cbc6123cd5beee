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

TEST_CASE("a list to write says nothing of read-only") {
  const std::vector<Attribute> attributes{
      {attribute::barcode, AttributeFormat::ascii, {'A', ' '}, true},
      {attribute::user_text_label, AttributeFormat::text, {}}};
  CHECK(encode_attributes_to_write(attributes) ==
        Raw{0, 0, 0, 12, 0x08, 0x06, 0x01, 0, 2, 'A', ' ', 0x08, 0x03, 0x02, 0, 0});
  CHECK(attribute_text(attributes[0]) == "A");
}

TEST_CASE("a value that no length field can tell is left out") {
  const std::vector<Attribute> attributes{{1, AttributeFormat::binary, Raw(0x10000)},
                                          {2, AttributeFormat::binary, Raw{9}}};
  const auto decoded = decode_attributes(encode_attributes(attributes));
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 1);
  CHECK(decoded->at(0).id == 2);
}

TEST_CASE("lists of identifiers and of numbers") {
  const std::vector<std::uint16_t> identifiers{0x0000, 0x0401};
  CHECK(encode_attribute_list(identifiers) == Raw{0, 0, 0, 4, 0, 0, 4, 1});
  CHECK(decode_attribute_list(Raw{0, 0, 0, 4, 0, 0, 4, 1}) == identifiers);
  CHECK(decode_attribute_numbers(Raw{0, 2, 1, 2}) == AttributeNumbers{1, 2});
  CHECK(encode_attribute_numbers({1, 2}) == Raw{0, 2, 1, 2});
  CHECK_FALSE(decode_attribute_numbers(Raw{0, 0, 1, 2}));
}

TEST_CASE("binary values as numbers") {
  CHECK(attribute_number({1, AttributeFormat::binary, {1, 2, 3}}) == 0x010203);
  CHECK_FALSE(attribute_number({1, AttributeFormat::ascii, {'1'}}));
  CHECK_FALSE(attribute_number({1, AttributeFormat::binary, {}}));
  CHECK_FALSE(attribute_number({1, AttributeFormat::binary, Raw(9)}));
}

TEST_CASE("volume coherency information") {
  VolumeCoherency coherency;
  coherency.reference_bytes = 4;
  coherency.volume_change_reference = 0xFF;
  coherency.count = 2;
  coherency.set_identifier = 5;
  coherency.application_data = {'L', 'T', 'F', 'S'};
  const auto value = encode_volume_coherency(coherency);
  CHECK(value.size() == 1 + 4 + 8 + 8 + 2 + 4);
  CHECK(decode_volume_coherency(value) == coherency);
  coherency.reference_bytes = 200;
  coherency.application_data.resize(0x10000);
  const auto clamped = decode_volume_coherency(encode_volume_coherency(coherency));
  REQUIRE(clamped);
  CHECK(clamped->reference_bytes == 8);
  CHECK(clamped->application_data.size() == 0xFFFF);
}
