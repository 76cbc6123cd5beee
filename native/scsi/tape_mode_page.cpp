// SPDX-License-Identifier: Apache-2.0
#include "scsi/tape_mode_page.h"

#include <algorithm>

#include "scsi/mode.h"
#include "scsi/mode_page_bytes.h"

namespace tidemark::scsi {
namespace {

constexpr std::size_t partition_sizes_offset = 8;

}  // namespace

std::optional<DataCompression> decode_data_compression(Bytes page) {
  page = checked_mode_page(page, mode_page::data_compression, 3);
  if (page.empty()) return std::nullopt;
  DataCompression values;
  values.compress = load_bit(page, 2, 7);
  values.capable = load_bit(page, 2, 6);
  values.decompress = load_bit(page, 3, 7);
  values.report_exception = load_bits(page, 3, 6, 5);
  values.compression_algorithm = load_be32(page, 4);
  values.decompression_algorithm = load_be32(page, 8);
  return values;
}

std::vector<std::uint8_t> encode_data_compression(const DataCompression& values, Bytes page) {
  auto bytes = begin_mode_page(page, mode_page::data_compression, 16);
  store_bit(bytes, 2, 7, values.compress);
  store_bit(bytes, 2, 6, values.capable);
  store_bit(bytes, 3, 7, values.decompress);
  store_bits(bytes, 3, 6, 5, values.report_exception);
  store_be32(bytes, 4, values.compression_algorithm);
  store_be32(bytes, 8, values.decompression_algorithm);
  return bytes;
}

std::optional<DeviceConfiguration> decode_device_configuration(Bytes page) {
  page = checked_mode_page(page, mode_page::device_configuration, 4);
  if (page.empty()) return std::nullopt;
  DeviceConfiguration values;
  values.change_active_partition = load_bit(page, 2, 6);
  values.change_active_format = load_bit(page, 2, 5);
  values.active_format = load_bits(page, 2, 4, 0);
  values.active_partition = load_u8(page, 3);
  values.write_buffer_full_ratio = load_u8(page, 4);
  values.read_buffer_empty_ratio = load_u8(page, 5);
  values.write_delay_time = load_be16(page, 6);
  values.object_buffer_recovery = load_bit(page, 8, 7);
  values.object_identifiers = load_bit(page, 8, 6);
  values.report_setmarks = load_bit(page, 8, 5);
  values.automatic_velocity_control = load_bit(page, 8, 4);
  values.stop_on_consecutive_filemarks = load_bits(page, 8, 3, 2);
  values.recover_buffer_order = load_bit(page, 8, 1);
  values.report_early_warning = load_bit(page, 8, 0);
  values.gap_size = load_u8(page, 9);
  values.end_of_data_defined = load_bits(page, 10, 7, 5);
  values.enable_end_of_data_generation = load_bit(page, 10, 4);
  values.synchronize_at_early_warning = load_bit(page, 10, 3);
  values.software_write_protect = load_bit(page, 10, 2);
  values.block_address_mode_lock = load_bit(page, 10, 1);
  values.explicit_block_address_mode = load_bit(page, 10, 0);
  values.buffer_size_at_early_warning = load_be24(page, 11);
  values.select_compression = load_u8(page, 14);
  values.worm_tamper_read_enable = load_bits(page, 15, 7, 6);
  values.only_if_reserved = load_bit(page, 15, 5);
  values.rewind_on_reset = load_bits(page, 15, 4, 3);
  values.associated_write_protect = load_bit(page, 15, 2);
  values.persistent_write_protect = load_bit(page, 15, 1);
  values.permanent_write_protect = load_bit(page, 15, 0);
  return values;
}

std::vector<std::uint8_t> encode_device_configuration(const DeviceConfiguration& values,
                                                      Bytes page) {
  auto bytes = begin_mode_page(page, mode_page::device_configuration, 16);
  store_bit(bytes, 2, 6, values.change_active_partition);
  store_bit(bytes, 2, 5, values.change_active_format);
  store_bits(bytes, 2, 4, 0, values.active_format);
  store_u8(bytes, 3, values.active_partition);
  store_u8(bytes, 4, values.write_buffer_full_ratio);
  store_u8(bytes, 5, values.read_buffer_empty_ratio);
  store_be16(bytes, 6, values.write_delay_time);
  store_bit(bytes, 8, 7, values.object_buffer_recovery);
  store_bit(bytes, 8, 6, values.object_identifiers);
  store_bit(bytes, 8, 5, values.report_setmarks);
  store_bit(bytes, 8, 4, values.automatic_velocity_control);
  store_bits(bytes, 8, 3, 2, values.stop_on_consecutive_filemarks);
  store_bit(bytes, 8, 1, values.recover_buffer_order);
  store_bit(bytes, 8, 0, values.report_early_warning);
  store_u8(bytes, 9, values.gap_size);
  store_bits(bytes, 10, 7, 5, values.end_of_data_defined);
  store_bit(bytes, 10, 4, values.enable_end_of_data_generation);
  store_bit(bytes, 10, 3, values.synchronize_at_early_warning);
  store_bit(bytes, 10, 2, values.software_write_protect);
  store_bit(bytes, 10, 1, values.block_address_mode_lock);
  store_bit(bytes, 10, 0, values.explicit_block_address_mode);
  store_be24(bytes, 11, values.buffer_size_at_early_warning);
  store_u8(bytes, 14, values.select_compression);
  store_bits(bytes, 15, 7, 6, values.worm_tamper_read_enable);
  store_bit(bytes, 15, 5, values.only_if_reserved);
  store_bits(bytes, 15, 4, 3, values.rewind_on_reset);
  store_bit(bytes, 15, 2, values.associated_write_protect);
  store_bit(bytes, 15, 1, values.persistent_write_protect);
  store_bit(bytes, 15, 0, values.permanent_write_protect);
  return bytes;
}

std::optional<DeviceConfigurationExtension> decode_device_configuration_extension(Bytes page) {
  page = checked_mode_subpage(page, mode_page::device_configuration,
                              mode_subpage::device_configuration_extension, 6);
  if (page.empty()) return std::nullopt;
  DeviceConfigurationExtension values;
  values.tape_alert_respect_parameter_fields = load_bit(page, 4, 3);
  values.tape_alert_select_exception_reporting = load_bit(page, 4, 2);
  values.tape_alert_respect_page_control = load_bit(page, 4, 1);
  values.tape_alert_prevent_log_sense_deactivation = load_bit(page, 4, 0);
  values.write_mode = load_bits(page, 5, 7, 4);
  values.short_erase_mode = load_bits(page, 5, 3, 0);
  values.programmable_early_warning_mb = load_be16(page, 6);
  values.encrypted_volume_requires_encryption = load_bit(page, 8, 0);
  return values;
}

std::vector<std::uint8_t> encode_device_configuration_extension(
    const DeviceConfigurationExtension& values, Bytes page) {
  auto bytes = begin_mode_subpage(page, mode_page::device_configuration,
                                  mode_subpage::device_configuration_extension, 32);
  store_bit(bytes, 4, 3, values.tape_alert_respect_parameter_fields);
  store_bit(bytes, 4, 2, values.tape_alert_select_exception_reporting);
  store_bit(bytes, 4, 1, values.tape_alert_respect_page_control);
  store_bit(bytes, 4, 0, values.tape_alert_prevent_log_sense_deactivation);
  store_bits(bytes, 5, 7, 4, values.write_mode);
  store_bits(bytes, 5, 3, 0, values.short_erase_mode);
  store_be16(bytes, 6, values.programmable_early_warning_mb);
  store_bit(bytes, 8, 0, values.encrypted_volume_requires_encryption);
  return bytes;
}

std::optional<MediumPartitions> decode_medium_partitions(Bytes page) {
  page = checked_mode_page(page, mode_page::medium_partition, 4);
  if (page.empty()) return std::nullopt;
  MediumPartitions values;
  values.maximum_additional = load_u8(page, 2);
  values.additional = load_u8(page, 3);
  values.fixed = load_bit(page, 4, 7);
  values.selected = load_bit(page, 4, 6);
  values.initiator_defined = load_bit(page, 4, 5);
  values.unit = static_cast<MediumPartitions::Unit>(load_bits(page, 4, 4, 3));
  values.on_format_medium = load_bit(page, 4, 2);
  values.clear = load_bit(page, 4, 1);
  values.additional_only = load_bit(page, 4, 0);
  values.format_recognition = load_u8(page, 5);
  values.partitioning_type = load_bits(page, 6, 7, 4);
  values.size_exponent = load_bits(page, 6, 3, 0);
  for (auto at = partition_sizes_offset; at + 2 <= page.size(); at += 2) {
    values.sizes.push_back(load_be16(page, at));
  }
  return values;
}

std::vector<std::uint8_t> encode_medium_partitions(const MediumPartitions& values, Bytes page) {
  const auto count = std::min<std::size_t>(values.sizes.size(), 124);  // PAGE LENGTH is one byte
  auto bytes = begin_mode_page(page, mode_page::medium_partition, partition_sizes_offset);
  bytes.resize(partition_sizes_offset + 2 * count);
  bytes[1] = static_cast<std::uint8_t>(bytes.size() - 2);
  store_u8(bytes, 2, values.maximum_additional);
  store_u8(bytes, 3, values.additional);
  store_bit(bytes, 4, 7, values.fixed);
  store_bit(bytes, 4, 6, values.selected);
  store_bit(bytes, 4, 5, values.initiator_defined);
  store_bits(bytes, 4, 4, 3, static_cast<std::uint8_t>(values.unit));
  store_bit(bytes, 4, 2, values.on_format_medium);
  store_bit(bytes, 4, 1, values.clear);
  store_bit(bytes, 4, 0, values.additional_only);
  store_u8(bytes, 5, values.format_recognition);
  store_bits(bytes, 6, 7, 4, values.partitioning_type);
  store_bits(bytes, 6, 3, 0, values.size_exponent);
  for (std::size_t i = 0; i < count; ++i) {
    store_be16(bytes, partition_sizes_offset + 2 * i, values.sizes[i]);
  }
  return bytes;
}

std::optional<MediumConfiguration> decode_medium_configuration(Bytes page) {
  page = checked_mode_page(page, mode_page::medium_configuration, 3);
  if (page.empty()) return std::nullopt;
  return MediumConfiguration{load_bit(page, 2, 0), load_u8(page, 4), load_u8(page, 5)};
}

std::vector<std::uint8_t> encode_medium_configuration(const MediumConfiguration& values,
                                                      Bytes page) {
  auto bytes = begin_mode_page(page, mode_page::medium_configuration, 32);
  store_bit(bytes, 2, 0, values.worm);
  store_u8(bytes, 4, values.worm_label_restrictions);
  store_u8(bytes, 5, values.worm_filemark_restrictions);
  return bytes;
}

std::optional<ControlDataProtection> decode_control_data_protection(Bytes page) {
  page = checked_mode_subpage(page, mode_page::control, mode_subpage::control_data_protection, 7);
  if (page.empty()) return std::nullopt;
  ControlDataProtection values;
  values.method = static_cast<ControlDataProtection::Method>(load_u8(page, 4));
  values.information_bytes = load_bits(page, 5, 5, 0);
  values.on_write = load_bit(page, 6, 7);
  values.on_read = load_bit(page, 6, 6);
  values.on_recover = load_bit(page, 6, 5);
  return values;
}

std::vector<std::uint8_t> encode_control_data_protection(const ControlDataProtection& values,
                                                         Bytes page) {
  auto bytes =
      begin_mode_subpage(page, mode_page::control, mode_subpage::control_data_protection, 32);
  store_u8(bytes, 4, static_cast<std::uint8_t>(values.method));
  store_bits(bytes, 5, 5, 0, values.information_bytes);
  store_bit(bytes, 6, 7, values.on_write);
  store_bit(bytes, 6, 6, values.on_read);
  store_bit(bytes, 6, 5, values.on_recover);
  return bytes;
}

}  // namespace tidemark::scsi
