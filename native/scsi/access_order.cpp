// SPDX-License-Identifier: Apache-2.0
#include "scsi/access_order.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t segment_bytes = 32;
constexpr std::size_t name_bytes = 10;

/// Request and answer have the length of the list in the same place.
std::vector<UserDataSegment> decode_segments(Bytes bytes) {
  std::vector<UserDataSegment> segments;
  auto rest = clip(bytes, header_bytes, load_be32(bytes, 4));
  while (rest.size() >= segment_bytes) {
    const std::size_t length = 2U + load_be16(rest, 0);
    if (length < segment_bytes) break;
    UserDataSegment segment;
    segment.name = load_ascii(rest, 5, name_bytes);
    segment.partition = rest[15];
    segment.first_object = load_be64(rest, 16);
    segment.last_object = load_be64(rest, 24);
    segments.push_back(std::move(segment));
    rest = rest.subspan(std::min(length, rest.size()));
  }
  return segments;
}

std::vector<std::uint8_t> encode_segments(std::span<const UserDataSegment> segments) {
  std::vector<std::uint8_t> bytes(header_bytes);
  store_be32(bytes, 4, static_cast<std::uint32_t>(segment_bytes * segments.size()));
  for (const auto& each : segments) {
    const auto at = bytes.size();
    bytes.resize(at + segment_bytes);
    store_be16(bytes, at, segment_bytes - 2);
    store_ascii(bytes, at + 5, name_bytes, each.name);
    bytes[at + 15] = each.partition;
    store_be64(bytes, at + 16, each.first_object);
    store_be64(bytes, at + 24, each.last_object);
  }
  return bytes;
}

}  // namespace

std::optional<std::vector<UserDataSegment>> decode_access_order_request(Bytes list) {
  if (list.size() < header_bytes) return std::nullopt;
  return decode_segments(list);
}

std::vector<std::uint8_t> encode_access_order_request(std::span<const UserDataSegment> segments) {
  return encode_segments(segments);
}

std::optional<AccessOrder> decode_access_order(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  return AccessOrder{static_cast<AccessOrderProcess>(load_bits(bytes, 0, 2, 0)),
                     load_bits(bytes, 1, 2, 0), decode_segments(bytes)};
}

std::vector<std::uint8_t> encode_access_order(const AccessOrder& order) {
  auto bytes = encode_segments(order.segments);
  store_bits(bytes, 0, 2, 0, static_cast<std::uint8_t>(order.process));
  store_bits(bytes, 1, 2, 0, order.status);
  return bytes;
}

std::optional<AccessOrderLimits> decode_access_order_limits(Bytes bytes) {
  if (bytes.size() < 4) return std::nullopt;
  return AccessOrderLimits{load_be16(bytes, 0), load_be16(bytes, 2)};
}

std::vector<std::uint8_t> encode_access_order_limits(const AccessOrderLimits& limits) {
  std::vector<std::uint8_t> bytes(4);
  store_be16(bytes, 0, limits.maximum_segments);
  store_be16(bytes, 2, limits.maximum_descriptor_bytes);
  return bytes;
}

}  // namespace tidemark::scsi
