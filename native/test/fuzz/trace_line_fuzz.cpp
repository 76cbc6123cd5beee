// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "transport/trace_line.h"

/// A recording may come from anybody: no text may crash its reader, and a line that was read must
/// have kept its bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome =
      tidemark::decode_trace_line(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!outcome.line) {
    if (outcome.problem.empty()) std::abort();
    return 0;
  }
  const auto& line = *outcome.line;
  if (line.cdb.size() < 6 || line.cdb.size() > 16) std::abort();
  if (line.result.sense_length > line.result.sense.size()) std::abort();
  return 0;
}
