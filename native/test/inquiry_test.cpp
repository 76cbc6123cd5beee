// SPDX-License-Identifier: Apache-2.0
#include "scsi/inquiry.h"
#include "scsi/vital_product_data.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string_view>
#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

TEST_CASE("standard INQUIRY data") {
  constexpr std::string_view text = "HPE     Ultrium 9-SCSI  R3G3";
  Raw raw(36);
  raw[0] = 0x01;
  std::copy(text.begin(), text.end(), raw.begin() + 8);
  const auto data = decode_inquiry(raw);
  REQUIRE(data);
  CHECK(data->device_type == device_type::tape);
  CHECK(data->vendor == "HPE");
  CHECK(data->product == "Ultrium 9-SCSI");
  CHECK(data->revision == "R3G3");
  CHECK(decode_inquiry(encode_inquiry(*data))->product == data->product);
  raw.pop_back();
  CHECK_FALSE(decode_inquiry(raw));
}

TEST_CASE("serial number: right justified, padded, and no longer than received") {
  Raw raw{0x01, 0x80, 0x00, 0x08, ' ', ' ', 'A', 'B', '1', '2', ' ', ' '};
  CHECK(decode_unit_serial_number(raw) == "AB12");
  raw[3] = 0xFF;
  CHECK(decode_unit_serial_number(raw) == "AB12");
  raw[1] = 0x83;
  CHECK_FALSE(decode_unit_serial_number(raw));
  CHECK(decode_unit_serial_number(encode_unit_serial_number(1, "SERIAL")) == "SERIAL");
}
