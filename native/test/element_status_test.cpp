// SPDX-License-Identifier: Apache-2.0
#include "scsi/element_status.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

/// One storage page with two elements of 52 bytes: a full one with a tag, an empty one with an
/// exception.
Raw storage_answer() {
  Raw raw(8 + 8 + 2 * 52);
  store_be16(raw, 0, 0x1000);
  store_be16(raw, 2, 2);
  store_be24(raw, 5, 8 + 2 * 52);
  raw[8] = 2;
  raw[9] = 0x80;
  store_be16(raw, 10, 52);
  store_be24(raw, 13, 2 * 52);
  store_be16(raw, 16, 0x1000);
  raw[18] = 0x09;  // ACCESS, FULL
  raw[25] = 0x81;  // SVALID, data medium
  store_be16(raw, 26, 0x1005);
  store_ascii(raw, 28, 32, "LTO042L9");
  store_be16(raw, 68, 0x1001);
  raw[70] = 0x0C;  // ACCESS, EXCEPT
  raw[72] = 0x83;
  raw[73] = 0x02;
  return raw;
}

/// One drive page with a device identifier and no volume tag.
Raw drive_answer(std::uint8_t type, const std::string& identifier) {
  const auto descriptor = 12 + 4 + identifier.size();
  Raw raw(8 + 8 + descriptor);
  store_be16(raw, 2, 1);
  store_be24(raw, 5, static_cast<std::uint32_t>(8 + descriptor));
  raw[8] = 4;
  store_be16(raw, 10, static_cast<std::uint16_t>(descriptor));
  store_be24(raw, 13, static_cast<std::uint32_t>(descriptor));
  store_be16(raw, 16, 0x0100);
  raw[28] = 0x02;
  raw[29] = type;
  raw[31] = static_cast<std::uint8_t>(identifier.size());
  std::copy(identifier.begin(), identifier.end(), raw.begin() + 32);
  return raw;
}

}  // namespace

TEST_CASE("storage elements with volume tags") {
  const auto elements = decode_element_status(storage_answer());
  REQUIRE(elements);
  REQUIRE(elements->size() == 2);
  const auto& full = (*elements)[0];
  CHECK(full.address == 0x1000);
  CHECK(full.type == ElementType::storage);
  CHECK(full.full);
  CHECK(full.accessible);
  CHECK(full.source_address == 0x1005);
  CHECK(full.volume_tag == "LTO042L9");
  CHECK_FALSE(full.exception);
  const auto& empty = (*elements)[1];
  CHECK_FALSE(empty.full);
  REQUIRE(empty.exception);
  CHECK(empty.exception->asc == 0x83);
  CHECK(empty.exception->ascq == 0x02);
  CHECK_FALSE(empty.source_address);
}

TEST_CASE("drive serial numbers from both sorts of identifier") {
  const auto t10 = decode_element_status(drive_answer(1,
                                                      "VENDOR  "
                                                      "ULTRIUM-TD9     "
                                                      "90WT012345"));
  CHECK(t10->at(0).device_serial_number == "90WT012345");
  CHECK(decode_element_status(drive_answer(0, "90WT012345"))->at(0).device_serial_number ==
        "90WT012345");
  CHECK_FALSE(decode_element_status(drive_answer(1, "short"))->at(0).device_serial_number);
  CHECK_FALSE(decode_element_status(drive_answer(0, ""))->at(0).device_serial_number);
}

TEST_CASE("byte counts larger than what arrived are clamped") {
  auto raw = storage_answer();
  store_be24(raw, 5, 0xFFFFFF);
  store_be24(raw, 13, 0xFFFFFF);
  CHECK(decode_element_status(raw)->size() == 2);
  raw.resize(8);
  CHECK(decode_element_status(raw)->empty());
  raw.resize(7);
  CHECK_FALSE(decode_element_status(raw));
}

TEST_CASE("of a last descriptor that was cut off, what arrived is told") {
  auto raw = storage_answer();
  constexpr std::size_t tail_bytes = 8;  // as much as tgt leaves out: the identifier has arrived
  raw.resize(raw.size() - tail_bytes);
  auto elements = decode_element_status(raw);
  REQUIRE(elements->size() == 2);
  CHECK(elements->at(1).address == decode_element_status(storage_answer())->at(1).address);
  CHECK(elements->at(1).volume_tag == decode_element_status(storage_answer())->at(1).volume_tag);

  raw.pop_back();
  elements = decode_element_status(raw);
  REQUIRE(elements->size() == 2);
  CHECK_FALSE(elements->at(1).volume_tag);

  raw.resize(raw.size() - 32);  // only 11 of its first 12 bytes
  CHECK(decode_element_status(raw)->size() == 1);

  auto drive = drive_answer(1, "TIDEMARKTGT-DRIVE       TGTDRIVE0");
  drive.resize(drive.size() - tail_bytes);
  elements = decode_element_status(drive);
  REQUIRE(elements->size() == 1);
  CHECK_FALSE(elements->at(0).device_serial_number);
}

