// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "stream/extent_size.h"
#include "stream/member_fill.h"
#include "stream/object_record.h"
#include "stream/sparse_map.h"
#include "stream/xxh3.h"

namespace tidemark {

/// Reads a file's archived data straight into the ring and digests it while it is in the cache. One
/// per reader.
class FileReader {
 public:
  struct Source {
    int descriptor = -1;
    /// Archived data, a sparse map included.
    std::uint64_t archived_bytes = 0;
    /// Where to begin in it: not 0 where a member is continued.
    std::uint64_t from = 0;
    const SparseMap* map = nullptr;
    /// Extents end at the multiples of this offset in the archived data, and at its end.
    std::uint64_t extent_bytes = default_extent_bytes;
  };

  struct Result {
    bool stopped = false;
    /// The file ended before its declared size; the rest is zeros.
    bool shrunk = false;
    /// Why reading ended; the rest is zeros.
    int error_number = 0;
    /// Of the last extent.
    Digest128 digest{};
  };

  /// Told of each extent but the last, before its last bytes are published.
  using OnExtent =
      std::function<void(std::uint64_t from, std::uint64_t to, const Digest128& digest)>;

  /// The last bytes, and the padding behind them, are left to the caller to publish.
  Result read(const Source& source, MemberFill& fill, const OnExtent& on_extent);

 private:
  struct Piece {
    /// Of the map's text, instead of the file.
    const char* text = nullptr;
    std::uint64_t file_offset = 0;
    std::uint64_t bytes = 0;
  };
  bool read_in_one_piece(MemberFill& fill);
  Piece piece_at(std::uint64_t archived_offset);
  std::size_t produce(std::span<std::uint8_t> to, const Piece& piece);
  void read_ahead();
  void drop_behind(std::uint64_t file_offset);
  void drop_until(std::uint64_t file_offset);

  Source source_;
  Result result_;
  Xxh3Stream digest_;
  std::size_t stretch_ = 0;
  std::uint64_t stretch_start_ = 0;
  bool drops_behind_ = false;
  std::uint64_t dropped_until_ = 0;
};

}  // namespace tidemark
