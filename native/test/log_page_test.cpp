// SPDX-License-Identifier: Apache-2.0
#include "scsi/log_page.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

Raw volume_statistics(std::uint32_t used, std::uint8_t page_valid = 1) {
  Raw raw{0x17, 0x00, 0x00, 0x11,              // header
          0x00, 0x00, 0x03, 0x01, page_valid,  // parameter 0
          0x02, 0x03, 0x03, 0x08,              // parameter 203h
          0x07, 0x00, 0x00, 0x00, 0x00,       0x00, 0x00, 0x00};
  store_be32(raw, 17, used);
  return raw;
}

std::optional<bool> end_of_data(const Raw& raw) {
  const auto page = decode_log_page(raw, log_page::volume_statistics);
  return page ? end_of_data_valid(*page) : std::nullopt;
}

}  // namespace

TEST_CASE("used capacity of all ones: end of data is not valid") {
  CHECK(end_of_data(volume_statistics(0x1234)) == true);
  CHECK(end_of_data(volume_statistics(0)) == true);
  CHECK(end_of_data(volume_statistics(0xFFFFFFFF)) == false);
}

TEST_CASE("a page that is not valid, or does not tell, says nothing") {
  CHECK_FALSE(end_of_data(volume_statistics(0xFFFFFFFF, 0)));
  CHECK_FALSE(end_of_data(Raw{0x17, 0, 0, 0}));
  CHECK_FALSE(end_of_data(Raw{0x2E, 0, 0, 0}));
  CHECK_FALSE(end_of_data(Raw{}));
}

TEST_CASE("parameters are walked by their lengths, as far as they arrived") {
  auto raw = volume_statistics(1);
  raw.resize(20);  // the last byte of parameter 203h is missing
  const auto page = decode_log_page(raw, log_page::volume_statistics);
  REQUIRE(page);
  CHECK(page->size() == 1);
  raw[3] = 0xFF;  // the length counts more than there is
  CHECK(decode_log_page(raw, log_page::volume_statistics)->size() == 1);
}

TEST_CASE("TapeAlert flags that are set") {
  const Raw raw{0x2E, 0,    0, 15, 0x00, 0x04, 0, 1, 1,  // flag 4
                0x00, 0x05, 0, 1,  0,                    // not flag 5
                0x00, 0x14, 0, 1,  0xFF};                // flag 20: bit 0 counts
  const auto page = decode_log_page(raw, log_page::tape_alert);
  REQUIRE(page);
  CHECK(set_tape_alert_flags(*page) == std::vector<std::uint8_t>{4, 20});
}

TEST_CASE("encoding and decoding are inverse") {
  const Raw first{1};
  const Raw second{7, 0, 0, 0, 0, 0, 0, 9};
  const std::vector<LogParameter> parameters{{0, first}, {0x203, second}};
  const auto raw = encode_log_page(log_page::volume_statistics, parameters);
  const auto decoded = decode_log_page(raw, log_page::volume_statistics);
  REQUIRE(decoded);
  REQUIRE(decoded->size() == 2);
  CHECK((*decoded)[1].code == 0x203);
  CHECK(Raw((*decoded)[1].value.begin(), (*decoded)[1].value.end()) == second);
}
