// SPDX-License-Identifier: Apache-2.0
#include "stream/block_exchange.h"

namespace tidemark {

void BlockExchange::begin(std::size_t block_bytes) {
  std::lock_guard lock(mutex_);
  if (block_bytes != block_bytes_) {
    for (Slot& slot : slots_) slot.buffer.emplace(block_bytes);
    block_bytes_ = block_bytes;
  }
  filled_ = 0;
  used_ = 0;
  ended_ = false;
  drained_ = false;
}

std::span<std::uint8_t> BlockExchange::empty_buffer() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || filled_ - used_ < buffer_count; });
  if (closed_) return {};
  return slots_[filled_ % buffer_count].buffer->span();
}

void BlockExchange::filled(std::uint64_t stream_offset, std::size_t length) {
  {
    std::lock_guard lock(mutex_);
    Slot& slot = slots_[filled_ % buffer_count];
    slot.stream_offset = stream_offset;
    slot.length = length;
    ++filled_;
  }
  changed_.notify_all();
}

void BlockExchange::end() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  changed_.notify_all();
  changed_.wait(lock, [&] { return closed_ || drained_; });
}

std::optional<BlockExchange::Block> BlockExchange::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return closed_ || used_ < filled_ || ended_; });
  if (closed_ || used_ == filled_) return std::nullopt;
  const Slot& slot = slots_[used_ % buffer_count];
  return Block{slot.stream_offset, slot.buffer->span().first(slot.length)};
}

void BlockExchange::used() {
  {
    std::lock_guard lock(mutex_);
    ++used_;
  }
  changed_.notify_all();
}

void BlockExchange::drained() {
  {
    std::lock_guard lock(mutex_);
    drained_ = true;
  }
  changed_.notify_all();
}

void BlockExchange::close() {
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace tidemark
