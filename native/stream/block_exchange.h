// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>

#include "stream/page_buffer.h"

namespace tidemark {

/// Two buffers between a thread that reads blocks from a tape and one that uses them, so that both
/// work at the same time. Closing it lets both go, at once and for good.
class BlockExchange {
 public:
  struct Block {
    std::uint64_t stream_offset;
    std::span<const std::uint8_t> bytes;
  };

  // --- The reading thread ---
  /// Before a series of blocks of at most this size; the one before has been drained.
  void begin(std::size_t block_bytes);
  /// Waits for a buffer that may be read into; empty once closed.
  [[nodiscard]] std::span<std::uint8_t> empty_buffer();
  /// The buffer got so many bytes.
  void filled(std::uint64_t stream_offset, std::size_t length);
  /// No more blocks in this series. Waits until the other side has used them all and knows it.
  void end();

  // --- The using thread ---
  /// Waits for a block, which stays until `used`; nothing at the end of the series.
  [[nodiscard]] std::optional<Block> next();
  void used();
  /// It has seen the end of the series.
  void drained();

  // --- Any thread ---
  void close();

 private:
  static constexpr std::size_t buffer_count = 2;
  struct Slot {
    std::optional<PageBuffer> buffer;
    std::uint64_t stream_offset = 0;
    std::size_t length = 0;
  };

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Slot, buffer_count> slots_;
  std::size_t block_bytes_ = 0;
  /// Blocks of this series.
  std::uint64_t filled_ = 0;
  std::uint64_t used_ = 0;
  bool ended_ = false;
  bool drained_ = false;
  bool closed_ = false;
};

}  // namespace tidemark
