// SPDX-License-Identifier: Apache-2.0
#include "scsi/tape_mode_page.h"

#include <doctest/doctest.h>

#include <vector>

using namespace tidemark::scsi;
using Raw = std::vector<std::uint8_t>;

namespace {

/// A page of this length whose fields and reserved bytes are all ones.
Raw all_ones(std::uint8_t code, std::size_t bytes) {
  Raw page(bytes, 0xFF);
  page[0] = static_cast<std::uint8_t>(0x80 | code);
  page[1] = static_cast<std::uint8_t>(bytes - 2);
  return page;
}
Raw all_ones(std::uint8_t code, std::uint8_t subpage, std::size_t bytes) {
  Raw page(bytes, 0xFF);
  page[0] = static_cast<std::uint8_t>(0xC0 | code);
  page[1] = subpage;
  store_be16(page, 2, static_cast<std::uint16_t>(bytes - 4));
  return page;
}

/// Clears the fields of a page of ones: which bits are left says which are no fields.
template <typename Values>
Raw cleared(const Raw& page, Raw (*encode)(const Values&, Bytes)) {
  return encode(Values{}, page);
}

}  // namespace

TEST_CASE("data compression") {
  const Raw page{0x0F, 0x0E, 0xC0, 0xE0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0};
  const auto values = decode_data_compression(page);
  REQUIRE(values);
  CHECK(values->compress);
  CHECK(values->capable);
  CHECK(values->decompress);
  CHECK(values->report_exception == 3);
  CHECK(values->compression_algorithm == 1);
  CHECK(values->decompression_algorithm == 2);
  CHECK(encode_data_compression(*values) == page);
  CHECK(cleared(all_ones(0x0F, 16), encode_data_compression) ==
        Raw{0x0F, 0x0E, 0x3F, 0x1F, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF});
}

TEST_CASE("device configuration") {
  const Raw page{0x10, 0x0E, 0x61, 0x01, 0x7F, 0x3F, 0x01, 0x2C,
                 0xDF, 0x07, 0xBE, 0x12, 0x34, 0x56, 0x01, 0xB7};
  const auto values = decode_device_configuration(page);
  REQUIRE(values);
  CHECK(values->change_active_partition);
  CHECK(values->change_active_format);
  CHECK(values->active_format == 1);
  CHECK(values->active_partition == 1);
  CHECK(values->write_buffer_full_ratio == 0x7F);
  CHECK(values->read_buffer_empty_ratio == 0x3F);
  CHECK(values->write_delay_time == 300);
  CHECK(values->object_buffer_recovery);
  CHECK(values->object_identifiers);
  CHECK_FALSE(values->report_setmarks);
  CHECK(values->automatic_velocity_control);
  CHECK(values->stop_on_consecutive_filemarks == 3);
  CHECK(values->recover_buffer_order);
  CHECK(values->report_early_warning);
  CHECK(values->gap_size == 7);
  CHECK(values->end_of_data_defined == 5);
  CHECK(values->enable_end_of_data_generation);
  CHECK(values->synchronize_at_early_warning);
  CHECK(values->software_write_protect);
  CHECK(values->block_address_mode_lock);
  CHECK_FALSE(values->explicit_block_address_mode);
  CHECK(values->buffer_size_at_early_warning == 0x123456);
  CHECK(values->select_compression == 1);
  CHECK(values->worm_tamper_read_enable == 2);
  CHECK(values->only_if_reserved);
  CHECK(values->rewind_on_reset == 2);
  CHECK(values->associated_write_protect);
  CHECK(values->persistent_write_protect);
  CHECK(values->permanent_write_protect);
  CHECK(encode_device_configuration(*values) == page);
  CHECK(cleared(all_ones(0x10, 18), encode_device_configuration) ==
        Raw{0x10, 0x10, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF});
}

TEST_CASE("device configuration extension") {
  Raw page(32);
  page[0] = 0x50;
  page[1] = 0x01;
  page[3] = 0x1C;
  page[4] = 0x0A;
  page[5] = 0x12;
  page[6] = 0x04;
  page[8] = 0x01;
  const auto values = decode_device_configuration_extension(page);
  REQUIRE(values);
  CHECK(values->tape_alert_respect_parameter_fields);
  CHECK_FALSE(values->tape_alert_select_exception_reporting);
  CHECK(values->tape_alert_respect_page_control);
  CHECK_FALSE(values->tape_alert_prevent_log_sense_deactivation);
  CHECK(values->write_mode == 1);
  CHECK(values->short_erase_mode == 2);
  CHECK(values->programmable_early_warning_mb == 0x0400);
  CHECK(values->encrypted_volume_requires_encryption);
  CHECK(encode_device_configuration_extension(*values) == page);
  CHECK(cleared(all_ones(0x10, 0x01, 10), encode_device_configuration_extension) ==
        Raw{0x50, 0x01, 0x00, 0x06, 0xF0, 0x00, 0x00, 0x00, 0xFE, 0xFF});
}

