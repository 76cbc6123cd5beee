// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace tidemark {

inline constexpr std::size_t tar_block = 512;

/// `bytes` and the zeros behind it up to a whole tar block; nothing where that is past what a
/// signed 64-bit offset can say.
[[nodiscard]] std::optional<std::uint64_t> padded_to_tar_block(std::uint64_t bytes);

/// One 512-byte header of a POSIX.1-1988 (ustar) archive, as it came from a tape: nothing in it is
/// trusted.
struct UstarHeader {
  /// With the prefix in front.
  std::string path;
  std::string link_path;
  char type = '0';
  std::uint32_t mode = 0;
  std::uint64_t uid = 0;
  std::uint64_t gid = 0;
  std::uint64_t size = 0;
  std::int64_t mtime_s = 0;
  std::string user_name;
  std::string group_name;
  std::uint32_t device_major = 0;
  std::uint32_t device_minor = 0;
};

using TarBlock = std::span<const std::uint8_t, tar_block>;

[[nodiscard]] bool is_zero(TarBlock block);
/// Nothing where the checksum, the magic or a number is wrong.
[[nodiscard]] std::optional<UstarHeader> decode_ustar_header(TarBlock block);

}  // namespace tidemark
