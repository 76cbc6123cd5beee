// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>

#include "device/tape_drive.h"
#include "stream/block_scan.h"
#include "stream/member_reader.h"
#include "stream/ring.h"

namespace tidemark {

/// Fills a ring with records that lie on a tape, as a packer fills it with new ones, so that a
/// writer puts them unchanged on another tape.
class StreamReader {
 public:
  struct Outcome {
    std::uint64_t blocks_read = 0;
    /// Nothing where the ring was stopped.
    std::optional<ReadStop> stopped_at;
    Result result;
  };

  /// Nobody else may fill the ring, see `Ring::take`; it is emptied, and given back by `stop`.
  StreamReader(std::shared_ptr<Ring> ring, std::uint64_t stream_offset);
  ~StreamReader() { stop(); }
  StreamReader(const StreamReader&) = delete;
  StreamReader& operator=(const StreamReader&) = delete;

  /// On the drive's thread, one call at a time: blocks from the present position on are the
  /// stream's bytes from where the call before ended. Waits for room in the ring.
  [[nodiscard]] Outcome read(TapeDrive& drive, std::uint64_t blocks);

  // --- From any thread ---
  /// Members that lie across record boundaries, by the stream offsets of their headers, in order:
  /// before they are read.
  void expect_members(std::span<const std::uint64_t> header_offsets) {
    members_.expect(header_offsets);
  }
  /// Of those that were expected and read, the one that is at a record boundary.
  [[nodiscard]] std::optional<IndexedMember> member_at(std::uint64_t stream_offset) const {
    return members_.find(stream_offset);
  }
  /// Everything before it is in the ring.
  [[nodiscard]] std::uint64_t stream_offset() const {
    return stream_offset_.load(std::memory_order_acquire);
  }
  /// Whoever writes does not wait for more than there is. Not while a read is under way.
  void end() { ring_->end_at(stream_offset()); }
  /// A read that waits for room comes back, and only then somebody else may fill the ring. Any
  /// number of times.
  void stop();

 private:
  /// False once stopped.
  bool begin_read();
  void end_read();
  void fill(TapeDrive& drive, std::uint64_t blocks, Outcome& outcome);

  const std::shared_ptr<Ring> ring_;
  std::atomic<std::uint64_t> stream_offset_;
  MemberReader members_;
  std::mutex mutex_;
  bool reading_ = false;
  bool stopped_ = false;
};

}  // namespace tidemark
