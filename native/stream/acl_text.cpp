// SPDX-License-Identifier: Apache-2.0
#include "stream/acl_text.h"

#include <algorithm>
#include <tuple>

#include "stream/pax_attributes.h"

namespace tidemark {
namespace {

/// linux/posix_acl_xattr.h and linux/posix_acl.h; numbers are little-endian there.
constexpr std::uint32_t format_version = 2;
constexpr std::uint32_t no_id = UINT32_MAX;
enum Tag : std::uint16_t {
  user_object = 0x01,
  named_user = 0x02,
  group_object = 0x04,
  named_group = 0x08,
  mask = 0x10,
  other = 0x20
};

struct Entry {
  std::uint16_t tag;
  std::uint16_t permissions;
  std::uint32_t id;
};

std::string_view take_until(std::string_view& text, std::string_view stops) {
  const std::size_t end = std::min(text.find_first_of(stops), text.size());
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return taken;
}

std::optional<std::uint16_t> permissions_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  std::uint16_t permissions = 0;
  for (const char letter : text) {
    if (letter == 'r')
      permissions |= 4;
    else if (letter == 'w')
      permissions |= 2;
    else if (letter == 'x')
      permissions |= 1;
    else if (letter != '-')
      return std::nullopt;
  }
  return permissions;
}

/// star writes the number behind the permissions, others write it, or a name, as the qualifier.
std::optional<std::uint32_t> id_of(bool user, std::string_view qualifier, std::string_view number,
                                   OwnerNames& owners) {
  std::optional<std::uint64_t> id = decode_decimal(number.empty() ? qualifier : number);
  if (!id || !owners.numeric()) {
    const auto known = user ? owners.user_named(qualifier) : owners.group_named(qualifier);
    if (known) id = *known;
  }
  if (!id || *id >= no_id) return std::nullopt;
  return static_cast<std::uint32_t>(*id);
}

std::optional<Entry> decode_entry(std::string_view text, OwnerNames& owners) {
  std::string_view tag = take_until(text, ":");
  if (tag == "default" || tag == "d") tag = take_until(text, ":");
  const std::string_view qualifier = take_until(text, ":");
  const auto permissions = permissions_of(take_until(text, ":"));
  if (!permissions) return std::nullopt;
  const bool user = tag == "user" || tag == "u";
  const bool group = tag == "group" || tag == "g";
  if (tag == "mask" || tag == "m") return Entry{Tag::mask, *permissions, no_id};
  if (tag == "other" || tag == "o") return Entry{Tag::other, *permissions, no_id};
  if (!user && !group) return std::nullopt;
  if (qualifier.empty()) {
    return Entry{user ? Tag::user_object : Tag::group_object, *permissions, no_id};
  }
  const auto id = id_of(user, qualifier, text, owners);
  if (!id) return std::nullopt;
  return Entry{user ? Tag::named_user : Tag::named_group, *permissions, *id};
}

void append_le(std::vector<std::uint8_t>& bytes, std::size_t width, std::uint32_t value) {
  for (std::size_t i = 0; i < width; ++i, value >>= 8) {
    bytes.push_back(static_cast<std::uint8_t>(value));
  }
}

}  // namespace

std::optional<std::vector<std::uint8_t>> encode_acl(std::string_view text, OwnerNames& owners) {
  std::vector<Entry> entries;
  while (!text.empty()) {
    std::string_view line = take_until(text, ",\n");
    // getfacl's "#effective:..." comments.
    line = line.substr(0, std::min(line.find_first_of(" \t#"), line.size()));
    if (line.empty()) continue;
    const auto entry = decode_entry(line, owners);
    if (!entry) return std::nullopt;
    entries.push_back(*entry);
  }
  if (entries.empty()) return std::nullopt;
  // The kernel wants them in the order of their tags.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.tag, a.id) < std::tie(b.tag, b.id);
  });
  std::vector<std::uint8_t> bytes;
  append_le(bytes, 4, format_version);
  for (const Entry& entry : entries) {
    append_le(bytes, 2, entry.tag);
    append_le(bytes, 2, entry.permissions);
    append_le(bytes, 4, entry.id);
  }
  return bytes;
}

}  // namespace tidemark
