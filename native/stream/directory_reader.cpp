// SPDX-License-Identifier: Apache-2.0
#include "stream/directory_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <dirent.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace tidemark {
namespace {

constexpr std::size_t buffer_size = 64u << 10;
/// More than this is given back after an unusually large directory: there may be 64 of these.
constexpr std::size_t names_kept = 256u << 10;

/// struct linux_dirent64 (getdents64(2)): ino u64, off i64, reclen u16, type u8, name.
constexpr std::size_t record_length_offset = 16;
constexpr std::size_t type_offset = 18;
constexpr std::size_t name_offset = 19;

std::uint64_t prefix_of(std::string_view name) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < sizeof prefix; ++i) {
    prefix = prefix << 8 | (i < name.size() ? static_cast<std::uint8_t>(name[i]) : 0u);
  }
  return prefix;
}

}  // namespace

DirectoryReader::DirectoryReader()
    : buffer_(std::make_unique_for_overwrite<std::uint8_t[]>(buffer_size)) {}

int DirectoryReader::read(int directory) {
  if (names_.capacity() > names_kept) {
    names_ = {};
    entries_ = {};
  }
  names_.clear();
  entries_.clear();
  for (;;) {
    const long bytes = syscall(SYS_getdents64, directory, buffer_.get(), buffer_size);
    if (bytes < 0) return errno;
    if (bytes == 0) break;
    for (const std::uint8_t* at = buffer_.get(); at < buffer_.get() + bytes;) {
      std::uint16_t record_length;
      std::memcpy(&record_length, at + record_length_offset, sizeof record_length);
      const std::string_view name = reinterpret_cast<const char*>(at + name_offset);
      if (name != "." && name != "..") add(name, at[type_offset]);
      at += record_length;
    }
  }
  sort();
  return 0;
}

void DirectoryReader::add(std::string_view name, std::uint8_t type) {
  entries_.push_back({prefix_of(name), static_cast<std::uint32_t>(names_.size()),
                      static_cast<std::uint16_t>(name.size()), type});
  names_.insert(names_.end(), name.data(), name.data() + name.size() + 1);
}

void DirectoryReader::sort() {
  std::sort(entries_.begin(), entries_.end(), [this](const Entry& a, const Entry& b) {
    return a.prefix != b.prefix ? a.prefix < b.prefix : name(a) < name(b);
  });
}

}  // namespace tidemark
