// SPDX-License-Identifier: Apache-2.0
#include "scsi/block_protection.h"

#include <algorithm>

namespace tidemark::scsi {
namespace {

constexpr std::uint32_t polynomial = 0x82F63B78;  // 1EDC6F41h, reflected
constexpr std::size_t slices = 8;

using Tables = std::array<std::array<std::uint32_t, 256>, slices>;

/// Table k gives what a byte does to the CRC k bytes later, so that eight bytes go in one step.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (polynomial & (0U - (crc & 1)));
    tables[0][byte] = crc;
  }
  for (std::size_t slice = 1; slice < slices; ++slice) {
    for (std::uint32_t byte = 0; byte < 256; ++byte) {
      const auto before = tables[slice - 1][byte];
      tables[slice][byte] = before >> 8 ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables tables = make_tables();

}  // namespace

std::uint32_t crc32c(Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  while (bytes.size() >= slices) {
    std::uint32_t next = 0;
    for (std::size_t at = 0; at < slices; ++at) {
      const auto mixed = at < 4 ? bytes[at] ^ (crc >> (8 * at) & 0xFF) : bytes[at];
      next ^= tables[slices - 1 - at][mixed];
    }
    crc = next;
    bytes = bytes.subspan(slices);
  }
  for (const auto byte : bytes) crc = crc >> 8 ^ tables[0][(crc ^ byte) & 0xFF];
  return ~crc;
}

std::array<std::uint8_t, block_protection_bytes> block_protection(Bytes block) {
  const auto crc = crc32c(block);
  std::array<std::uint8_t, block_protection_bytes> bytes{};
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    bytes[at] = static_cast<std::uint8_t>(crc >> (8 * at));
  }
  return bytes;
}

bool is_protected(Bytes block_with_protection) {
  if (block_with_protection.size() < block_protection_bytes) return false;
  const auto block =
      block_with_protection.first(block_with_protection.size() - block_protection_bytes);
  const auto wanted = block_protection(block);
  return std::equal(wanted.begin(), wanted.end(), block_with_protection.last(4).begin());
}

}  // namespace tidemark::scsi
