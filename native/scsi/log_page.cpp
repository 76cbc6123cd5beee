// SPDX-License-Identifier: Apache-2.0
#include "scsi/log_page.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t parameter_header_bytes = 4;
constexpr std::size_t maximum_parameter_bytes = 0xFF;
constexpr std::size_t maximum_page_bytes = 0xFFFF;
constexpr std::size_t record_header_bytes = 4;
constexpr std::uint8_t page_code_mask = 0x3F;
constexpr std::uint8_t all_subpages = 0xFF;

bool all_ones(Bytes value) {
  return std::all_of(value.begin(), value.end(), [](std::uint8_t byte) { return byte == 0xFF; });
}

/// A number of any length, if 64 bits hold it.
std::optional<std::uint64_t> wide_number(Bytes value) {
  const auto leading = value.size() > 8 ? value.size() - 8 : 0;
  const auto is_zero = [](std::uint8_t byte) { return byte == 0; };
  if (!std::all_of(value.begin(), value.begin() + static_cast<std::ptrdiff_t>(leading), is_zero)) {
    return std::nullopt;
  }
  return load_be(value, leading, value.size() - leading);
}

}  // namespace

std::optional<LogPage> decode_log_page(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  LogPage page;
  page.page = bytes[0] & page_code_mask;
  page.subpage_format = load_bit(bytes, 0, 6);
  page.disable_save = load_bit(bytes, 0, 7);
  // Without SPF the byte is reserved (SPC-5 7.3.2.1).
  page.subpage = page.subpage_format ? bytes[1] : std::uint8_t{0};
  auto rest = clip(bytes, header_bytes, load_be16(bytes, 2));
  while (rest.size() >= parameter_header_bytes) {
    const std::size_t length = parameter_header_bytes + rest[3];
    if (length > rest.size()) break;
    const auto value = rest.subspan(parameter_header_bytes, rest[3]);
    page.parameters.push_back({load_be16(rest, 0), {value.begin(), value.end()}, rest[2]});
    rest = rest.subspan(length);
  }
  return page;
}

std::vector<std::uint8_t> encode_log_page(const LogPage& page) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& parameter : page.parameters) {
    const auto at = bytes.size();
    const auto end = at + parameter_header_bytes + parameter.value.size();
    if (parameter.value.size() > maximum_parameter_bytes) continue;
    if (end - header_bytes > maximum_page_bytes) break;
    bytes.resize(at + parameter_header_bytes);
    store_be16(bytes, at, parameter.code);
    bytes[at + 2] = parameter.control;
    bytes[at + 3] = static_cast<std::uint8_t>(parameter.value.size());
    bytes.insert(bytes.end(), parameter.value.begin(), parameter.value.end());
  }
  bytes[0] = page.page & page_code_mask;
  store_bit(bytes, 0, 6, page.subpage_format);
  store_bit(bytes, 0, 7, page.disable_save);
  bytes[1] = page.subpage;
  store_be16(bytes, 2, static_cast<std::uint16_t>(bytes.size() - header_bytes));
  return bytes;
}

std::optional<std::vector<LogParameter>> decode_log_page(Bytes bytes, std::uint8_t page,
                                                         std::uint8_t subpage) {
  auto decoded = decode_log_page(bytes);
  if (!decoded || decoded->page != page || decoded->subpage != subpage) return std::nullopt;
  return std::move(decoded->parameters);
}

std::vector<std::uint8_t> encode_log_page(std::uint8_t page,
                                          std::span<const LogParameter> parameters) {
  LogPage whole;
  whole.page = page;
  whole.parameters.assign(parameters.begin(), parameters.end());
  return encode_log_page(whole);
}

std::optional<std::vector<LogPageCode>> decode_supported_log_pages(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  if ((bytes[0] & page_code_mask) != log_page::supported_pages) return std::nullopt;
  const bool with_subpages = load_bit(bytes, 0, 6) && bytes[1] == all_subpages;
  if (!with_subpages && load_bit(bytes, 0, 6) && bytes[1] != 0) return std::nullopt;
  const auto list = clip(bytes, header_bytes, load_be16(bytes, 2));
  const std::size_t width = with_subpages ? 2 : 1;
  std::vector<LogPageCode> pages;
  for (std::size_t at = 0; at + width <= list.size(); at += width) {
    pages.push_back({static_cast<std::uint8_t>(list[at] & page_code_mask),
                     with_subpages ? list[at + 1] : std::uint8_t{0}});
  }
  return pages;
}

std::vector<std::uint8_t> encode_supported_log_pages(std::span<const LogPageCode> pages,
                                                     bool with_subpages) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : pages) {
    bytes.push_back(each.page & page_code_mask);
    if (with_subpages) bytes.push_back(each.subpage);
  }
  if (with_subpages) {
    store_bit(bytes, 0, 6, true);
    bytes[1] = all_subpages;
  }
  store_be16(bytes, 2, static_cast<std::uint16_t>(bytes.size() - header_bytes));
  return bytes;
}

const LogParameter* find_log_parameter(std::span<const LogParameter> parameters,
                                       std::uint16_t code) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const LogParameter& each) { return each.code == code; });
  return found == parameters.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> log_counter(std::span<const LogParameter> parameters,
                                         std::uint16_t code) {
  const auto* parameter = find_log_parameter(parameters, code);
  if (parameter == nullptr || all_ones(parameter->value)) return std::nullopt;
  return wide_number(parameter->value);
}

std::optional<std::string> log_text(std::span<const LogParameter> parameters, std::uint16_t code) {
  const auto* parameter = find_log_parameter(parameters, code);
  if (parameter == nullptr) return std::nullopt;
  return load_ascii(parameter->value, 0, parameter->value.size());
}

