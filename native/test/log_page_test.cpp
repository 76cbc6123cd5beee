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

TEST_CASE("a subpage, its flags and its control bytes") {
  const Raw raw{0xD7, 0x05, 0x00, 0x05, 0x00, 0x10, 0x41, 0x01, 0xAA};
  const auto page = decode_log_page(raw);
  REQUIRE(page);
  CHECK(page->page == 0x17);
  CHECK(page->subpage == 5);
  CHECK(page->subpage_format);
  CHECK(page->disable_save);
  REQUIRE(page->parameters.size() == 1);
  CHECK(page->parameters[0] == LogParameter{0x10, {0xAA}, 0x41});
  CHECK(encode_log_page(*page) == raw);
  CHECK(decode_log_page(raw, 0x17, 5));
  CHECK_FALSE(decode_log_page(raw, 0x17));
}

TEST_CASE("what no length field can tell is left out of a page") {
  LogPage page;
  page.parameters.push_back({1, Raw(256)});
  for (std::uint16_t i = 0; i < 300; ++i) page.parameters.push_back({i, Raw(255)});
  const auto raw = encode_log_page(page);
  CHECK(raw.size() == 4U + load_be16(raw, 2));
  const auto decoded = decode_log_page(raw);
  CHECK(decoded->parameters.size() == 253);
  CHECK(decoded->parameters[0].code == 0);
}

TEST_CASE("the list of pages, with and without subpages") {
  const std::vector<LogPageCode> pages{{0x00, 0}, {0x17, 0}, {0x17, 0x01}};
  const auto with = encode_supported_log_pages(pages, true);
  CHECK(with == Raw{0x40, 0xFF, 0, 6, 0x00, 0x00, 0x17, 0x00, 0x17, 0x01});
  CHECK(decode_supported_log_pages(with) == pages);
  const Raw without{0x00, 0x00, 0, 3, 0x00, 0x17, 0x17};
  CHECK(encode_supported_log_pages(pages, false) == without);
  CHECK(decode_supported_log_pages(without)->at(2) == LogPageCode{0x17, 0});
  CHECK_FALSE(decode_supported_log_pages(Raw{0x17, 0, 0, 0}));
}

TEST_CASE("counters of any length") {
  const std::vector<LogParameter> page{{1, {0x12}},
                                       {2, {0, 0, 0, 0, 1, 0, 0, 0, 0, 0x07}},
                                       {3, {1, 0, 0, 0, 0, 0, 0, 0, 0}},
                                       {4, {0xFF, 0xFF, 0xFF, 0xFF}},
                                       {5, {}},
                                       {6, {' ', 'A', 'B', ' ', 0}}};
  CHECK(log_counter(page, 1) == 0x12);
  CHECK(log_counter(page, 2) == 0x0000010000000007);
  CHECK_FALSE(log_counter(page, 3));  // more than 64 bits
  CHECK_FALSE(log_counter(page, 4));  // unknown
  CHECK_FALSE(log_counter(page, 5));
  CHECK_FALSE(log_counter(page, 9));
  CHECK(log_text(page, 6) == "AB");
  CHECK_FALSE(log_text(page, 9));
}

TEST_CASE("records of partitions") {
  const std::vector<PartitionRecord> records{{0, 0x1234}, {1, std::nullopt}};
  const auto value = encode_partition_records(records);
  CHECK(value == Raw{7, 0, 0, 0, 0, 0, 0x12, 0x34, 7, 0, 0, 1, 0xFF, 0xFF, 0xFF, 0xFF});
  CHECK(decode_partition_records(value) == records);
  // A cut record, one without a value, and one that no number can hold.
  CHECK(decode_partition_records(Raw{7, 0, 0, 0, 0, 0, 0x12}).empty());
  CHECK(decode_partition_records(Raw{3, 0, 0, 0, 0, 0, 0, 0}).empty());
  CHECK(decode_partition_records(Raw{0, 0, 0, 0, 0, 0, 0, 0}).empty());
  CHECK(decode_partition_records(Raw{12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}).empty());
}

TEST_CASE("without a record of partition 0 nothing is known of its end of data") {
  const std::vector<LogParameter> page{
      {used_capacity_parameter, encode_partition_records(std::vector<PartitionRecord>{{1, 5}})}};
  CHECK_FALSE(end_of_data_valid(page));
}

TEST_CASE("TapeAlert response flags are bits from the left") {
  const std::vector<LogParameter> page{{0, {0x80, 0x10, 0, 0, 0, 0, 0, 0x01}}};
  CHECK(set_tape_alert_response_flags(page) == Raw{1, 12, 64});
  CHECK(set_tape_alert_response_flags({}).empty());
  const std::vector<LogParameter> cut{{0, {0x80, 0x10}}};
  CHECK(set_tape_alert_response_flags(cut) == Raw{1, 12});
}

TEST_CASE("drive status") {
  const std::vector<LogParameter> page{{0, {0xA5, 0xB5, 0x03, 0x19}}};
  const auto status = decode_drive_status(page);
  REQUIRE(status);
  CHECK(status->prevented);
  CHECK_FALSE(status->host_initiated_unload);
  CHECK(status->medium_auxiliary_memory_accessible);
  CHECK_FALSE(status->write_protected);
  CHECK(status->cleaning_requested);
  CHECK_FALSE(status->cleaning_required);
  CHECK(status->initialized);
  CHECK(status->in_transition);
  CHECK(status->robotic_access_allowed);
  CHECK(status->medium_present);
  CHECK(status->medium_seated);
  CHECK_FALSE(status->medium_threaded);
  CHECK(status->medium_mounted);
  CHECK(status->activity == 3);
  CHECK(status->encryption_parameters_present);
  CHECK(status->encryption_service_request);
  CHECK_FALSE(status->interface_changed);
  CHECK(status->tape_alert_changed);
  CHECK(encode_drive_status(*status) == page[0].value);
  const std::vector<LogParameter> empty{{0, {}}};
  CHECK_FALSE(decode_drive_status(empty));
  CHECK_FALSE(decode_drive_status({}));
}
