// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::test {

/// Tar archives by hand, so that readers are not tested with this system's own writer.
struct TarEntry {
  std::string path = {};
  char type = '0';
  std::uint64_t size = 0;
  std::string link_path = {};
  unsigned mode = 0644;
  std::uint64_t mtime_s = 1'600'000'000;
  unsigned uid = 0;
  unsigned gid = 0;
};

inline std::vector<std::uint8_t> tar_header(const TarEntry& entry) {
  std::vector<std::uint8_t> block(512);
  char* bytes = reinterpret_cast<char*>(block.data());
  std::memcpy(bytes, entry.path.data(), std::min<std::size_t>(entry.path.size(), 100));
  std::snprintf(bytes + 100, 8, "%07o", entry.mode);
  std::snprintf(bytes + 108, 8, "%07o", entry.uid);
  std::snprintf(bytes + 116, 8, "%07o", entry.gid);
  std::snprintf(bytes + 124, 12, "%011llo", static_cast<unsigned long long>(entry.size));
  std::snprintf(bytes + 136, 12, "%011llo", static_cast<unsigned long long>(entry.mtime_s));
  bytes[156] = entry.type;
  std::memcpy(bytes + 157, entry.link_path.data(),
              std::min<std::size_t>(entry.link_path.size(), 100));
  std::memcpy(bytes + 257,
              "ustar\0"
              "00",
              8);
  std::memset(bytes + 148, ' ', 8);
  unsigned sum = 0;
  for (const std::uint8_t byte : block) sum += byte;
  std::snprintf(bytes + 148, 8, "%06o", sum);
  return block;
}

/// As after a change of a header's fields by hand.
inline void set_checksum(std::vector<std::uint8_t>& block) {
  std::memset(block.data() + 148, ' ', 8);
  unsigned sum = 0;
  for (const std::uint8_t byte : block) sum += byte;
  std::snprintf(reinterpret_cast<char*>(block.data()) + 148, 8, "%06o", sum);
}

inline void append(std::vector<std::uint8_t>& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
}
inline void append(std::vector<std::uint8_t>& bytes, const std::vector<std::uint8_t>& more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}
inline void pad(std::vector<std::uint8_t>& bytes, std::size_t step = 512) {
  bytes.resize((bytes.size() + step - 1) / step * step);
}

inline std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (std::to_string(length).size() + rest != length) ++length;
  return std::to_string(length) + " " + std::string(key) + "=" + std::string(value) + "\n";
}

/// An extended header, its data and its padding.
inline std::vector<std::uint8_t> tar_extended(std::string_view records, char type = 'x') {
  auto bytes = tar_header({.path = "x", .type = type, .size = records.size()});
  append(bytes, records);
  pad(bytes);
  return bytes;
}

}  // namespace tidemark::test
