// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "scsi/cdb.h"
#include "scsi/log_page.h"
#include "simulator/drive.h"

/// LOG SENSE and LOG SELECT.
namespace tidemark::simulator {
namespace {

namespace code = scsi::log_page;

constexpr std::uint64_t megabyte = 1'000'000;
constexpr std::uint64_t mebibyte = 1024 * 1024;
constexpr std::uint8_t subpage_all = 0xFF;

constexpr std::array pages{
    code::supported_pages,     code::write_errors,      code::read_errors,
    code::sequential_access,   code::device_status,     code::tape_alert_response,
    code::device_statistics,   code::volume_statistics, code::data_compression,
    code::tape_alert,          code::tape_usage,        code::tape_capacity,
    code::data_compression_lto};

scsi::LogParameter count(std::uint16_t parameter, std::uint64_t value, std::size_t width = 4) {
  std::vector<std::uint8_t> bytes(width);
  const bool fits = width >= 8 || value >> (8 * width) == 0;
  // What does not fit stays at its maximum, which is not all ones: those mean unknown.
  const auto largest = (std::uint64_t{1} << (8 * std::min<std::size_t>(width, 7))) - 2;
  scsi::store_be(bytes, 0, width, fits ? value : largest);
  return {parameter, std::move(bytes)};
}

scsi::LogParameter text(std::uint16_t parameter, const std::string& value, std::size_t width) {
  std::vector<std::uint8_t> bytes(width);
  scsi::store_ascii(bytes, 0, width, value);
  return {parameter, std::move(bytes), 0x01};  // ASCII list parameter
}

std::vector<scsi::LogParameter> error_counters(std::uint64_t bytes, std::uint64_t uncorrected) {
  return {count(0x0000, 0), count(0x0001, 0),        count(0x0002, 0),          count(0x0003, 0),
          count(0x0004, 0), count(0x0005, bytes, 8), count(0x0006, uncorrected)};
}

}  // namespace

std::vector<scsi::LogParameter> Drive::sequential_access_log() const {
  std::vector<scsi::LogParameter> parameters{
      count(0x0000, transfers_.bytes_received, 8), count(0x0001, transfers_.bytes_written, 8),
      count(0x0002, transfers_.bytes_read, 8), count(0x0003, transfers_.bytes_sent, 8)};
  if (medium_) {
    const auto early_warning = medium_->early_warning_at(partition_);
    const auto capacity = medium_->capacity_bytes(partition_);
    parameters.push_back(count(0x0004, tape().native_bytes() / megabyte));
    parameters.push_back(count(0x0005, early_warning / megabyte));
    parameters.push_back(count(0x0006, (capacity - early_warning) / megabyte));
    parameters.push_back(count(0x0007, native_bytes_before_here() / megabyte));
  }
  parameters.push_back(count(0x0008, buffer_.capacity() / megabyte));
  parameters.push_back(count(0x0100, counters_.needs_cleaning() ? 1 : 0));
  return parameters;
}

std::vector<scsi::LogParameter> Drive::device_status_log() const {
  scsi::DriveStatus status;
  status.initialized = true;
  status.prevented = !preventing_removal_.empty();
  status.compression = settings_.compress;
  status.encryption_parameters_present = encryption_.is_set();
  status.cleaning_required = counters_.cleaning_required;
  status.cleaning_requested = counters_.cleaning_requested;
  status.tape_alert_changed = tape_alerts_.any();
  const auto found = cartridge();
  status.medium_present = found.has_value();
  status.medium_seated = found.has_value();
  status.medium_auxiliary_memory_accessible = found.has_value();
  status.medium_threaded = medium_ != nullptr;
  status.medium_mounted = medium_ != nullptr;
  status.robotic_access_allowed = !medium_;
  status.write_protected = medium_ && medium_->attributes().write_protected;
  return {{0x0000, scsi::encode_drive_status(status)}};
}

std::vector<scsi::LogParameter> Drive::device_statistics_log() const {
  return {count(0x0000, counters_.loads),
          count(0x0001, counters_.cleanings),
          count(0x0002, 0),  // power-on hours: no time passes here
          count(0x0003, 0),
          count(0x0004, 0),
          count(0x0008, 0),
          count(0x000C, 1),
          count(0x000D, counters_.loads),
          count(0x000E, counters_.hard_write_errors),
          count(0x000F, counters_.hard_read_errors),
          text(0x0040, serial_number(), 10),
          text(0x0041, serial_number(), 10),
          count(0x0080, preventing_removal_.empty() ? 0 : 1, 1),
          count(0x0081, 0, 1)};
}

std::vector<scsi::LogParameter> Drive::volume_statistics_log() const {
  if (!medium_) return {count(scsi::page_valid_parameter, 0, 1)};
  const auto& memory = medium_->memory();
  const auto& attributes = medium_->attributes();
  std::vector<scsi::PartitionRecord> encrypted;
  std::vector<scsi::PartitionRecord> capacity;
  std::vector<scsi::PartitionRecord> used;
  std::vector<scsi::PartitionRecord> left;
  const auto written_percent =
      compression_percent(memory.host_written_bytes_in_load, memory.written_bytes_in_load);
  const auto read_percent =
      compression_percent(memory.host_read_bytes_in_load, memory.read_bytes_in_load);
  std::uint64_t all_used = 0;
  for (std::uint8_t i = 0; i < medium_->partition_count(); ++i) {
    const auto bytes = medium_->partition(i).native_bytes();
    const auto room = medium_->capacity_bytes(i);
    all_used += bytes;
    capacity.push_back({i, room / megabyte});
    // Without an end of data nobody knows how much it is.
    used.push_back({i, memory.end_of_data_is_lost(i)
                           ? std::nullopt
                           : std::optional<std::uint64_t>(bytes / megabyte)});
    left.push_back({i, (room - std::min(bytes, room)) / megabyte});
  }
  return {count(scsi::page_valid_parameter, 1, 1),
          count(0x0001, memory.load_count),
          count(0x0002, memory.written_bytes / megabyte, 8),
          count(0x0003, 0),
          count(0x0004, counters_.hard_write_errors, 2),
          count(0x0005, 0, 2),
          count(0x0006, 0, 2),
          count(0x0007, memory.read_bytes / megabyte, 8),
          count(0x0008, 0),
          count(0x0009, counters_.hard_read_errors, 2),
          count(0x000C, 0, 2),
          count(0x000D, 0, 2),
          count(0x000E, memory.written_bytes_in_load / megabyte),
          count(0x000F, memory.read_bytes_in_load / megabyte),
          count(0x0010, memory.written_bytes / megabyte, 8),
          count(0x0011, memory.read_bytes / megabyte, 8),
          count(0x0012, written_percent),
          count(0x0013, read_percent),
          count(0x0016, attributes.capacity_bytes / megabyte),
          count(0x0017, all_used / megabyte),
          count(0x0018, attributes.capacity_bytes / megabyte),
          text(0x0040, attributes.serial_number, 32),
          text(0x0042, loaded_barcode_, 32),
          text(0x0043, "TIDEMARK", 8),
          count(0x0080, attributes.write_protected ? 1 : 0, 1),
          count(0x0081, attributes.worm ? 1 : 0, 1),
          {0x0202, scsi::encode_partition_records(capacity)},
          {scsi::used_capacity_parameter, scsi::encode_partition_records(used)},
          {0x0204, scsi::encode_partition_records(left)}};
}

std::vector<scsi::LogParameter> Drive::compression_log() const {
  const auto& moved = transfers_;
  std::vector<scsi::LogParameter> parameters{
      count(0x0000, compression_percent(moved.host_bytes_read, moved.bytes_read), 2),
      count(0x0001, compression_percent(moved.host_bytes_written, moved.bytes_written), 2)};
  // Each count is megabytes, and beside it the bytes that are left.
  const std::array counts{moved.bytes_sent, moved.bytes_read, moved.bytes_received,
                          moved.bytes_written};
  std::uint16_t parameter = 0x0002;
  for (const auto bytes : counts) {
    parameters.push_back(count(parameter++, bytes / megabyte));
    parameters.push_back(count(parameter++, bytes % megabyte));
  }
  return parameters;
}

std::vector<scsi::LogParameter> Drive::take_tape_alerts() {
  std::vector<scsi::LogParameter> parameters;
  for (std::uint16_t flag = 1; flag <= scsi::tape_alert_flags; ++flag) {
    parameters.push_back(count(flag, tape_alerts_.test(flag) ? 1 : 0, 1));
  }
  tape_alerts_.reset();
  return parameters;
}

std::vector<scsi::LogParameter> Drive::tape_usage_log() const {
  std::vector<scsi::LogParameter> parameters{
      count(0x0001, medium_ ? medium_->memory().load_count : 0),
      count(0x0002, medium_ ? medium_->memory().written_bytes / mebibyte : 0, 8)};
  // Suspended writes; a drive for which no time passes knows of none.
  if (streaming_) parameters.push_back(count(0x0005, streaming_->back_hitches(), 2));
  parameters.push_back(count(0x0007, medium_ ? medium_->memory().read_bytes / mebibyte : 0, 8));
  return parameters;
}

std::vector<scsi::LogParameter> Drive::log_parameters(std::uint8_t page) {
  switch (page) {
    case code::write_errors:
      return error_counters(transfers_.bytes_written, transfers_.write_errors);
    case code::read_errors:
      return error_counters(transfers_.bytes_read, transfers_.read_errors);
    case code::sequential_access:
      return sequential_access_log();
    case code::device_status:
      return device_status_log();
    case code::tape_alert_response: {
      // Flag 1 is the first bit. Unlike page 2Eh this one takes nothing away (SSC-5 8.2.6).
      std::uint64_t flags = 0;
      for (unsigned flag = 1; flag <= scsi::tape_alert_flags; ++flag) {
        flags = flags << 1 | (tape_alerts_.test(flag) ? 1 : 0);
      }
      return {count(0x0000, flags, 8)};
    }
    case code::device_statistics:
      return device_statistics_log();
    case code::volume_statistics:
      return volume_statistics_log();
    case code::data_compression:
    case code::data_compression_lto:
      return compression_log();
    case code::tape_alert:
      return take_tape_alerts();
    case code::tape_usage:
      return tape_usage_log();
    default: {
      std::vector<scsi::LogParameter> parameters;
      for (std::uint8_t i = 0; i < 2; ++i) {
        const bool is_there = medium_ && i < medium_->partition_count();
        const auto room = is_there ? medium_->capacity_bytes(i) : 0;
        const auto bytes = is_there ? std::min(medium_->partition(i).native_bytes(), room) : 0;
        parameters.push_back(count(static_cast<std::uint16_t>(1 + i), (room - bytes) / mebibyte));
        parameters.push_back(count(static_cast<std::uint16_t>(3 + i), room / mebibyte));
      }
      std::sort(parameters.begin(), parameters.end(),
                [](const auto& one, const auto& other) { return one.code < other.code; });
      return parameters;
    }
  }
}

bool Drive::knows_log_page(std::uint8_t page) const {
  // What compression does is told in one of two places.
  const bool is_compression = page == code::data_compression || page == code::data_compression_lto;
  if (is_compression) return page == quirks_.generation->compression_log;
  return std::find(pages.begin(), pages.end(), page) != pages.end();
}

Answer Drive::log_sense(const Request& request) {
  const auto page = static_cast<std::uint8_t>(request.cdb[2] & 0x3F);
  const auto control = static_cast<scsi::LogPageControl>(request.cdb[2] >> 6);
  const auto subpage = request.cdb[3];
  const bool saves = (request.cdb[1] & 0x01) != 0;
  const auto first_parameter = scsi::load_be16(request.cdb, 5);
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  if (saves || !knows_log_page(page)) return invalid_field_in_cdb();
  const bool is_list = page == code::supported_pages;
  if (subpage != 0 && !(is_list && subpage == subpage_all)) return invalid_field_in_cdb();
  if (is_list) {
    std::vector<scsi::LogPageCode> codes;
    for (const auto each : pages) {
      if (knows_log_page(each)) codes.push_back({each, 0});
    }
    if (subpage == subpage_all) codes.insert(codes.begin() + 1, {code::supported_pages, subpage});
    return data(request, scsi::encode_supported_log_pages(codes, subpage == subpage_all),
                allocation_length);
  }
  // There are no thresholds here.
  const bool is_cumulative = control == scsi::LogPageControl::cumulative ||
                             control == scsi::LogPageControl::default_cumulative;
  if (!is_cumulative) return invalid_field_in_cdb();
  auto parameters = log_parameters(page);
  const bool tells_zeros =
      quirks_.zero_values || control == scsi::LogPageControl::default_cumulative;
  for (auto& each : parameters) {
    if (tells_zeros) each.value.assign(each.value.size(), 0);
  }
  const auto first = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& each) { return each.code >= first_parameter; });
  // A pointer behind the last parameter is an invalid field (SPC-5 6.8).
  if (first == parameters.end()) return invalid_field_in_cdb();
  parameters.erase(parameters.begin(), first);
  return data(request, scsi::encode_log_page(page, parameters), allocation_length);
}

Answer Drive::log_select(const Request& request) {
  const auto page = request.cdb[2] & 0x3F;
  const bool resets = (request.cdb[1] & 0x02) != 0;
  const bool saves = (request.cdb[1] & 0x01) != 0;
  if (saves || (page != 0 && !resets) || request.cdb[3] != 0) return invalid_field_in_cdb();
  // No parameter can be set to a value of the initiator's.
  if (scsi::load_be16(request.cdb, 7) != 0) return invalid_field_in_cdb();
  if (!resets) return good();
  const auto is_meant = [&](std::uint8_t each) { return page == 0 || page == each; };
  const auto before = transfers_;
  if (is_meant(code::write_errors)) transfers_.write_errors = 0;
  if (is_meant(code::read_errors)) transfers_.read_errors = 0;
  if (is_meant(code::sequential_access) || is_meant(quirks_.generation->compression_log)) {
    transfers_ = {.write_errors = transfers_.write_errors, .read_errors = transfers_.read_errors};
  }
  if (is_meant(code::tape_alert)) tape_alerts_.reset();
  if (before.bytes_received != transfers_.bytes_received) {
    add_unit_attention_for_others(request.initiator, 0x2A, 0x02);
  }
  return good();
}

}  // namespace tidemark::simulator