TEST_CASE("a descriptor length of zero ends the page, not the program") {
  auto raw = storage_answer();
  store_be16(raw, 10, 0);
  CHECK(decode_element_status(raw)->empty());
  store_be16(raw, 10, 11);
  CHECK(decode_element_status(raw)->empty());
  store_be16(raw, 10, 12);  // tags announced, and no room for them
  const auto elements = decode_element_status(raw);
  REQUIRE(elements);
  for (const auto& element : *elements) CHECK_FALSE(element.volume_tag);
}

TEST_CASE("encoding and decoding are inverse") {
  Element drive;
  drive.type = ElementType::data_transfer;
  drive.address = 256;
  drive.full = true;
  drive.source_address = 4097;
  drive.device_serial_number = "A1B2C3D000";
  auto page = encode_element_page(drive.type, std::span(&drive, 1), false, true);
  auto decoded = decode_element_status(encode_element_status(256, 1, page));
  REQUIRE(decoded->size() == 1);
  CHECK(decoded->at(0).device_serial_number == "A1B2C3D000");
  CHECK_FALSE(decoded->at(0).accessible);
  CHECK(decoded->at(0).source_address == 4097);

  drive.volume_tag = "LTO001L9";
  page = encode_element_page(drive.type, std::span(&drive, 1), true, false);
  decoded = decode_element_status(encode_element_status(256, 1, page));
  CHECK(decoded->at(0).volume_tag == "LTO001L9");
  const auto& field = decoded->at(0).volume_tag_field;
  REQUIRE(field.size() == 36);
  CHECK(std::string(field.begin(), field.begin() + 32) == "LTO001L9" + std::string(24, ' '));
  CHECK_FALSE(decoded->at(0).device_serial_number);
}

TEST_CASE("no bytes make the decoder read past their end") {
  std::mt19937 random(11);
  for (int round = 0; round < 20000; ++round) {
    Raw raw = round % 2 == 0 ? storage_answer() : Raw(random() % 120);
    for (int change = 0; change < 8 && !raw.empty(); ++change) {
      raw[random() % raw.size()] = static_cast<std::uint8_t>(random());
    }
    raw.resize(raw.size() - random() % (raw.size() + 1));
    static_cast<void>(decode_element_status(raw));
  }
}

TEST_CASE("every field of an element survives") {
  Element element;
  element.type = ElementType::import_export;
  element.address = 0x0300;
  element.full = true;
  element.exception = {0x3B, 0x12};
  element.accessible = true;
  element.placed_by_operator = true;
  element.source_address = 0x1001;
  element.volume_tag = "CLN001L9";
  element.volume_sequence = 3;
  element.alternate_volume_tag = "ALT";
  element.alternate_volume_sequence = 4;
  element.export_enabled = true;
  element.import_enabled = true;
  element.inverted = true;
  element.disabled = true;
  element.medium_type = MediumType::cleaning;
  const ElementPageParts parts{.volume_tags = true,
                               .alternate_volume_tags = true,
                               .device_identifiers = false,
                               .vendor_bytes = 5};
  const auto page = encode_element_page(element.type, std::span(&element, 1), parts);
  CHECK(page.size() == 8 + 12 + 36 + 36 + 4 + 5);
  CHECK(page[8 + 2] == 0x3F);
  CHECK(page[8 + 9] == 0xCA);
  auto decoded = decode_element_status(encode_element_status(0x0300, 1, page));
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 1);
  decoded->at(0).volume_tag_field.clear();  // as it came, beside what it means
  CHECK(decoded->at(0) == element);
}

TEST_CASE("drives on a parallel bus, with identifiers of different lengths") {
  std::vector<Element> drives(3);
  for (auto& drive : drives) drive.type = ElementType::data_transfer;
  drives[0].bus_address = Element::BusAddress{.id = 5, .lun = 1, .other_bus = true};
  drives[0].device_identifier = Designator{.type = designator_type::naa,
                                           .code_set = CodeSet::binary,
                                           .association = Association::target_port,
                                           .protocol = 6,
                                           .value = {0x50, 0x01}};
  drives[1].bus_address = Element::BusAddress{.id = std::nullopt, .lun = 0};
  const auto page = encode_element_page(ElementType::data_transfer, drives, false, true);
  const auto decoded = decode_element_status(encode_element_status(0, 3, page));
  REQUIRE(decoded);
  CHECK(*decoded == drives);
  CHECK_FALSE(decoded->at(0).device_serial_number);
}

TEST_CASE("pages of unknown types and import bits of other types are not looked at") {
  auto raw = storage_answer();
  raw[18] = 0x3B;
  const auto storage = decode_element_status(raw);
  CHECK_FALSE(storage->at(0).placed_by_operator);
  CHECK_FALSE(storage->at(0).import_enabled);
  raw[8] = 9;
  CHECK(decode_element_status(raw)->empty());
}

TEST_CASE("the header says what there would be") {
  const Raw raw{0x10, 0x00, 0x00, 0x18, 0, 0x01, 0x00, 0x00};
  CHECK(decode_element_status_header(raw) == ElementStatusHeader{0x1000, 24, 0x010000});
  CHECK_FALSE(decode_element_status_header(std::span(raw).first(7)));
}
