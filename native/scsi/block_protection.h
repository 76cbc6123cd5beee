// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "scsi/bytes.h"

/// Logical block protection with CRC32C (SSC-5 4.2.29): four bytes behind each block.
namespace tidemark::scsi {

inline constexpr std::size_t block_protection_bytes = 4;

/// CRC-32C (Castagnoli) as iSCSI has it: reflected, all ones before and after.
[[nodiscard]] std::uint32_t crc32c(Bytes bytes);

/// What stands behind a block with these bytes: its CRC32C, least significant byte first (SSC-5
/// annex D).
[[nodiscard]] std::array<std::uint8_t, block_protection_bytes> block_protection(Bytes block);

/// Whether the last four bytes protect those before them.
[[nodiscard]] bool is_protected(Bytes block_with_protection);

}  // namespace tidemark::scsi
