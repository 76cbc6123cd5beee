// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace tidemark {

/// A member that lies across a record boundary or begins at one.
struct IndexedMember {
  std::string path;
  std::uint64_t header_offset = 0;
  std::uint64_t data_offset = 0;
  std::uint64_t end_offset = 0;
  std::uint64_t archived_bytes = 0;
  /// Sparse members only.
  std::optional<std::uint64_t> sparse_real_bytes;
  std::optional<std::uint64_t> first_data_end_offset;
};

/// Which member is at a record boundary: what a segment that continues there has to say. Members
/// that no boundary touches are not kept, so it grows with the ring and not with the number of
/// files.
class MemberIndex {
 public:
  explicit MemberIndex(std::uint64_t record_size) : record_size_(record_size) {}

  bool wanted(std::uint64_t header_offset, std::uint64_t end_offset) const {
    return header_offset % record_size_ == 0 ||
           header_offset / record_size_ != (end_offset - 1) / record_size_;
  }
  void add(IndexedMember&& member);
  std::optional<IndexedMember> find(std::uint64_t stream_offset) const;
  /// Members that end before it are not asked for any more.
  void forget(std::uint64_t stream_offset);

 private:
  const std::uint64_t record_size_;
  mutable std::mutex mutex_;
  std::map<std::uint64_t, IndexedMember> members_;
};

}  // namespace tidemark
