// SPDX-License-Identifier: Apache-2.0
#include "stream/ring_drain.h"

#include <algorithm>
#include <cerrno>
#include <span>

#include <unistd.h>

namespace tidemark {
namespace {

int write_all(int descriptor, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

RingDrain drain_ring(Ring& ring, int descriptor, std::uint64_t limit) {
  RingDrain drain;
  std::uint64_t at = ring.released();
  while (at < limit) {
    // A dry ring fills up a little first, so that records are announced in batches.
    const std::uint64_t wanted = std::min<std::uint64_t>(ring.capacity() / 4, limit - at);
    const Ring::Wait wait = ring.wait_buffered(at, wanted, -1);
    if (wait == Ring::Wait::timeout) continue;  // somebody interrupted it
    if (wait != Ring::Wait::ready) break;
    const std::uint64_t end = std::min(ring.full_until(at), limit);
    ring.announce(end);
    for (; at < end; at += ring.record_size()) {
      drain.error_number = write_all(descriptor, ring.record(at));
      if (drain.error_number != 0) return drain;
      drain.bytes += ring.record_size();
      ring.release(at + ring.record_size());
    }
  }
  return drain;
}

}  // namespace tidemark
