// SPDX-License-Identifier: Apache-2.0
#include "scsi/attribute.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t attribute_header_bytes = 5;
constexpr std::size_t maximum_value_bytes = 0xFFFF;

/// What the length at the beginning covers, as far as it was received.
Bytes body(Bytes bytes) { return clip(bytes, header_bytes, load_be32(bytes, 0)); }

std::vector<std::uint8_t> encode(std::span<const Attribute> attributes, bool with_read_only) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : attributes) {
    if (each.value.size() > maximum_value_bytes) continue;
    const auto at = bytes.size();
    bytes.resize(at + attribute_header_bytes);
    store_be16(bytes, at, each.id);
    store_bit(bytes, at + 2, 7, with_read_only && each.read_only);
    store_bits(bytes, at + 2, 1, 0, static_cast<std::uint8_t>(each.format));
    store_be16(bytes, at + 3, static_cast<std::uint16_t>(each.value.size()));
    bytes.insert(bytes.end(), each.value.begin(), each.value.end());
  }
  store_be32(bytes, 0, static_cast<std::uint32_t>(bytes.size() - header_bytes));
  return bytes;
}

}  // namespace

std::optional<std::vector<Attribute>> decode_attributes(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  auto rest = body(bytes);
  std::vector<Attribute> attributes;
  while (rest.size() >= attribute_header_bytes) {
    const std::size_t value_bytes = load_be16(rest, 3);
    if (value_bytes > rest.size() - attribute_header_bytes) break;
    const auto value = rest.subspan(attribute_header_bytes, value_bytes);
    attributes.push_back({load_be16(rest, 0),
                          static_cast<AttributeFormat>(load_bits(rest, 2, 1, 0)),
                          {value.begin(), value.end()},
                          load_bit(rest, 2, 7)});
    rest = rest.subspan(attribute_header_bytes + value_bytes);
  }
  return attributes;
}

std::vector<std::uint8_t> encode_attributes(std::span<const Attribute> attributes) {
  return encode(attributes, true);
}

std::vector<std::uint8_t> encode_attributes_to_write(std::span<const Attribute> attributes) {
  return encode(attributes, false);
}

std::optional<std::vector<std::uint16_t>> decode_attribute_list(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  const auto list = body(bytes);
  std::vector<std::uint16_t> identifiers;
  for (std::size_t at = 0; at + 2 <= list.size(); at += 2) {
    identifiers.push_back(load_be16(list, at));
  }
  return identifiers;
}

std::vector<std::uint8_t> encode_attribute_list(std::span<const std::uint16_t> identifiers) {
  std::vector<std::uint8_t> bytes(header_bytes + 2 * identifiers.size());
  store_be32(bytes, 0, static_cast<std::uint32_t>(2 * identifiers.size()));
  for (std::size_t i = 0; i < identifiers.size(); ++i) {
    store_be16(bytes, header_bytes + 2 * i, identifiers[i]);
  }
  return bytes;
}

std::optional<AttributeNumbers> decode_attribute_numbers(Bytes bytes) {
  if (bytes.size() < 4 || load_be16(bytes, 0) < 2) return std::nullopt;
  return AttributeNumbers{bytes[2], bytes[3]};
}

std::vector<std::uint8_t> encode_attribute_numbers(const AttributeNumbers& numbers) {
  return {0, 2, numbers.first, numbers.count};
}

std::optional<std::uint64_t> attribute_number(const Attribute& attribute) {
  const auto& value = attribute.value;
  if (attribute.format != AttributeFormat::binary || value.empty() || value.size() > 8) {
    return std::nullopt;
  }
  return load_be(value, 0, value.size());
}

std::string attribute_text(const Attribute& attribute) {
  return load_ascii(attribute.value, 0, attribute.value.size());
}

std::optional<VolumeCoherency> decode_volume_coherency(Bytes value) {
  const std::size_t width = load_u8(value, 0);
  if (width == 0 || width > 8 || value.size() < 1 + width + 18) return std::nullopt;
  VolumeCoherency coherency;
  coherency.reference_bytes = static_cast<std::uint8_t>(width);
  coherency.volume_change_reference = load_be(value, 1, width);
  coherency.count = load_be64(value, 1 + width);
  coherency.set_identifier = load_be64(value, 9 + width);
  const std::size_t data_bytes = load_be16(value, 17 + width);
  const auto data = value.subspan(19 + width);
  if (data_bytes > data.size()) return std::nullopt;
  coherency.application_data.assign(data.begin(),
                                    data.begin() + static_cast<std::ptrdiff_t>(data_bytes));
  return coherency;
}

std::vector<std::uint8_t> encode_volume_coherency(const VolumeCoherency& coherency) {
  const std::size_t width = std::clamp<std::uint8_t>(coherency.reference_bytes, 1, 8);
  const auto data_bytes = std::min(coherency.application_data.size(), maximum_value_bytes);
  std::vector<std::uint8_t> value(19 + width);
  value[0] = static_cast<std::uint8_t>(width);
  store_be(value, 1, width, coherency.volume_change_reference);
  store_be64(value, 1 + width, coherency.count);
  store_be64(value, 9 + width, coherency.set_identifier);
  store_be16(value, 17 + width, static_cast<std::uint16_t>(data_bytes));
  const auto* data = coherency.application_data.data();
  value.insert(value.end(), data, data + data_bytes);
  return value;
}

}  // namespace tidemark::scsi
