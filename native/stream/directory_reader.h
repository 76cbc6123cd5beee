// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace tidemark {

/// The entries of one directory, sorted by the bytes of their names. One per reader.
class DirectoryReader {
 public:
  struct Entry {
    /// The name's first bytes, big-endian: most comparisons end here.
    std::uint64_t prefix;
    std::uint32_t name_offset;
    std::uint16_t name_length;
    /// DT_*, as the file system says; DT_UNKNOWN where it does not.
    std::uint8_t type;
  };

  DirectoryReader();

  /// Reads all of an open directory, except "." and "..". Returns 0 or an errno.
  int read(int directory);

  const std::vector<Entry>& entries() const { return entries_; }
  std::string_view name(const Entry& entry) const {
    return {names_.data() + entry.name_offset, entry.name_length};
  }
  /// NUL-terminated.
  const char* c_name(const Entry& entry) const { return names_.data() + entry.name_offset; }

 private:
  void add(std::string_view name, std::uint8_t type);
  void sort();

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::vector<char> names_;
  std::vector<Entry> entries_;
};

}  // namespace tidemark
