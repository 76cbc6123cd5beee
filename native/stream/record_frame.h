// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>

#include "stream/object_record.h"

namespace tidemark {

/// A CBOR sequence (RFC 8742) of persistent records on its way to TypeScript.
struct RecordFrame {
  std::unique_ptr<std::uint8_t[]> bytes;
  std::size_t size = 0;
  std::uint32_t records = 0;
  /// The largest stream offset at which anything a record of the frame speaks of ends.
  std::uint64_t maximum_end_offset = 0;
};

/// One reader's frame being filled. The reader appends; anyone may ask for delivery. Frames of one
/// reader are delivered in order, for they are handed over under the lock.
class RecordFrameWriter {
 public:
  static constexpr std::size_t frame_size = 64u << 10;

  using Deliver = std::function<void(RecordFrame&&)>;

  explicit RecordFrameWriter(Deliver deliver) : deliver_(std::move(deliver)) {}

  void append(const ContainerOpenRecord& record);
  void append(const ContainerCloseRecord& record);
  void append(const ObjectOpenRecord& record);
  void append(const ObjectRecord& record);
  void append(const ExtentRecord& record);

  /// Delivers the frame if it holds a record that is due before stream bytes at or behind
  /// `stream_offset` may be written: one that ends there or before, or an object's opening before
  /// it.
  void deliver_due(std::uint64_t stream_offset);
  /// Delivers the frame unless it is empty.
  void deliver();
  /// Throws the frame away.
  void drop();

 private:
  std::uint8_t* reserve(std::size_t bytes);
  void commit(const std::uint8_t* end, std::uint64_t due_offset, std::uint64_t end_offset);
  void hand_over();

  Deliver deliver_;
  std::mutex mutex_;
  RecordFrame frame_;
  std::size_t capacity_ = 0;
  std::uint64_t due_offset_ = UINT64_MAX;
};

}  // namespace tidemark