TEST_CASE("medium partitions") {
  const Raw page{0x11, 0x0A, 0x03, 0x01, 0x3D, 0x03, 0x19, 0x00, 0x00, 0x26, 0xFF, 0xFF};
  const auto values = decode_medium_partitions(page);
  REQUIRE(values);
  CHECK(values->maximum_additional == 3);
  CHECK(values->additional == 1);
  CHECK_FALSE(values->fixed);
  CHECK_FALSE(values->selected);
  CHECK(values->initiator_defined);
  CHECK(values->unit == MediumPartitions::Unit::by_exponent);
  CHECK(values->on_format_medium);
  CHECK_FALSE(values->clear);
  CHECK(values->additional_only);
  CHECK(values->format_recognition == 3);
  CHECK(values->partitioning_type == 1);
  CHECK(values->size_exponent == 9);
  CHECK(values->sizes == std::vector<std::uint16_t>{0x26, 0xFFFF});
  CHECK(encode_medium_partitions(*values) == page);
}

TEST_CASE("the page of partitions is as long as its sizes") {
  Raw page{0x91, 0x08, 0x01, 0x00, 0x10, 0x03, 0x09, 0xAA, 0x12, 0x34};
  auto values = *decode_medium_partitions(page);
  values.additional = 1;
  values.sizes = {1, 2, 3};
  CHECK(encode_medium_partitions(values, page) ==
        Raw{0x11, 0x0C, 0x01, 0x01, 0x10, 0x03, 0x09, 0xAA, 0, 1, 0, 2, 0, 3});
  values.sizes.resize(200);
  CHECK(decode_medium_partitions(encode_medium_partitions(values))->sizes.size() == 124);
}

TEST_CASE("medium configuration") {
  auto page = all_ones(0x1D, 32);
  const auto values = decode_medium_configuration(page);
  CHECK(values == MediumConfiguration{true, 0xFF, 0xFF});
  const auto writable = encode_medium_configuration({}, page);
  CHECK(writable[2] == 0xFE);
  CHECK(writable[3] == 0xFF);
  CHECK(writable[4] == 0);
  CHECK(writable[5] == 0);
  const auto made = encode_medium_configuration({true, 1, 2});
  CHECK(made.size() == 32);
  CHECK(made[1] == 0x1E);
  CHECK(decode_medium_configuration(made) == MediumConfiguration{true, 1, 2});
}

TEST_CASE("control data protection") {
  ControlDataProtection values;
  values.method = ControlDataProtection::Method::crc32c;
  values.information_bytes = 4;
  values.on_write = true;
  values.on_read = true;
  const auto page = encode_control_data_protection(values);
  CHECK(page.size() == 32);
  CHECK(Raw(page.begin(), page.begin() + 7) == Raw{0x4A, 0xF0, 0x00, 0x1C, 0x02, 0x04, 0xC0});
  CHECK(decode_control_data_protection(page) == values);
  CHECK(cleared(all_ones(0x0A, 0xF0, 8), encode_control_data_protection) ==
        Raw{0x4A, 0xF0, 0x00, 0x04, 0x00, 0xC0, 0x1F, 0xFF});
}

TEST_CASE("a short page is patched as far as it goes") {
  const Raw page{0x90, 0x02, 0x00, 0x00};
  DeviceConfiguration values;
  values.active_partition = 1;
  values.select_compression = 1;
  CHECK(encode_device_configuration(values, page) == Raw{0x10, 0x02, 0x00, 0x01});
}

TEST_CASE("other pages are no such pages") {
  CHECK_FALSE(decode_data_compression(all_ones(0x10, 16)));
  CHECK_FALSE(decode_device_configuration(all_ones(0x10, 0x01, 32)));
  CHECK_FALSE(decode_device_configuration_extension(all_ones(0x10, 0x02, 32)));
  CHECK_FALSE(decode_device_configuration_extension(all_ones(0x10, 16)));
  CHECK_FALSE(decode_medium_partitions(all_ones(0x10, 16)));
  CHECK_FALSE(decode_medium_configuration(all_ones(0x10, 16)));
  CHECK_FALSE(decode_control_data_protection(all_ones(0x0A, 0x01, 32)));
}
