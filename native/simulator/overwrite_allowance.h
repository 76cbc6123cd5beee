// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::simulator {

/// What ALLOW OVERWRITE has allowed in append-only mode (SSC-5 7.12): one sequence of writes from
/// one position, or one FORMAT MEDIUM.
struct OverwriteAllowance {
  enum class Mode : std::uint8_t { none = 0, current_position = 1, format = 2 };
  Mode mode = Mode::none;
  std::uint8_t partition = 0;
  std::uint64_t object_number = 0;
};

}  // namespace tidemark::simulator
