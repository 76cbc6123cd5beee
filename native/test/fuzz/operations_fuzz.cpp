// SPDX-License-Identifier: Apache-2.0
#include "../primary_parsers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// REPORT SUPPORTED OPERATION CODES, all and one.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!tidemark::scsi::all_round_trip(tidemark::scsi::operation_parsers, {data, size}))
    std::abort();
  return 0;
}
