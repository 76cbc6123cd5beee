// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::simulator {

/// The longest block that a simulated drive takes.
inline constexpr std::uint32_t maximum_block_bytes = 8 * 1024 * 1024;

}  // namespace tidemark::simulator
