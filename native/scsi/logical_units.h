// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// REPORT LUNS data (SPC-5 6.33): logical unit numbers in their 8-byte form, big-endian, those that
/// were received whole.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> decode_logical_units(Bytes bytes);
[[nodiscard]] std::vector<std::uint8_t> encode_logical_units(
    std::span<const std::uint64_t> logical_units);

/// A single-level LUN as a number: peripheral device, flat space and extended flat space addressing
/// (SAM-5 4.7). Nothing for others: well-known units, several levels.
[[nodiscard]] std::optional<std::uint32_t> logical_unit_number(std::uint64_t logical_unit);
/// Peripheral device addressing up to 255, flat space up to 16383, extended flat space beyond; 24
/// bits.
[[nodiscard]] std::uint64_t logical_unit_from_number(std::uint32_t number);

}  // namespace tidemark::scsi
