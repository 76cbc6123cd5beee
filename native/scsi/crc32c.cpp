// SPDX-License-Identifier: Apache-2.0
#include "scsi/crc32c.h"

#include <algorithm>
#include <array>

namespace tidemark::scsi {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82F63B78;
constexpr std::size_t slices = 8;

/// Eight tables: eight bytes a step. A table by itself takes one byte a step, which a drive of our
/// day would have to wait for.
constexpr auto tables = [] {
  std::array<std::array<std::uint32_t, 256>, slices> all{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    auto value = byte;
    for (int bit = 0; bit < 8; ++bit) {
      value = (value & 1) != 0 ? value >> 1 ^ reflected_polynomial : value >> 1;
    }
    all[0][byte] = value;
  }
  for (std::size_t slice = 1; slice < slices; ++slice) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const auto before = all[slice - 1][byte];
      all[slice][byte] = before >> 8 ^ all[0][before & 0xFF];
    }
  }
  return all;
}();

std::uint32_t load_le32(Bytes bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(bytes[offset]) |
         static_cast<std::uint32_t>(bytes[offset + 1]) << 8 |
         static_cast<std::uint32_t>(bytes[offset + 2]) << 16 |
         static_cast<std::uint32_t>(bytes[offset + 3]) << 24;
}

}  // namespace

std::uint32_t crc32c(Bytes bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  while (bytes.size() >= slices) {
    const auto low = crc ^ load_le32(bytes, 0);
    const auto high = load_le32(bytes, 4);
    crc = tables[7][low & 0xFF] ^ tables[6][low >> 8 & 0xFF] ^ tables[5][low >> 16 & 0xFF] ^
          tables[4][low >> 24] ^ tables[3][high & 0xFF] ^ tables[2][high >> 8 & 0xFF] ^
          tables[1][high >> 16 & 0xFF] ^ tables[0][high >> 24];
    bytes = bytes.subspan(slices);
  }
  for (const auto byte : bytes) crc = crc >> 8 ^ tables[0][(crc ^ byte) & 0xFF];
  return ~crc;
}

void append_protection(Bytes block, std::vector<std::uint8_t>& protected_block) {
  protected_block.resize(block.size() + protection_bytes);
  std::copy(block.begin(), block.end(), protected_block.begin());
  store_be32(protected_block, block.size(), crc32c(block));
}

bool is_protected_block(Bytes protected_block) {
  if (protected_block.size() <= protection_bytes) return false;
  const auto block = protected_block.first(protected_block.size() - protection_bytes);
  return load_be32(protected_block, block.size()) == crc32c(block);
}

}  // namespace tidemark::scsi
