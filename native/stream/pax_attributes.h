// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark {

struct FileTime {
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
};

/// The keywords of a pax extended header that a restore needs; others are skipped.
struct PaxAttributes {
  std::optional<std::string> path;
  std::optional<std::string> link_path;
  std::optional<std::uint64_t> size;
  std::optional<std::uint64_t> uid;
  std::optional<std::uint64_t> gid;
  std::optional<std::string> user_name;
  std::optional<std::string> group_name;
  std::optional<FileTime> mtime;
  /// SCHILY.acl.access and SCHILY.acl.default, as text.
  std::optional<std::string> access_acl;
  std::optional<std::string> default_acl;
  /// SCHILY.xattr.NAME.
  std::vector<std::pair<std::string, std::string>> extended_attributes;
  std::optional<std::uint64_t> sparse_major;
  std::optional<std::uint64_t> sparse_minor;
  std::optional<std::uint64_t> sparse_real_size;
  std::optional<std::string> sparse_name;
};

/// Adds the records of an extended header's data (POSIX.1-2017, pax, "pax Extended Header"). False
/// where one is malformed. Text stays bytes whatever hdrcharset says: names are bytes in this
/// system.
[[nodiscard]] bool decode_pax_records(std::span<const std::uint8_t> data,
                                      PaxAttributes& attributes);

/// Digits only, no more than fit.
[[nodiscard]] std::optional<std::uint64_t> decode_decimal(std::string_view digits);

}  // namespace tidemark
