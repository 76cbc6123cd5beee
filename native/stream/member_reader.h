// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "stream/member_index.h"
#include "stream/pax_reader.h"
#include "stream/sparse_map_reader.h"

namespace tidemark {

/// Reads the headers of members whose places are known from a stream that passes by, and indexes
/// them: what a segment that goes on inside one has to say is only in the headers.
class MemberReader {
 public:
  explicit MemberReader(std::uint64_t record_size) : index_(record_size) {}

  /// Set in an offset: the members behind it are wanted too, one after the other, up to the next
  /// offset that is expected.
  static constexpr std::uint64_t and_those_behind = std::uint64_t{1} << 63;

  /// From any thread, before their bytes pass by: stream offsets of headers, in order.
  void expect(std::span<const std::uint64_t> header_offsets);
  /// From any thread.
  [[nodiscard]] std::optional<IndexedMember> find(std::uint64_t stream_offset) const {
    return index_.find(stream_offset);
  }

  // --- One thread ---
  /// The stream's next bytes. A member whose headers are damaged is not indexed.
  void take(std::uint64_t stream_offset, std::span<const std::uint8_t> bytes);
  void forget(std::uint64_t stream_offset) { index_.forget(stream_offset); }

 private:
  enum class Phase { seeking, headers, map };

  bool seek(std::uint64_t& stream_offset, std::span<const std::uint8_t>& bytes);
  void read_headers(std::uint64_t& stream_offset, std::span<const std::uint8_t>& bytes);
  void read_map(std::uint64_t& stream_offset, std::span<const std::uint8_t>& bytes);

  void complete();

  MemberIndex index_;
  std::mutex mutex_;
  std::deque<std::uint64_t> expected_;
  bool walks_ = false;
  Phase phase_ = Phase::seeking;
  PaxReader headers_;
  std::optional<SparseMapReader> map_;
  IndexedMember member_;
};

}  // namespace tidemark
