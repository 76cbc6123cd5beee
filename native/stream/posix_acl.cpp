// SPDX-License-Identifier: Apache-2.0
#include "stream/posix_acl.h"

#include <string_view>

namespace tidemark {
namespace {

/// linux/posix_acl_xattr.h: a version, then entries of tag u16, permissions u16, id u32,
/// little-endian.
constexpr std::uint32_t format_version = 2;
constexpr std::size_t header_size = 4;
constexpr std::size_t entry_size = 8;

std::uint32_t load_le(std::span<const std::uint8_t> bytes, std::size_t offset, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i > 0; --i) value = value << 8 | bytes[offset + i - 1];
  return value;
}

struct TagText {
  std::uint32_t tag;
  std::string_view text;
  bool named;
};
constexpr TagText tag_texts[] = {
    {0x01, "user:", false}, {0x02, "user:", true},  {0x04, "group:", false},
    {0x08, "group:", true}, {0x10, "mask:", false}, {0x20, "other:", false},
};

const TagText* tag_text(std::uint32_t tag) {
  for (const TagText& known : tag_texts) {
    if (known.tag == tag) return &known;
  }
  return nullptr;
}

}  // namespace

std::optional<std::string> decode_acl(std::span<const std::uint8_t> attribute) {
  const std::size_t size = attribute.size();
  if (size < header_size + entry_size || (size - header_size) % entry_size != 0)
    return std::nullopt;
  if (load_le(attribute, 0, 4) != format_version) return std::nullopt;
  std::string text;
  for (std::size_t at = header_size; at < size; at += entry_size) {
    const TagText* tag = tag_text(load_le(attribute, at, 2));
    const std::uint32_t permissions = load_le(attribute, at + 2, 2);
    if (tag == nullptr || permissions > 7) return std::nullopt;
    if (!text.empty()) text += ',';
    text += tag->text;
    if (tag->named) text += std::to_string(load_le(attribute, at + 4, 4));
    text += ':';
    text += (permissions & 4) != 0 ? 'r' : '-';
    text += (permissions & 2) != 0 ? 'w' : '-';
    text += (permissions & 1) != 0 ? 'x' : '-';
  }
  return text;
}

}  // namespace tidemark
