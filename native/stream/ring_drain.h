// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "stream/ring.h"

namespace tidemark {

struct RingDrain {
  std::uint64_t bytes = 0;
  /// Why writing ended before the limit or the stream's end; 0 where it did not.
  int error_number = 0;
};

/// Writes records from the first one that the ring holds on to a descriptor, up to `limit` or the
/// end of the stream, and releases them: a writer without a tape, for benchmarks and tests of the
/// format.
[[nodiscard]] RingDrain drain_ring(Ring& ring, int descriptor, std::uint64_t limit);

}  // namespace tidemark
