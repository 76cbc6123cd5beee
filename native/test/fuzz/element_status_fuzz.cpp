// SPDX-License-Identifier: Apache-2.0
#include "../changer_parsers.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

/// READ ELEMENT STATUS and the volume tag commands.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (!tidemark::scsi::all_round_trip(tidemark::scsi::element_status_parsers, {data, size}))
    std::abort();
  return 0;
}
