// SPDX-License-Identifier: Apache-2.0
#include "scsi/density.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 4;
constexpr std::size_t density_bytes = 52;
constexpr std::size_t medium_type_bytes = 56;
constexpr std::size_t maximum_densities = 9;

/// The length at the beginning counts from byte 2 on (SSC-5 7.8.3).
Bytes body(Bytes bytes) {
  const std::size_t available = load_be16(bytes, 0);
  return available < 2 ? Bytes{} : clip(bytes, header_bytes, available - 2);
}

void store_length(MutableBytes bytes) {
  store_be16(bytes, 0, static_cast<std::uint16_t>(bytes.size() - 2));
}

/// Some drives count the whole descriptor, others what is behind the field; without DLV nothing is
/// said, and the descriptor has its standard length.
std::size_t density_length(Bytes descriptor) {
  const std::size_t told = load_bit(descriptor, 2, 0) ? load_be16(descriptor, 3) : 0;
  return std::max(told, density_bytes);
}

}  // namespace

std::optional<std::vector<DensityDescriptor>> decode_densities(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  std::vector<DensityDescriptor> densities;
  auto rest = body(bytes);
  while (rest.size() >= density_bytes) {
    DensityDescriptor density;
    density.primary = rest[0];
    density.secondary = rest[1];
    density.writable = load_bit(rest, 2, 7);
    density.duplicate = load_bit(rest, 2, 6);
    density.is_default = load_bit(rest, 2, 5);
    density.bits_per_mm = load_be24(rest, 5);
    density.width = load_be16(rest, 8);
    density.tracks = load_be16(rest, 10);
    density.capacity_mb = load_be32(rest, 12);
    density.organization = load_ascii(rest, 16, 8);
    density.name = load_ascii(rest, 24, 8);
    density.description = load_ascii(rest, 32, 20);
    densities.push_back(std::move(density));
    rest = rest.subspan(std::min(rest.size(), density_length(rest)));
  }
  return densities;
}

std::vector<std::uint8_t> encode_densities(std::span<const DensityDescriptor> densities) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : densities) {
    const auto at = bytes.size();
    bytes.resize(at + density_bytes);
    bytes[at] = each.primary;
    bytes[at + 1] = each.secondary;
    store_bit(bytes, at + 2, 7, each.writable);
    store_bit(bytes, at + 2, 6, each.duplicate);
    store_bit(bytes, at + 2, 5, each.is_default);
    store_be24(bytes, at + 5, each.bits_per_mm);
    store_be16(bytes, at + 8, each.width);
    store_be16(bytes, at + 10, each.tracks);
    store_be32(bytes, at + 12, each.capacity_mb);
    store_ascii(bytes, at + 16, 8, each.organization);
    store_ascii(bytes, at + 24, 8, each.name);
    store_ascii(bytes, at + 32, 20, each.description);
  }
  store_length(bytes);
  return bytes;
}

std::optional<std::vector<MediumTypeDescriptor>> decode_medium_types(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  std::vector<MediumTypeDescriptor> types;
  auto rest = body(bytes);
  while (rest.size() >= medium_type_bytes) {
    MediumTypeDescriptor type;
    type.medium_type = rest[0];
    const auto codes = rest.subspan(5, std::min<std::size_t>(rest[4], maximum_densities));
    type.densities.assign(codes.begin(), codes.end());
    type.width = load_be16(rest, 14);
    type.length_m = load_be16(rest, 16);
    type.organization = load_ascii(rest, 20, 8);
    type.name = load_ascii(rest, 28, 8);
    type.description = load_ascii(rest, 36, 20);
    types.push_back(std::move(type));
    const auto length = std::max<std::size_t>(4U + load_be16(rest, 2), medium_type_bytes);
    rest = rest.subspan(std::min(rest.size(), length));
  }
  return types;
}

std::vector<std::uint8_t> encode_medium_types(std::span<const MediumTypeDescriptor> types) {
  std::vector<std::uint8_t> bytes(header_bytes);
  for (const auto& each : types) {
    const auto at = bytes.size();
    const auto count = std::min(each.densities.size(), maximum_densities);
    bytes.resize(at + medium_type_bytes);
    bytes[at] = each.medium_type;
    store_be16(bytes, at + 2, medium_type_bytes - 4);
    bytes[at + 4] = static_cast<std::uint8_t>(count);
    for (std::size_t i = 0; i < count; ++i) bytes[at + 5 + i] = each.densities[i];
    store_be16(bytes, at + 14, each.width);
    store_be16(bytes, at + 16, each.length_m);
    store_ascii(bytes, at + 20, 8, each.organization);
    store_ascii(bytes, at + 28, 8, each.name);
    store_ascii(bytes, at + 36, 20, each.description);
  }
  store_length(bytes);
  return bytes;
}

}  // namespace tidemark::scsi
