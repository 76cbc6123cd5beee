// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "scsi/bytes.h"

/// Logical block protection (SSC-5 annex D): four bytes behind each block on the wire.
namespace tidemark::scsi {

inline constexpr std::size_t protection_bytes = 4;

/// CRC32C (Castagnoli), reflected, complemented.
[[nodiscard]] std::uint32_t crc32c(Bytes bytes);

/// `block` with its protection information behind it.
void append_protection(Bytes block, std::vector<std::uint8_t>& protected_block);
/// False where the last four bytes are not those that belong to the ones before them.
[[nodiscard]] bool is_protected_block(Bytes protected_block);

}  // namespace tidemark::scsi
