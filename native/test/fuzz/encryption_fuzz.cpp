// SPDX-License-Identifier: Apache-2.0
#include "../tape_parsers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// Tape data encryption.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!tidemark::scsi::all_round_trip(tidemark::scsi::encryption_parsers, {data, size}))
    std::abort();
  return 0;
}
