// SPDX-License-Identifier: Apache-2.0
#include "stream/fingerprint.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace tidemark {
namespace {

constexpr std::size_t inode_offset = 8;
constexpr std::size_t size_offset = 16;
constexpr std::size_t modified_offset = 24;
constexpr std::size_t mode_offset = 40;
constexpr std::size_t uid_offset = 44;
constexpr std::size_t gid_offset = 48;

template <typename Integer>
Integer big_endian(Integer value) {
  if constexpr (std::endian::native == std::endian::big) return value;
  if constexpr (sizeof(Integer) == 8) return static_cast<Integer>(__builtin_bswap64(value));
  return static_cast<Integer>(__builtin_bswap32(static_cast<std::uint32_t>(value)));
}

template <typename Integer>
std::uint8_t* put(std::uint8_t* to, Integer value) {
  const Integer swapped = big_endian(value);
  std::memcpy(to, &swapped, sizeof swapped);
  return to + sizeof swapped;
}

template <typename Integer>
Integer get(const std::uint8_t* from) {
  Integer value;
  std::memcpy(&value, from, sizeof value);
  return big_endian(value);
}

std::uint64_t nanoseconds(const timespec& time) {
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000u +
         static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

Fingerprint Fingerprint::of(const struct stat& status) {
  Fingerprint result;
  std::uint8_t* to = result.bytes.data();
  to = put<std::uint64_t>(to, status.st_dev);
  to = put<std::uint64_t>(to, status.st_ino);
  to = put<std::uint64_t>(to, static_cast<std::uint64_t>(status.st_size));
  to = put<std::uint64_t>(to, nanoseconds(status.st_mtim));
  to = put<std::uint64_t>(to, nanoseconds(status.st_ctim));
  to = put<std::uint32_t>(to, status.st_mode);
  to = put<std::uint32_t>(to, status.st_uid);
  put<std::uint32_t>(to, status.st_gid);
  return result;
}

Fingerprint Fingerprint::from(std::span<const std::uint8_t> bytes) {
  Fingerprint result;
  std::copy_n(bytes.begin(), size, result.bytes.begin());
  return result;
}

std::uint64_t Fingerprint::device() const { return get<std::uint64_t>(bytes.data()); }
std::uint64_t Fingerprint::inode() const { return get<std::uint64_t>(bytes.data() + inode_offset); }
std::uint64_t Fingerprint::file_size() const {
  return get<std::uint64_t>(bytes.data() + size_offset);
}
std::uint64_t Fingerprint::modified_ns() const {
  return get<std::uint64_t>(bytes.data() + modified_offset);
}
std::uint32_t Fingerprint::mode() const { return get<std::uint32_t>(bytes.data() + mode_offset); }
std::uint32_t Fingerprint::uid() const { return get<std::uint32_t>(bytes.data() + uid_offset); }
std::uint32_t Fingerprint::gid() const { return get<std::uint32_t>(bytes.data() + gid_offset); }

Fingerprint Fingerprint::as_entry() const {
  Fingerprint result = *this;
  if (S_ISDIR(mode())) {
    std::fill(result.bytes.begin() + size_offset, result.bytes.begin() + mode_offset,
              std::uint8_t{0});
  }
  return result;
}

}  // namespace tidemark
