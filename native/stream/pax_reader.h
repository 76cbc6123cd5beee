// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "stream/pax_attributes.h"
#include "stream/ustar_header.h"

namespace tidemark {

/// What the headers of one member say, extended headers folded in.
struct MemberHeader {
  /// Of the file; for a sparse one not that of the member.
  std::string path;
  std::string link_path;
  /// The ustar type flag: '0' regular, '1' hard link, '2' symbolic link, '3' and '4' devices,
  /// '5' directory, '6' fifo.
  char type = '0';
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::string user_name;
  std::string group_name;
  FileTime mtime;
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
  /// Bytes of data behind the headers, padding not counted; a sparse member's begin with its map.
  std::uint64_t archived_bytes = 0;
  bool sparse = false;
  std::uint64_t real_bytes = 0;
  std::optional<std::string> access_acl;
  std::optional<std::string> default_acl;
  std::vector<std::pair<std::string, std::string>> extended_attributes;
};

/// Reads the header set of one member from bytes that arrive in pieces of any size. They come from
/// a tape: every length is checked, and at most `largest_extended_header` bytes of a member's are
/// kept.
class PaxReader {
 public:
  enum class State { more, complete, damaged };

  static constexpr std::size_t largest_extended_header = 64u << 20;

  /// Forgets what it has; the next byte is the first of a header set.
  void restart();
  /// Takes bytes from the front of `bytes` until the header set is complete or found to be damaged.
  State feed(std::span<const std::uint8_t>& bytes);

  /// Once complete.
  [[nodiscard]] const MemberHeader& member() const { return member_; }
  /// Once damaged: what was wrong.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  State end_of_block();
  State end_of_extended_header();
  State take_member(UstarHeader&& header);
  bool take_sparse();
  State damaged(const char* problem);

  std::array<std::uint8_t, tar_block> block_{};
  std::size_t block_filled_ = 0;
  /// Of an extended header: bytes of it, and of it and its padding, still to come.
  std::uint64_t data_left_ = 0;
  std::uint64_t padded_left_ = 0;
  bool keeps_data_ = false;
  /// Of all extended headers of this member.
  std::uint64_t extended_bytes_ = 0;
  std::vector<std::uint8_t> data_;
  PaxAttributes attributes_;
  MemberHeader member_;
  std::string problem_;
};

}  // namespace tidemark
