// SPDX-License-Identifier: Apache-2.0
#include "simulator/compression.h"

#include <algorithm>
#include <array>

namespace tidemark::simulator {
namespace {

/// The coder that is imagined: it tells a byte by itself with nine bits, and a sequence that it has
/// seen among the last bytes with a place and a length.
constexpr std::uint64_t literal_bits = 9;
constexpr std::uint64_t copy_bits = 24;
constexpr std::size_t shortest_copy = 4;
constexpr std::size_t longest_copy = 256;
constexpr std::size_t history_bytes = 1024;

constexpr unsigned hash_bits = 12;
constexpr std::uint32_t hash_factor = 2654435761U;  // 2^32 by the golden ratio: spreads well

/// Where sequences of four bytes were seen last, by their hash.
class History {
 public:
  explicit History(scsi::Bytes block) : block_(block) {}

  /// Length of what stands at this place and was seen shortly before it; 0: nothing.
  [[nodiscard]] std::size_t find(std::size_t at) const {
    if (block_.size() - at < shortest_copy) return 0;
    const std::size_t behind = places_[slot(at)];
    if (behind == 0 || at + 1 - behind > history_bytes) return 0;
    const auto before = behind - 1;
    const auto longest = std::min(longest_copy, block_.size() - at);
    std::size_t length = 0;
    while (length < longest && block_[before + length] == block_[at + length]) ++length;
    return length < shortest_copy ? 0 : length;
  }

  void remember(std::size_t at) {
    if (block_.size() - at < shortest_copy) return;
    places_[slot(at)] = static_cast<std::uint32_t>(at + 1);
  }

 private:
  [[nodiscard]] std::size_t slot(std::size_t at) const {
    return scsi::load_be32(block_, at) * hash_factor >> (32 - hash_bits);
  }

  scsi::Bytes block_;
  /// One more than the place; 0: not seen yet.
  std::array<std::uint32_t, std::size_t{1} << hash_bits> places_{};
};

}  // namespace

std::uint8_t parts_saved_by_compression(scsi::Bytes block) {
  if (block.empty()) return 0;
  History history(block);
  std::uint64_t bits = 0;
  for (std::size_t at = 0; at < block.size();) {
    const auto copied = history.find(at);
    bits += copied == 0 ? literal_bits : copy_bits;
    const auto end = at + std::max<std::size_t>(copied, 1);
    while (at < end) history.remember(at++);
  }
  const auto length = std::uint64_t{block.size()} * 8;
  // A drive sends on as it is what would only grow.
  if (bits >= length) return 0;
  return static_cast<std::uint8_t>((length - bits) * compression_parts / length);
}

}  // namespace tidemark::simulator
