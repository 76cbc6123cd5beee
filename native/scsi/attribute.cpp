// SPDX-License-Identifier: Apache-2.0
#include "scsi/attribute.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t attribute_header_bytes = 5;

}  // namespace

std::optional<std::vector<Attribute>> decode_attributes(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  auto rest = bytes.subspan(
      header_bytes, std::min<std::size_t>(bytes.size() - header_bytes, load_be32(bytes, 0)));
  std::vector<Attribute> attributes;
  while (rest.size() >= attribute_header_bytes) {
    const std::size_t value_bytes = load_be16(rest, 3);
    if (value_bytes > rest.size() - attribute_header_bytes) break;
    const auto value = rest.subspan(attribute_header_bytes, value_bytes);
    attributes.push_back({load_be16(rest, 0),
                          static_cast<AttributeFormat>(rest[2] & 0x03),
                          {value.begin(), value.end()},
                          (rest[2] & 0x80) != 0});
    rest = rest.subspan(attribute_header_bytes + value_bytes);
  }
  return attributes;
}

std::vector<std::uint8_t> encode_attributes(std::span<const Attribute> attributes) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : attributes) {
    const auto at = bytes.size();
    bytes.resize(at + attribute_header_bytes);
    store_be16(bytes, at, each.id);
    bytes[at + 2] = static_cast<std::uint8_t>((each.read_only ? 0x80 : 0) |
                                              static_cast<std::uint8_t>(each.format));
    store_be16(bytes, at + 3, static_cast<std::uint16_t>(each.value.size()));
    bytes.insert(bytes.end(), each.value.begin(), each.value.end());
  }
  store_be32(bytes, 0, static_cast<std::uint32_t>(bytes.size() - header_bytes));
  return bytes;
}

}  // namespace tidemark::scsi
