// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stream/sparse_map_reader.h"

namespace tidemark {

/// Where a sparse file has data, and how that reads at the beginning of a GNU.sparse 1.0 member.
struct SparseMap {
  using Stretch = SparseMapReader::Stretch;

  /// In order, apart; the last one is empty and stands at the file's end, else GNU tar drops a hole
  /// there.
  std::vector<Stretch> stretches;
  /// Zero padded to a whole tar block.
  std::string text;
  /// Of all stretches.
  std::uint64_t data_bytes = 0;
};

/// The map of stretches of data in a file of `real_bytes`, holes merged, the smallest first, until
/// the text is at most `largest_text`. Nothing where no hole is left.
[[nodiscard]] std::optional<SparseMap> make_sparse_map(std::vector<SparseMap::Stretch> stretches,
                                                       std::uint64_t real_bytes,
                                                       std::size_t largest_text);

/// Asks the file system (lseek(2), SEEK_DATA and SEEK_HOLE). Nothing where the file has no hole.
[[nodiscard]] std::optional<SparseMap> find_sparse_map(int descriptor, std::uint64_t real_bytes,
                                                       std::size_t largest_text);

/// A map as `SparseMap::text` had it; nothing where it is no map of a file of this size.
[[nodiscard]] std::optional<SparseMap> parse_sparse_map(std::string text, std::uint64_t real_bytes);

}  // namespace tidemark
