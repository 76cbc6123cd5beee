// SPDX-License-Identifier: Apache-2.0
#include "../mode_parsers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Mode parameters with their pages, and each page by itself.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!tidemark::scsi::all_round_trip(tidemark::scsi::mode_parsers, {data, size})) std::abort();
  return 0;
}
