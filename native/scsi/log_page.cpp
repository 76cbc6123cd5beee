// SPDX-License-Identifier: Apache-2.0
#include "scsi/log_page.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t parameter_header_bytes = 4;

}  // namespace

const LogParameter* find_log_parameter(std::span<const LogParameter> parameters,
                                       std::uint16_t code) {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const LogParameter& each) { return each.code == code; });
  return found == parameters.end() ? nullptr : &*found;
}

std::optional<std::vector<LogParameter>> decode_log_page(Bytes bytes, std::uint8_t page,
                                                         std::uint8_t subpage) {
  if (bytes.size() < header_bytes || (bytes[0] & 0x3F) != page || bytes[1] != subpage) {
    return std::nullopt;
  }
  auto rest = bytes.subspan(
      header_bytes, std::min<std::size_t>(bytes.size() - header_bytes, load_be16(bytes, 2)));
  std::vector<LogParameter> parameters;
  while (rest.size() >= parameter_header_bytes) {
    const std::size_t length = parameter_header_bytes + rest[3];
    if (length > rest.size()) break;
    const auto value = rest.subspan(parameter_header_bytes, rest[3]);
    parameters.push_back({load_be16(rest, 0), {value.begin(), value.end()}, rest[2]});
    rest = rest.subspan(length);
  }
  return parameters;
}

std::vector<std::uint8_t> encode_log_page(std::uint8_t page,
                                          std::span<const LogParameter> parameters) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& parameter : parameters) {
    const auto at = bytes.size();
    bytes.resize(at + parameter_header_bytes);
    store_be16(bytes, at, parameter.code);
    bytes[at + 2] = parameter.control;
    bytes[at + 3] = static_cast<std::uint8_t>(parameter.value.size());
    bytes.insert(bytes.end(), parameter.value.begin(), parameter.value.end());
  }
  bytes[0] = page;
  store_be16(bytes, 2, static_cast<std::uint16_t>(bytes.size() - header_bytes));
  return bytes;
}

std::vector<std::uint8_t> set_tape_alert_flags(std::span<const LogParameter> page) {
  std::vector<std::uint8_t> flags;
  for (const auto& parameter : page) {
    const bool is_flag = parameter.code >= 1 && parameter.code <= tape_alert_flags;
    if (is_flag && (load_u8(parameter.value, 0) & 0x01) != 0) {
      flags.push_back(static_cast<std::uint8_t>(parameter.code));
    }
  }
  return flags;
}

std::optional<bool> end_of_data_valid(std::span<const LogParameter> page) {
  // Parameter 0 tells whether the page means anything just now (SSC-5 8.2.9).
  const auto* valid = find_log_parameter(page, page_valid_parameter);
  if (valid != nullptr && !valid->value.empty() &&
      load_be(valid->value, 0, valid->value.size()) != 1) {
    return std::nullopt;
  }
  const auto* used = find_log_parameter(page, used_capacity_parameter);
  if (used == nullptr) return std::nullopt;
  // Records, one a partition: length of what follows, reserved, two bytes of partition, value.
  Bytes records = used->value;
  while (records.size() >= 4) {
    const auto length = std::min<std::size_t>(records.size(), 1U + records[0]);
    if (length < 5) break;
    if (load_be16(records, 2) == 0) {
      const auto value = records.subspan(4, length - 4);
      return std::any_of(value.begin(), value.end(),
                         [](std::uint8_t byte) { return byte != 0xFF; });
    }
    records = records.subspan(length);
  }
  return std::nullopt;
}

}  // namespace tidemark::scsi
