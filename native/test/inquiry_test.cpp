// SPDX-License-Identifier: Apache-2.0
#include "scsi/inquiry.h"

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

TEST_CASE("every field of standard INQUIRY data survives") {
  InquiryData data;
  data.device_type = device_type::changer;
  data.qualifier = 3;
  data.vendor = "VENDOR";
  data.product = "PRODUCT";
  data.revision = "1.23";
  data.removable = false;
  data.version = 5;
  data.response_data_format = 1;
  data.protect = true;
  data.command_queuing = true;
  CHECK(encode_inquiry(data).size() == 36);
  CHECK(decode_inquiry(encode_inquiry(data)) == data);
  data.version_descriptors = {0x0960, 0x0460, 0, 1, 2, 3, 4, 5, 6};
  const auto decoded = decode_inquiry(encode_inquiry(data));
  REQUIRE(decoded);
  CHECK(decoded->version_descriptors == std::vector<std::uint16_t>{0x0960, 0x0460, 1, 2, 3, 4, 5});
}
