// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/tape_mode_page.h"

namespace tidemark::simulator {

/// How a tape of this capacity is divided as mode page 11h has it, for `Medium::format`; nothing
/// where the page asks for what cannot be.
[[nodiscard]] std::optional<std::vector<std::uint64_t>> plan_partitions(
    const scsi::MediumPartitions& page, std::uint64_t capacity_bytes);

/// The page that tells these partitions.
[[nodiscard]] scsi::MediumPartitions describe_partitions(
    const std::vector<std::uint64_t>& partition_bytes);

}  // namespace tidemark::simulator
