// SPDX-License-Identifier: Apache-2.0
#include "stream/file_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/uio.h>
#include <unistd.h>

namespace tidemark {
namespace {

/// One read: large enough to cost no calls, small enough to be digested from the cache.
constexpr std::uint64_t piece_bytes = 1u << 20;
/// From here on the kernel is told how the file is read, and pages that only this reading brought
/// into the page cache are taken out of it again.
constexpr std::uint64_t large_file = 8u << 20;
constexpr std::uint64_t drop_step = 8u << 20;
constexpr std::uint64_t to_its_end = UINT64_MAX;

ssize_t read_at(int descriptor, std::span<std::uint8_t> to, std::uint64_t offset) {
  ssize_t bytes;
  do {
    bytes = pread(descriptor, to.data(), to.size(), static_cast<off_t>(offset));
  } while (bytes < 0 && errno == EINTR);
  return bytes;
}

/// Whether the file's first page is in the page cache: a read that must not wait succeeds only
/// then.
bool is_cached(int descriptor, std::uint64_t offset) {
  std::uint8_t byte;
  const iovec vector{&byte, 1};
  return preadv2(descriptor, &vector, 1, static_cast<off_t>(offset), RWF_NOWAIT) == 1;
}

}  // namespace

FileReader::Result FileReader::read(const Source& source, MemberFill& fill,
                                    const OnExtent& on_extent) {
  source_ = source;
  result_ = {};
  if (read_in_one_piece(fill)) return result_;
  stretch_ = 0;
  stretch_start_ = source.map != nullptr ? source.map->text.size() : 0;
  drops_behind_ = false;
  if (source.archived_bytes >= large_file) read_ahead();
  std::uint64_t at = source.from;
  std::uint64_t extent_start = at;
  digest_.restart();
  for (;;) {
    const std::uint64_t extent_end =
        std::min(source.archived_bytes, (at / source.extent_bytes + 1) * source.extent_bytes);
    const Piece piece = piece_at(at);
    std::span<std::uint8_t> bytes =
        fill.room(std::min({extent_end - at, piece.bytes, piece_bytes}));
    if (bytes.empty()) {
      result_.stopped = true;
      return result_;
    }
    bytes = bytes.first(produce(bytes, piece));
    digest_.update(bytes);
    fill.advance(bytes.size());
    at += bytes.size();
    if (at == source.archived_bytes) break;
    if (at == extent_end) {
      on_extent(extent_start, at, digest_.digest());
      digest_.restart();
      extent_start = at;
    }
    fill.publish();
    if (drops_behind_) drop_behind(piece.file_offset);
  }
  if (drops_behind_) drop_until(to_its_end);
  result_.digest = digest_.digest();
  return result_;
}

/// Most files: one read, one digest without a state. False, and nothing done, where that cannot be.
bool FileReader::read_in_one_piece(MemberFill& fill) {
  const std::uint64_t size = source_.archived_bytes - source_.from;
  const std::uint64_t of_extent = source_.extent_bytes - source_.from % source_.extent_bytes;
  if (size > std::min(piece_bytes, of_extent) || source_.map != nullptr) return false;
  const std::span<std::uint8_t> room = fill.room(size);
  if (room.size() < size) return false;
  for (std::size_t done = 0; done < size;) {
    done += produce(room.subspan(done), {nullptr, source_.from + done, size - done});
  }
  result_.digest = xxh3_128(room);
  fill.advance(size);
  return true;
}

/// The stretch of the map text, or of the file, that holds this archived byte.
FileReader::Piece FileReader::piece_at(std::uint64_t archived_offset) {
  if (source_.map == nullptr) {
    return {nullptr, archived_offset, source_.archived_bytes - archived_offset};
  }
  const SparseMap& map = *source_.map;
  if (archived_offset < map.text.size()) {
    return {map.text.data() + archived_offset, 0, map.text.size() - archived_offset};
  }
  while (archived_offset >= stretch_start_ + map.stretches[stretch_].bytes) {
    stretch_start_ += map.stretches[stretch_].bytes;
    ++stretch_;
  }
  const std::uint64_t skipped = archived_offset - stretch_start_;
  const SparseMap::Stretch& stretch = map.stretches[stretch_];
  return {nullptr, stretch.offset + skipped, stretch.bytes - skipped};
}

/// Never fails: what cannot be read any more is zeros (faults S1, S5), and the result says so.
std::size_t FileReader::produce(std::span<std::uint8_t> to, const Piece& piece) {
  if (piece.text != nullptr) {
    std::memcpy(to.data(), piece.text, to.size());
    return to.size();
  }
  if (!result_.shrunk && result_.error_number == 0) {
    const ssize_t bytes = read_at(source_.descriptor, to, piece.file_offset);
    if (bytes > 0) return static_cast<std::size_t>(bytes);
    if (bytes == 0) {
      result_.shrunk = true;
    } else {
      result_.error_number = errno;
    }
  }
  std::memset(to.data(), 0, to.size());
  return to.size();
}

void FileReader::read_ahead() {
  posix_fadvise(source_.descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  const std::uint64_t first = source_.map != nullptr && !source_.map->stretches.empty()
                                  ? source_.map->stretches.front().offset
                                  : source_.from;
  drops_behind_ = !is_cached(source_.descriptor, first);
  dropped_until_ = first;
}

void FileReader::drop_behind(std::uint64_t file_offset) {
  if (file_offset >= dropped_until_ + drop_step) drop_until(file_offset);
}

void FileReader::drop_until(std::uint64_t file_offset) {
  const std::uint64_t bytes = file_offset == to_its_end ? 0 : file_offset - dropped_until_;
  posix_fadvise(source_.descriptor, static_cast<off_t>(dropped_until_), static_cast<off_t>(bytes),
                POSIX_FADV_DONTNEED);
  dropped_until_ = file_offset;
}

}  // namespace tidemark
