// SPDX-License-Identifier: Apache-2.0
#include "scsi/vital_product_data.h"

#include <algorithm>

#include "scsi/inquiry.h"

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t designator_header_bytes = 4;
constexpr std::size_t tape_alert_bytes = 8;
/// Block limits and block device characteristics are at least as long (SBC-4 6.6.3, 6.6.2).
constexpr std::size_t shortest_disk_limits = 0x0C;
constexpr std::size_t disk_characteristics_bytes = 0x3C;

bool is_page(Bytes bytes, std::uint8_t page) {
  return bytes.size() >= header_bytes && bytes[1] == page;
}

bool is_tape_page(Bytes bytes, std::uint8_t page) {
  return is_page(bytes, page) && load_bits(bytes, 0, 4, 0) == device_type::tape;
}

Bytes body(Bytes bytes) { return clip(bytes, header_bytes, load_be16(bytes, 2)); }

std::vector<std::uint8_t> encode(std::uint8_t type, std::uint8_t page, Bytes body) {
  std::vector<std::uint8_t> bytes(header_bytes + body.size());
  bytes[0] = type & 0x1F;
  bytes[1] = page;
  store_be16(bytes, 2, static_cast<std::uint16_t>(body.size()));
  std::copy(body.begin(), body.end(), bytes.begin() + header_bytes);
  return bytes;
}

Bytes bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

std::optional<std::vector<std::uint8_t>> decode_supported_pages(Bytes bytes) {
  if (!is_page(bytes, vital_product_page::supported_pages)) return std::nullopt;
  const auto pages = body(bytes);
  return std::vector<std::uint8_t>(pages.begin(), pages.end());
}

std::vector<std::uint8_t> encode_supported_pages(std::uint8_t device_type, Bytes pages) {
  return encode(device_type, vital_product_page::supported_pages, pages);
}

std::optional<std::string> decode_unit_serial_number(Bytes bytes) {
  if (!is_page(bytes, vital_product_page::unit_serial_number)) return std::nullopt;
  return load_ascii(bytes, header_bytes, load_be16(bytes, 2));
}

std::vector<std::uint8_t> encode_unit_serial_number(std::uint8_t device_type,
                                                    std::string_view serial) {
  return encode(device_type, vital_product_page::unit_serial_number, bytes_of(serial));
}

std::optional<std::vector<Designator>> decode_designators(Bytes bytes) {
  if (!is_page(bytes, vital_product_page::device_identification)) return std::nullopt;
  std::vector<Designator> designators;
  auto rest = body(bytes);
  while (rest.size() >= designator_header_bytes) {
    const std::size_t length = designator_header_bytes + rest[3];
    if (length > rest.size()) break;
    const auto value = rest.subspan(designator_header_bytes, rest[3]);
    Designator designator;
    designator.type = load_bits(rest, 1, 3, 0);
    designator.code_set = static_cast<CodeSet>(load_bits(rest, 0, 3, 0));
    designator.association = static_cast<Association>(load_bits(rest, 1, 5, 4));
    if (load_bit(rest, 1, 7)) designator.protocol = load_bits(rest, 0, 7, 4);
    designator.value.assign(value.begin(), value.end());
    designators.push_back(std::move(designator));
    rest = rest.subspan(length);
  }
  return designators;
}

std::vector<std::uint8_t> encode_designators(std::uint8_t device_type,
                                             std::span<const Designator> designators) {
  std::vector<std::uint8_t> list;
  for (const auto& each : designators) {
    if (each.value.size() > 0xFF) continue;
    const auto at = list.size();
    list.resize(at + designator_header_bytes);
    store_bits(list, at, 7, 4, each.protocol.value_or(0));
    store_bits(list, at, 3, 0, static_cast<std::uint8_t>(each.code_set));
    store_bit(list, at + 1, 7, each.protocol.has_value());
    store_bits(list, at + 1, 5, 4, static_cast<std::uint8_t>(each.association));
    store_bits(list, at + 1, 3, 0, each.type);
    list[at + 3] = static_cast<std::uint8_t>(each.value.size());
    list.insert(list.end(), each.value.begin(), each.value.end());
  }
  return encode(device_type, vital_product_page::device_identification, list);
}

std::string designator_text(const Designator& designator) {
  const auto& value = designator.value;
  if (designator.code_set != CodeSet::binary) return load_ascii(value, 0, value.size());
  return hexadecimal(value);
}

std::optional<SequentialAccessCapabilities> decode_sequential_access_capabilities(Bytes bytes) {
  if (!is_tape_page(bytes, vital_product_page::sequential_access_capabilities)) return std::nullopt;
  const auto capabilities = body(bytes);
  if (capabilities.empty() || load_be16(bytes, 2) >= shortest_disk_limits) return std::nullopt;
  return SequentialAccessCapabilities{load_bit(capabilities, 0, 0), load_bit(capabilities, 0, 1)};
}

std::vector<std::uint8_t> encode_sequential_access_capabilities(
    const SequentialAccessCapabilities& capabilities) {
  std::uint8_t list[2] = {};
  store_bit(list, 0, 0, capabilities.worm);
  store_bit(list, 0, 1, capabilities.tape_stream_mirroring);
  return encode(device_type::tape, vital_product_page::sequential_access_capabilities, list);
}

std::optional<std::string> decode_manufacturer_serial_number(Bytes bytes) {
  if (!is_tape_page(bytes, vital_product_page::manufacturer_serial_number)) return std::nullopt;
  const auto serial = body(bytes);
  const auto is_text = [](std::uint8_t byte) { return byte == 0 || (byte >= 0x20 && byte < 0x7F); };
  if (load_be16(bytes, 2) >= disk_characteristics_bytes ||
      !std::all_of(serial.begin(), serial.end(), is_text)) {
    return std::nullopt;
  }
  return load_ascii(serial, 0, serial.size());
}

std::vector<std::uint8_t> encode_manufacturer_serial_number(std::string_view serial) {
  return encode(device_type::tape, vital_product_page::manufacturer_serial_number,
                bytes_of(serial));
}

std::optional<std::vector<std::uint8_t>> decode_supported_tape_alerts(Bytes bytes) {
  if (!is_tape_page(bytes, vital_product_page::tape_alert_flags)) return std::nullopt;
  // Logical block provisioning of a disk has 4 bytes, or more than these 8.
  if (load_be16(bytes, 2) != tape_alert_bytes) return std::nullopt;
  const auto bits = body(bytes);
  std::vector<std::uint8_t> flags;
  for (std::uint8_t flag = 0; flag < 8 * tape_alert_bytes; ++flag) {
    if (load_bit(bits, flag / 8, 7 - flag % 8)) {
      flags.push_back(static_cast<std::uint8_t>(flag + 1));
    }
  }
  return flags;
}

std::vector<std::uint8_t> encode_supported_tape_alerts(Bytes flags) {
  std::uint8_t bits[tape_alert_bytes] = {};
  for (const auto flag : flags) {
    if (flag >= 1) store_bit(bits, (flag - 1) / 8, 7 - (flag - 1) % 8, true);
  }
  return encode(device_type::tape, vital_product_page::tape_alert_flags, bits);
}

}  // namespace tidemark::scsi
