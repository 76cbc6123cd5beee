// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <sys/stat.h>

namespace tidemark {

/// What a member's headers are built from.
struct MemberDescription {
  /// The member's path; a directory's ends in "/".
  std::string_view path = {};
  /// The ustar type flag.
  char type = '0';
  const struct stat* status = nullptr;
  /// Bytes of data behind the headers, padding not counted.
  std::uint64_t archived_bytes = 0;
  std::string_view link_target = {};
  /// Complete pax records: extended attributes and ACLs.
  std::string_view attribute_records = {};
  /// GNU.sparse 1.0 where `sparse`.
  bool sparse = false;
};

/// Builds the header set of a member (POSIX.1-2017, pax): an extended header only where ustar
/// cannot say it, then the ustar header. One per reader: the memory is used again and again.
class PaxHeaderBuilder {
 public:
  static constexpr std::size_t block = 512;

  PaxHeaderBuilder();

  /// Valid until the next call.
  std::span<const std::uint8_t> build(const MemberDescription& member);

 private:
  void make_room(const MemberDescription& member);
  void add_record(std::string_view keyword, std::string_view value);
  void add_number(std::string_view keyword, std::uint64_t value);
  void add_time(const timespec& time);
  void add_records(const MemberDescription& member, std::string_view path);

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t capacity_ = 0;
  std::uint8_t* at_ = nullptr;
};

/// A pax record: its own length in decimal, keyword, "=", value, newline. Returns its length; `to`
/// may be null where only that is asked for.
std::size_t pax_record(std::uint8_t* to, std::string_view keyword, std::string_view value);

/// Fills `bytes`, a multiple of 512 and not 0, with one global header that every reader ignores: a
/// comment, or an empty one where only a block is left.
void write_filler(std::span<std::uint8_t> bytes);

bool is_ascii(std::string_view text);
/// RFC 3629: no overlong forms, no surrogates.
bool is_utf8(std::string_view text);

}  // namespace tidemark
