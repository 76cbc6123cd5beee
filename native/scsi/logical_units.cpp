// SPDX-License-Identifier: Apache-2.0
#include "scsi/logical_units.h"

namespace tidemark::scsi {
namespace {

constexpr std::size_t header_bytes = 8;
constexpr std::size_t entry_bytes = 8;

// ADDRESS METHOD in the two highest bits, and for the extended form what comes with it.
constexpr std::uint64_t flat_space = std::uint64_t{0x40} << 56;
constexpr std::uint64_t extended_flat_space = std::uint64_t{0xD2} << 56;

}  // namespace

std::optional<std::vector<std::uint64_t>> decode_logical_units(Bytes bytes) {
  if (bytes.size() < header_bytes) return std::nullopt;
  const auto list = clip(bytes, header_bytes, load_be32(bytes, 0));
  std::vector<std::uint64_t> logical_units;
  for (std::size_t at = 0; at + entry_bytes <= list.size(); at += entry_bytes) {
    logical_units.push_back(load_be64(list, at));
  }
  return logical_units;
}

std::vector<std::uint8_t> encode_logical_units(std::span<const std::uint64_t> logical_units) {
  std::vector<std::uint8_t> bytes(header_bytes + entry_bytes * logical_units.size());
  store_be32(bytes, 0, static_cast<std::uint32_t>(entry_bytes * logical_units.size()));
  for (std::size_t i = 0; i < logical_units.size(); ++i) {
    store_be64(bytes, header_bytes + entry_bytes * i, logical_units[i]);
  }
  return bytes;
}

std::optional<std::uint32_t> logical_unit_number(std::uint64_t logical_unit) {
  const auto highest = static_cast<std::uint32_t>(logical_unit >> 32);
  const bool one_level = (logical_unit & 0x0000FFFFFFFFFFFF) == 0;
  if (one_level && highest >> 24 == 0x00) return highest >> 16;
  if (one_level && highest >> 30 == 0x1) return highest >> 16 & 0x3FFF;
  if ((logical_unit & 0xFF000000FFFFFFFF) == extended_flat_space) return highest & 0xFFFFFF;
  return std::nullopt;
}

std::uint64_t logical_unit_from_number(std::uint32_t number) {
  const std::uint64_t wide = number & 0xFFFFFF;
  if (wide <= 0xFF) return wide << 48;
  if (wide <= 0x3FFF) return flat_space | wide << 48;
  return extended_flat_space | wide << 32;
}

}  // namespace tidemark::scsi
