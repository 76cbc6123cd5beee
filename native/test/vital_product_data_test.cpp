// SPDX-License-Identifier: Apache-2.0
#include "scsi/vital_product_data.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "scsi/inquiry.h"

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("serial number: right justified, padded, and no longer than received") {
  Raw raw{0x01, 0x80, 0x00, 0x08, ' ', ' ', 'A', 'B', '1', '2', ' ', ' '};
  CHECK(decode_unit_serial_number(raw) == "AB12");
  raw[3] = 0xFF;
  CHECK(decode_unit_serial_number(raw) == "AB12");
  raw[1] = 0x83;
  CHECK_FALSE(decode_unit_serial_number(raw));
  CHECK(decode_unit_serial_number(encode_unit_serial_number(1, "SERIAL")) == "SERIAL");
}

TEST_CASE("the list of pages") {
  const Raw codes{0x00, 0x80, 0x83, 0xB0};
  const auto raw = encode_supported_pages(device_type::changer, codes);
  CHECK(raw == Raw{0x08, 0x00, 0x00, 0x04, 0x00, 0x80, 0x83, 0xB0});
  CHECK(decode_supported_pages(raw) == codes);
}

TEST_CASE("designators of all sorts") {
  const Raw raw{0x01, 0x83, 0x00, 0x1B,                                       // header
                0x02, 0x01, 0x00, 0x05, 'A',  'C',  'M', 'E', ' ',            // T10
                0x01, 0x13, 0x00, 0x02, 0x50, 0x0E,                           // NAA, of the port
                0x53, 0xA8, 0x00, 0x08, 'i',  'q',  'n', '.', 'a', 0, 0, 0};  // SCSI name, iSCSI
  const auto designators = decode_designators(raw);
  REQUIRE(designators);
  REQUIRE(designators->size() == 3);
  CHECK(designators->at(0).type == designator_type::t10_vendor_identification);
  CHECK(designators->at(0).code_set == CodeSet::ascii);
  CHECK_FALSE(designators->at(0).protocol);
  CHECK(designator_text(designators->at(0)) == "ACME");
  CHECK(designators->at(1).association == Association::target_port);
  CHECK(designator_text(designators->at(1)) == "500e");
  CHECK(designators->at(2).type == designator_type::scsi_name);
  CHECK(designators->at(2).association == Association::target_device);
  CHECK(designators->at(2).protocol == 5);
  CHECK(designator_text(designators->at(2)) == "iqn.a");
  CHECK(encode_designators(device_type::tape, *designators) == raw);
}

TEST_CASE("a designator that no length byte can tell is left out") {
  std::vector<Designator> designators(2);
  designators[0].value.resize(256);
  designators[1].value = {7};
  const auto decoded = decode_designators(encode_designators(device_type::tape, designators));
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 1);
  CHECK(decoded->at(0).value == Raw{7});
}

TEST_CASE("pages of a tape drive, and a disk's pages of the same codes") {
  const Raw capabilities{0x01, 0xB0, 0x00, 0x02, 0x01, 0x00};
  CHECK(decode_sequential_access_capabilities(capabilities)->worm);
  CHECK(encode_sequential_access_capabilities({.worm = true}) == capabilities);
  CHECK(decode_sequential_access_capabilities(
            encode_sequential_access_capabilities({.tape_stream_mirroring = true}))
            ->tape_stream_mirroring);
  Raw block_limits(64);  // WSNZ of a disk is where a tape drive has WORM
  block_limits[0] = 0x01;
  block_limits[1] = 0xB0;
  block_limits[3] = 0x3C;
  block_limits[4] = 0x01;
  CHECK_FALSE(decode_sequential_access_capabilities(block_limits));

  CHECK(decode_manufacturer_serial_number(encode_manufacturer_serial_number("S123")) == "S123");
  auto characteristics = block_limits;
  characteristics[1] = 0xB1;
  CHECK_FALSE(decode_manufacturer_serial_number(characteristics));

  const Raw alerts{0x01, 0xB2, 0x00, 0x08, 0xC0, 0, 0, 0, 0, 0, 0, 0x01};
  CHECK(decode_supported_tape_alerts(alerts) == Raw{1, 2, 64});
  CHECK(encode_supported_tape_alerts(Raw{64, 2, 1}) == alerts);
  CHECK(encode_supported_tape_alerts(Raw{0, 65, 255, 1, 2, 64}) == alerts);
}
