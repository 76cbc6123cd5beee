// SPDX-License-Identifier: Apache-2.0
#include "stream/pax_attributes.h"

#include <algorithm>
#include <charconv>

namespace tidemark {
namespace {

constexpr std::string_view xattr_prefix = "SCHILY.xattr.";
/// Years beyond what any kernel keeps; keeps the arithmetic below from overflowing.
constexpr std::uint64_t largest_seconds = std::uint64_t{1} << 62;

bool read(std::optional<std::string>& target, std::string_view value) {
  target.reset();
  if (!value.empty()) target.emplace(value);
  return true;
}

/// An empty value takes an earlier one back (POSIX.1-2017, pax).
bool read(std::optional<std::uint64_t>& target, std::string_view value) {
  target = decode_decimal(value);
  return target.has_value() || value.empty();
}

/// SECONDS[.FRACTION], perhaps negative; digits behind the ninth are below a nanosecond.
std::optional<FileTime> decode_time(std::string_view value) {
  const bool negative = value.starts_with('-');
  if (negative) value.remove_prefix(1);
  const std::size_t point = std::min(value.find('.'), value.size());
  const auto seconds = decode_decimal(value.substr(0, point));
  if (!seconds || *seconds > largest_seconds) return std::nullopt;
  std::uint32_t nanoseconds = 0;
  std::uint32_t unit = 100'000'000;
  for (const char digit : value.substr(std::min(point + 1, value.size()))) {
    if (digit < '0' || digit > '9') return std::nullopt;
    nanoseconds += static_cast<std::uint32_t>(digit - '0') * unit;
    unit /= 10;
  }
  FileTime time{static_cast<std::int64_t>(*seconds), nanoseconds};
  if (negative) {
    time.seconds = -time.seconds;
    if (nanoseconds > 0) time = {time.seconds - 1, 1'000'000'000 - nanoseconds};
  }
  return time;
}

bool read(std::optional<FileTime>& target, std::string_view value) {
  target = decode_time(value);
  return target.has_value() || value.empty();
}

/// GNU tar writes '%' and '=' in an attribute's name as %25 and %3D.
std::string decode_xattr_name(std::string_view name) {
  std::string decoded;
  while (!name.empty()) {
    const bool percent = name.starts_with("%25");
    const bool equals = name.starts_with("%3D");
    decoded += percent ? '%' : equals ? '=' : name.front();
    name.remove_prefix(percent || equals ? 3 : 1);
  }
  return decoded;
}

bool read_record(std::string_view key, std::string_view value, PaxAttributes& attributes) {
  if (key == "path") return read(attributes.path, value);
  if (key == "linkpath") return read(attributes.link_path, value);
  if (key == "size") return read(attributes.size, value);
  if (key == "uid") return read(attributes.uid, value);
  if (key == "gid") return read(attributes.gid, value);
  if (key == "uname") return read(attributes.user_name, value);
  if (key == "gname") return read(attributes.group_name, value);
  if (key == "mtime") return read(attributes.mtime, value);
  if (key == "SCHILY.acl.access") return read(attributes.access_acl, value);
  if (key == "SCHILY.acl.default") return read(attributes.default_acl, value);
  if (key == "GNU.sparse.major") return read(attributes.sparse_major, value);
  if (key == "GNU.sparse.minor") return read(attributes.sparse_minor, value);
  if (key == "GNU.sparse.realsize") return read(attributes.sparse_real_size, value);
  if (key == "GNU.sparse.name") return read(attributes.sparse_name, value);
  if (key.starts_with(xattr_prefix) && key.size() > xattr_prefix.size()) {
    if (key.find('\0') != std::string_view::npos) return false;
    attributes.extended_attributes.emplace_back(decode_xattr_name(key.substr(xattr_prefix.size())),
                                                value);
  }
  return true;
}

}  // namespace

std::optional<std::uint64_t> decode_decimal(std::string_view digits) {
  std::uint64_t value = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

bool decode_pax_records(std::span<const std::uint8_t> data, PaxAttributes& attributes) {
  std::string_view rest(reinterpret_cast<const char*>(data.data()), data.size());
  while (!rest.empty()) {
    // "LENGTH KEY=VALUE\n", LENGTH counting itself and the newline.
    const std::size_t space = rest.find(' ');
    if (space == std::string_view::npos) return false;
    const auto length = decode_decimal(rest.substr(0, space));
    if (!length || *length > rest.size() || *length < space + 2) return false;
    std::string_view record = rest.substr(space + 1, *length - space - 1);
    rest.remove_prefix(*length);
    if (record.back() != '\n') return false;
    record.remove_suffix(1);
    const std::size_t equals = record.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    if (!read_record(record.substr(0, equals), record.substr(equals + 1), attributes)) return false;
  }
  return true;
}

}  // namespace tidemark
