// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark {

/// A digest is kept for every so many bytes of an object's archived data. It bounds what a resume
/// must read back, and what stays without a digest where that cannot be read any more.
inline constexpr std::uint64_t default_extent_bytes = 64ull << 20;
/// Of one object. A packed restore object counts its extents in 16 bits, and each resume may add
/// some.
inline constexpr std::uint64_t most_full_extents = 32768;

/// For an object of so many archived bytes: `least_bytes`, doubled as often as its number of
/// extents demands. It depends on nothing else, so a continued object's extents end where they
/// would have ended.
constexpr std::uint64_t extent_bytes_for(std::uint64_t archived_bytes, std::uint64_t least_bytes) {
  std::uint64_t bytes = least_bytes;
  while (archived_bytes / bytes >= most_full_extents) bytes *= 2;
  return bytes;
}

}  // namespace tidemark
