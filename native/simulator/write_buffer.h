// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "scsi/bytes.h"
#include "simulator/partition.h"

namespace tidemark::simulator {

/// A drive's write buffer: objects that were answered GOOD and are not on the medium. It lives in
/// memory and dies with the process, as a real drive's dies with its power.
class WriteBuffer {
 public:
  explicit WriteBuffer(std::size_t capacity) : capacity_(capacity) {}

  [[nodiscard]] bool empty() const { return objects_.empty(); }
  [[nodiscard]] std::size_t objects() const { return objects_.size(); }
  [[nodiscard]] std::size_t filemarks() const;
  [[nodiscard]] std::size_t bytes() const { return used_; }
  /// What they will take of the capacity.
  [[nodiscard]] std::uint64_t native_bytes() const { return native_used_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }

  /// False where it does not fit. `key`, `parts_saved`: see LogicalObject.
  [[nodiscard]] bool push_block(scsi::Bytes data, std::uint32_t key = 0,
                                std::uint8_t parts_saved = 0);
  void push_filemark();

  /// The oldest objects that hold at least `bytes` together, or all; `data` is valid until the next
  /// push.
  struct Batch {
    std::vector<LogicalObject> objects;
    std::vector<iovec> data;
  };
  [[nodiscard]] Batch oldest(std::size_t bytes) const;
  /// The first `count` objects, or all.
  [[nodiscard]] Batch first(std::size_t count) const;
  /// The batch reached the medium.
  void remove(const Batch& batch);
  /// Everything is lost.
  void clear();

 private:
  [[nodiscard]] Batch batch_of(std::size_t count, std::size_t bytes) const;

  std::size_t capacity_;
  /// A ring, allocated with the first block.
  std::unique_ptr<std::uint8_t[]> memory_;
  std::size_t begin_ = 0;
  std::size_t used_ = 0;
  std::uint64_t native_used_ = 0;
  std::vector<LogicalObject> objects_;
};

}  // namespace tidemark::simulator
