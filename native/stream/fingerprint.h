// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <sys/stat.h>

namespace tidemark {

/// What an object looked like when it was archived: 52 bytes, big-endian: dev u64, ino u64, size
/// u64, mtimeNs i64, ctimeNs i64, mode u32, uid u32, gid u32. Equal fingerprints mean: not changed
/// since.
struct Fingerprint {
  static constexpr std::size_t size = 52;

  std::array<std::uint8_t, size> bytes{};

  static Fingerprint of(const struct stat& status);
  /// `bytes` has at least 52.
  static Fingerprint from(std::span<const std::uint8_t> bytes);

  std::uint64_t device() const;
  std::uint64_t inode() const;
  std::uint64_t file_size() const;
  /// Nanoseconds of the modification time, wrapped to 64 bits.
  std::uint64_t modified_ns() const;
  std::uint32_t mode() const;
  std::uint32_t uid() const;
  std::uint32_t gid() const;
  /// A directory as an entry of its parent: size and times zeroed, for a change inside the child
  /// must not make the parent incomplete. Anything else is returned as it is.
  Fingerprint as_entry() const;

  bool operator==(const Fingerprint&) const = default;
};

}  // namespace tidemark
