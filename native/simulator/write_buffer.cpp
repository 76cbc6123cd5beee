// SPDX-License-Identifier: Apache-2.0
#include "simulator/write_buffer.h"

#include <algorithm>
#include <cstring>

namespace tidemark::simulator {

bool WriteBuffer::push_block(scsi::Bytes data, std::uint32_t key, std::uint8_t parts_saved) {
  if (data.size() > capacity_ - used_) return false;
  if (!memory_) memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(capacity_);
  const auto at = (begin_ + used_) % capacity_;
  const auto until_wrap = std::min(data.size(), capacity_ - at);
  std::memcpy(memory_.get() + at, data.data(), until_wrap);
  std::memcpy(memory_.get(), data.data() + until_wrap, data.size() - until_wrap);
  used_ += data.size();
  objects_.push_back({static_cast<std::uint32_t>(data.size()), false, key, parts_saved});
  native_used_ += objects_.back().native_bytes();
  return true;
}

void WriteBuffer::push_filemark() { objects_.push_back({0, true}); }

std::size_t WriteBuffer::filemarks() const {
  return static_cast<std::size_t>(std::count_if(
      objects_.begin(), objects_.end(), [](const LogicalObject& each) { return each.filemark; }));
}

WriteBuffer::Batch WriteBuffer::oldest(std::size_t bytes) const {
  std::size_t count = 0;
  std::size_t total = 0;
  while (count < objects_.size() && total < bytes) total += objects_[count++].length;
  return batch_of(count, total);
}

WriteBuffer::Batch WriteBuffer::first(std::size_t count) const {
  count = std::min(count, objects_.size());
  std::size_t total = 0;
  for (std::size_t i = 0; i < count; ++i) total += objects_[i].length;
  return batch_of(count, total);
}

WriteBuffer::Batch WriteBuffer::batch_of(std::size_t count, std::size_t bytes) const {
  Batch batch;
  batch.objects.assign(objects_.begin(), objects_.begin() + static_cast<std::ptrdiff_t>(count));
  // The blocks lie one behind the other here as they will on the medium: at most one wrap between
  // them.
  const auto until_wrap = std::min(bytes, capacity_ - begin_);
  if (until_wrap > 0) batch.data.push_back({memory_.get() + begin_, until_wrap});
  if (bytes > until_wrap) batch.data.push_back({memory_.get(), bytes - until_wrap});
  return batch;
}

void WriteBuffer::remove(const Batch& batch) {
  std::size_t bytes = 0;
  for (const auto& object : batch.objects) {
    bytes += object.length;
    native_used_ -= object.native_bytes();
  }
  objects_.erase(objects_.begin(),
                 objects_.begin() + static_cast<std::ptrdiff_t>(batch.objects.size()));
  used_ -= bytes;
  begin_ = used_ == 0 ? 0 : (begin_ + bytes) % capacity_;
}

void WriteBuffer::clear() {
  objects_.clear();
  begin_ = 0;
  used_ = 0;
  native_used_ = 0;
}

}  // namespace tidemark::simulator
