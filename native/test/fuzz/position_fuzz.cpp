// SPDX-License-Identifier: Apache-2.0
#include "../tape_parsers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// READ POSITION in its three forms, READ BLOCK LIMITS in its two.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!tidemark::scsi::all_round_trip(tidemark::scsi::position_parsers, {data, size})) std::abort();
  return 0;
}
