// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "scsi/attribute.h"
#include "scsi/log_page.h"
#include "scsi/mode.h"
#include "simulator/drive.h"

/// Mode pages, log pages and medium attributes of a simulated drive.
namespace tidemark::simulator {
namespace {

namespace key = scsi::sense_key;

constexpr std::uint8_t lto_9_density = 0x60;
constexpr std::uint64_t megabyte = 1'000'000;
constexpr std::uint64_t mebibyte = 1024 * 1024;

std::vector<std::uint8_t> be32(std::uint64_t value) {
  std::vector<std::uint8_t> bytes(4);
  scsi::store_be32(bytes, 0,
                   static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX)));
  return bytes;
}

/// One record, that of partition 0: length of what follows, reserved, partition, value.
std::vector<std::uint8_t> partition_record(std::uint64_t value) {
  std::vector<std::uint8_t> bytes(8);
  bytes[0] = 7;
  scsi::store_be32(bytes, 4,
                   static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX)));
  return bytes;
}

}  // namespace

std::vector<std::uint8_t> Drive::mode_pages(std::uint8_t page) const {
  // DCC: the drive could compress, but does not. LOIS: it has logical object identifiers. SEW 0: it
  // does not synchronise at early warning. WORMM 0: the medium is not WORM.
  static constexpr std::array<std::uint8_t, 16> compression{0x0F, 0x0E, 0x40};
  static constexpr std::array<std::uint8_t, 16> configuration{0x10, 0x0E, 0, 0, 0, 0, 0, 0, 0x40};
  static constexpr std::array<std::uint8_t, 32> medium{0x1D, 0x1E};
  std::vector<std::uint8_t> pages;
  const auto add = [&](scsi::Bytes bytes) {
    const bool wanted = page == scsi::mode_page::all || page == (bytes[0] & 0x3F);
    const auto known = quirks_.known_mode_pages;
    const bool is_known =
        known.empty() || std::find(known.begin(), known.end(), bytes[0] & 0x3F) != known.end();
    if (wanted && is_known) pages.insert(pages.end(), bytes.begin(), bytes.end());
  };
  add(compression);
  add(configuration);
  add(medium);
  return pages;
}

Answer Drive::mode_sense(const Request& request) const {
  const auto page = static_cast<std::uint8_t>(request.cdb[2] & 0x3F);
  const bool without_descriptor = (request.cdb[1] & 0x08) != 0;
  scsi::ModeParameters parameters;
  parameters.pages = mode_pages(page);
  if (parameters.pages.empty() && page != 0) return invalid_field_in_cdb();
  parameters.write_protected = medium_ && medium_->attributes().write_protected;
  parameters.buffered_mode = buffered_mode_ ? 1 : 0;
  if (!without_descriptor) {
    parameters.block = {medium_ ? lto_9_density : std::uint8_t{0}, 0, 0};
  }
  return data(request, scsi::encode_mode_sense_6(parameters), request.cdb[4]);
}

Answer Drive::mode_select(const Request& request) {
  const auto list =
      request.data_out.first(std::min<std::size_t>(request.data_out.size(), request.cdb[4]));
  if (list.empty()) return good();
  const std::size_t descriptors = scsi::load_u8(list, 3);
  if (list.size() < 4 || list.size() < 4 + descriptors) {
    return check(key::illegal_request, 0x1A, 0x00);  // parameter list length error
  }
  // Variable blocks only, and no page of this drive can be changed.
  const bool fixed_blocks = descriptors >= 8 && scsi::load_be24(list, 9) != 0;
  const auto buffered_mode = list[2] >> 4 & 0x07;
  if (list[0] != 0 || list.size() > 4 + descriptors || fixed_blocks || buffered_mode > 1) {
    return check(key::illegal_request, 0x26, 0x00);
  }
  buffered_mode_ = buffered_mode == 1;
  return good();
}

