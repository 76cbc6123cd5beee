// SPDX-License-Identifier: Apache-2.0
#include "stream/ledger.h"

namespace tidemark {

void Ledger::submit(std::uint64_t bytes) { submitted_.fetch_add(bytes, std::memory_order_release); }

bool Ledger::accept(std::uint64_t bytes) {
  const std::uint64_t submitted = submitted_.load(std::memory_order_relaxed);
  const std::uint64_t accepted = accepted_.load(std::memory_order_relaxed);
  if (bytes > submitted - accepted) return false;
  accepted_.store(accepted + bytes, std::memory_order_release);
  return true;
}

ByteCounts Ledger::counts() const {
  // In this order a reader never sees more accepted than submitted.
  const std::uint64_t accepted = accepted_.load(std::memory_order_acquire);
  return {submitted_.load(std::memory_order_acquire), accepted};
}

ByteCounts Ledger::since(const ByteCounts& earlier) const {
  const ByteCounts now = counts();
  return {now.submitted - earlier.submitted, now.accepted - earlier.accepted};
}

}  // namespace tidemark
