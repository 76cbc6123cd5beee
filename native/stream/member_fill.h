// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "stream/ring.h"

namespace tidemark {

/// Fills the reserved space of one member, front to back. Bytes are shown to the writer by
/// `publish` only, so that a persistent record can be in its frame before the last bytes of what it
/// speaks of.
class MemberFill {
 public:
  MemberFill(Ring& ring, std::uint64_t start) : ring_(ring), position_(start), published_(start) {}

  std::uint64_t position() const { return position_; }

  /// At least one and at most `wanted` bytes of the ring to write to; none once stopped. What was
  /// written is published before waiting for space, for the writer may need it to make some.
  std::span<std::uint8_t> room(std::uint64_t wanted);
  void advance(std::uint64_t bytes) { position_ += bytes; }
  /// False once stopped.
  [[nodiscard]] bool write(std::span<const std::uint8_t> bytes);
  [[nodiscard]] bool zero_until(std::uint64_t end_offset);
  void publish();

 private:
  Ring& ring_;
  std::uint64_t position_;
  std::uint64_t published_;
};

}  // namespace tidemark
