// SPDX-License-Identifier: Apache-2.0
#include "scsi/volume_tag.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("the list of SEND VOLUME TAG") {
  const VolumeTagTemplate values{"LTO*", 1, 0xFFFF};
  const auto list = encode_volume_tag_template(values);
  CHECK(list.size() == 40);
  CHECK(Raw(list.begin(), list.begin() + 5) == Raw{'L', 'T', 'O', '*', ' '});
  CHECK(list[35] == 1);
  CHECK(load_be16(list, 38) == 0xFFFF);
  CHECK(decode_volume_tag_template(list) == values);
  CHECK_FALSE(decode_volume_tag_template(std::span(list).first(39)));
}

TEST_CASE("the answer to REQUEST VOLUME ELEMENT ADDRESS") {
  Element element;
  element.address = 0x1001;
  element.full = true;
  element.volume_tag = "LTO001L9";
  const auto page = encode_element_page(ElementType::storage, std::span(&element, 1), true, false);
  const auto raw =
      encode_volume_element_addresses(VolumeTagAction::translate_primary, 0x1001, 1, page);
  CHECK(raw[4] == 0x01);
  auto answer = decode_volume_element_addresses(raw);
  REQUIRE(answer);
  CHECK(answer->action == VolumeTagAction::translate_primary);
  CHECK(answer->first_address == 0x1001);
  CHECK(answer->count == 1);
  REQUIRE(answer->elements.size() == 1);
  answer->elements[0].volume_tag_field.clear();  // as it came, beside what it means
  CHECK(answer->elements[0] == element);
  CHECK_FALSE(decode_volume_element_addresses(std::span(raw).first(7)));
}
