// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tidemark {

/// Reads the map at the beginning of a GNU.sparse 1.0 member's data: decimal numbers, one a line,
/// first how many stretches of data there are, then offset and size of each; zeros up to a whole
/// tar block.
class SparseMapReader {
 public:
  enum class State { more, complete, damaged };

  struct Stretch {
    std::uint64_t offset;
    std::uint64_t bytes;
  };

  static constexpr std::uint64_t most_stretches = 1u << 20;

  /// `archived_bytes`: the member's data, map included. `real_bytes`: the file's size.
  SparseMapReader(std::uint64_t archived_bytes, std::uint64_t real_bytes)
      : archived_bytes_(archived_bytes), real_bytes_(real_bytes) {}

  /// Takes bytes from the front until map and padding are complete.
  State feed(std::span<const std::uint8_t>& bytes);
  /// Once complete: in order, apart, within the file, and as long together as the data behind the
  /// map.
  [[nodiscard]] const std::vector<Stretch>& stretches() const { return stretches_; }

 private:
  bool end_of_line();
  bool end_of_map() const;

  const std::uint64_t archived_bytes_;
  const std::uint64_t real_bytes_;
  std::uint64_t consumed_ = 0;
  std::uint64_t number_ = 0;
  bool has_digits_ = false;
  std::uint64_t numbers_ = 0;
  std::uint64_t count_ = 0;
  bool numbers_complete_ = false;
  std::vector<Stretch> stretches_;
};

}  // namespace tidemark