std::vector<std::uint8_t> Drive::volume_statistics(std::uint16_t first_parameter) const {
  const std::uint64_t capacity = medium_ ? medium_->attributes().capacity_bytes : 0;
  const std::uint64_t used = medium_ ? medium_->bytes_before(medium_->object_count()) : 0;
  const std::vector<std::uint8_t> valid{static_cast<std::uint8_t>(medium_ ? 1 : 0)};
  const auto native = be32(capacity / megabyte);
  const auto total_used = be32(used / megabyte);
  const auto partition_capacity = partition_record(capacity / megabyte);
  const auto partition_used = partition_record(used / megabyte);
  const auto partition_left = partition_record((capacity - std::min(used, capacity)) / megabyte);
  const std::array parameters{
      scsi::LogParameter{scsi::page_valid_parameter, valid},
      scsi::LogParameter{0x0016, native},
      scsi::LogParameter{0x0017, total_used},
      scsi::LogParameter{0x0202, partition_capacity},
      scsi::LogParameter{scsi::used_capacity_parameter, partition_used},
      scsi::LogParameter{0x0204, partition_left},
  };
  const auto* first = std::find_if(parameters.begin(), parameters.end(),
                                   [&](const auto& each) { return each.code >= first_parameter; });
  std::vector<scsi::LogParameter> told(first, parameters.end());
  for (auto& each : told) {
    if (quirks_.zero_values) each.value.assign(each.value.size(), 0);
  }
  return scsi::encode_log_page(scsi::log_page::volume_statistics, told);
}

std::vector<std::uint8_t> Drive::take_tape_alerts(std::uint16_t first_parameter) {
  std::vector<scsi::LogParameter> parameters;
  for (std::uint16_t flag = 1; flag <= scsi::tape_alert_flags; ++flag) {
    if (flag < first_parameter) continue;
    const bool is_set = tape_alerts_.test(flag) && !quirks_.zero_values;
    parameters.push_back({flag, {static_cast<std::uint8_t>(is_set ? 1 : 0)}});
  }
  tape_alerts_.reset();
  return scsi::encode_log_page(scsi::log_page::tape_alert, parameters);
}

Answer Drive::log_sense(const Request& request) {
  const auto page = request.cdb[2] & 0x3F;
  const auto first_parameter = scsi::load_be16(request.cdb, 5);
  const auto allocation_length = scsi::load_be16(request.cdb, 7);
  if (request.cdb[3] != 0) return invalid_field_in_cdb();
  switch (page) {
    case 0x00: {
      static constexpr std::array<std::uint8_t, 7> list{
          0, 0, 0, 3, 0x00, scsi::log_page::volume_statistics, scsi::log_page::tape_alert};
      return data(request, list, allocation_length);
    }
    case scsi::log_page::volume_statistics:
      return data(request, volume_statistics(first_parameter), allocation_length);
    case scsi::log_page::tape_alert:
      return data(request, take_tape_alerts(first_parameter), allocation_length);
    default:
      return invalid_field_in_cdb();
  }
}

Answer Drive::read_attribute(const Request& request) const {
  const bool wants_values = (request.cdb[1] & 0x1F) == 0;
  const auto first = scsi::load_be16(request.cdb, 8);
  const auto& medium = medium_->attributes();
  const auto used = std::min(medium_->bytes_before(medium_->object_count()), medium.capacity_bytes);
  std::vector<std::uint8_t> remaining(8);
  std::vector<std::uint8_t> maximum(8);
  std::vector<std::uint8_t> manufacturer(8);
  std::vector<std::uint8_t> serial(32);
  scsi::store_be64(remaining, 0, (medium.capacity_bytes - used) / mebibyte);
  scsi::store_be64(maximum, 0, medium.capacity_bytes / mebibyte);
  scsi::store_ascii(manufacturer, 0, manufacturer.size(), "TIDEMARK");
  scsi::store_ascii(serial, 0, serial.size(), medium.serial_number);
  const std::array attributes{
      scsi::Attribute{scsi::attribute::remaining_capacity, scsi::AttributeFormat::binary, remaining,
                      true},
      scsi::Attribute{scsi::attribute::maximum_capacity, scsi::AttributeFormat::binary, maximum,
                      true},
      scsi::Attribute{scsi::attribute::medium_manufacturer, scsi::AttributeFormat::ascii,
                      manufacturer, true},
      scsi::Attribute{scsi::attribute::medium_serial_number, scsi::AttributeFormat::ascii, serial,
                      true},
  };
  const auto* from = std::find_if(attributes.begin(), attributes.end(),
                                  [&](const auto& each) { return each.id >= first; });
  // An identifier behind the last attribute is an invalid field (SPC-5 6.17.2).
  if (!wants_values || from == attributes.end()) return invalid_field_in_cdb();
  std::vector<scsi::Attribute> told(from, attributes.end());
  for (auto& each : told) {
    if (quirks_.zero_values) each.value.assign(each.value.size(), 0);
  }
  return data(request, scsi::encode_attributes(told), scsi::load_be32(request.cdb, 10));
}

}  // namespace tidemark::simulator