std::vector<PartitionRecord> decode_partition_records(Bytes value) {
  std::vector<PartitionRecord> records;
  while (value.size() >= record_header_bytes) {
    const std::size_t length = 1U + value[0];
    // A cut value would be another number, and not every length is one of a record.
    if (length <= record_header_bytes || length > value.size()) break;
    const auto number = value.subspan(record_header_bytes, length - record_header_bytes);
    if (number.size() > 8) break;
    PartitionRecord record;
    record.partition = load_be16(value, 2);
    if (!all_ones(number)) record.value = load_be(number, 0, number.size());
    records.push_back(record);
    value = value.subspan(length);
  }
  return records;
}

std::vector<std::uint8_t> encode_partition_records(std::span<const PartitionRecord> records) {
  std::vector<std::uint8_t> bytes;
  for (const auto& record : records) {
    const auto at = bytes.size();
    bytes.resize(at + 8);
    bytes[at] = 7;
    store_be16(bytes, at + 2, record.partition);
    store_be32(bytes, at + 4,
               static_cast<std::uint32_t>(
                   std::min<std::uint64_t>(record.value.value_or(UINT32_MAX), UINT32_MAX)));
  }
  return bytes;
}

std::vector<std::uint8_t> set_tape_alert_flags(std::span<const LogParameter> page) {
  std::vector<std::uint8_t> flags;
  for (const auto& parameter : page) {
    const bool is_flag = parameter.code >= 1 && parameter.code <= tape_alert_flags;
    if (is_flag && load_bit(parameter.value, 0, 0)) {
      flags.push_back(static_cast<std::uint8_t>(parameter.code));
    }
  }
  return flags;
}

std::vector<std::uint8_t> set_tape_alert_response_flags(std::span<const LogParameter> page) {
  std::vector<std::uint8_t> flags;
  const auto* parameter = find_log_parameter(page, 0);
  if (parameter == nullptr) return flags;
  for (std::uint8_t flag = 0; flag < tape_alert_flags; ++flag) {
    if (load_bit(parameter->value, flag / 8, 7 - flag % 8)) {
      flags.push_back(static_cast<std::uint8_t>(flag + 1));
    }
  }
  return flags;
}

std::optional<bool> end_of_data_valid(std::span<const LogParameter> page) {
  // Parameter 0 tells whether the page means anything just now (SSC-5 8.2.9).
  const auto* valid = find_log_parameter(page, page_valid_parameter);
  if (valid != nullptr && !valid->value.empty() && wide_number(valid->value) != 1) {
    return std::nullopt;
  }
  const auto* used = find_log_parameter(page, used_capacity_parameter);
  if (used == nullptr) return std::nullopt;
  for (const auto& record : decode_partition_records(used->value)) {
    if (record.partition == 0) return record.value.has_value();
  }
  return std::nullopt;
}

std::optional<DriveStatus> decode_drive_status(std::span<const LogParameter> page) {
  const auto* parameter = find_log_parameter(page, 0);
  if (parameter == nullptr || parameter->value.empty()) return std::nullopt;
  const Bytes value = parameter->value;
  DriveStatus status;
  status.prevented = load_bit(value, 0, 7);
  status.host_initiated_unload = load_bit(value, 0, 6);
  status.medium_auxiliary_memory_accessible = load_bit(value, 0, 5);
  status.compression = load_bit(value, 0, 4);
  status.write_protected = load_bit(value, 0, 3);
  status.cleaning_requested = load_bit(value, 0, 2);
  status.cleaning_required = load_bit(value, 0, 1);
  status.initialized = load_bit(value, 0, 0);
  status.in_transition = load_bit(value, 1, 7);
  status.robotic_access_allowed = load_bit(value, 1, 5);
  status.medium_present = load_bit(value, 1, 4);
  status.medium_seated = load_bit(value, 1, 2);
  status.medium_threaded = load_bit(value, 1, 1);
  status.medium_mounted = load_bit(value, 1, 0);
  status.activity = load_u8(value, 2);
  status.diagnostic_data_created = load_bit(value, 3, 5);
  status.encryption_parameters_present = load_bit(value, 3, 4);
  status.encryption_service_request = load_bit(value, 3, 3);
  status.recovery_requested = load_bit(value, 3, 2);
  status.interface_changed = load_bit(value, 3, 1);
  status.tape_alert_changed = load_bit(value, 3, 0);
  return status;
}

std::vector<std::uint8_t> encode_drive_status(const DriveStatus& status) {
  std::vector<std::uint8_t> value(4);
  store_bit(value, 0, 7, status.prevented);
  store_bit(value, 0, 6, status.host_initiated_unload);
  store_bit(value, 0, 5, status.medium_auxiliary_memory_accessible);
  store_bit(value, 0, 4, status.compression);
  store_bit(value, 0, 3, status.write_protected);
  store_bit(value, 0, 2, status.cleaning_requested);
  store_bit(value, 0, 1, status.cleaning_required);
  store_bit(value, 0, 0, status.initialized);
  store_bit(value, 1, 7, status.in_transition);
  store_bit(value, 1, 5, status.robotic_access_allowed);
  store_bit(value, 1, 4, status.medium_present);
  store_bit(value, 1, 2, status.medium_seated);
  store_bit(value, 1, 1, status.medium_threaded);
  store_bit(value, 1, 0, status.medium_mounted);
  value[2] = status.activity;
  store_bit(value, 3, 5, status.diagnostic_data_created);
  store_bit(value, 3, 4, status.encryption_parameters_present);
  store_bit(value, 3, 3, status.encryption_service_request);
  store_bit(value, 3, 2, status.recovery_requested);
  store_bit(value, 3, 1, status.interface_changed);
  store_bit(value, 3, 0, status.tape_alert_changed);
  return value;
}

}  // namespace tidemark::scsi
