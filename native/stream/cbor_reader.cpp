// SPDX-License-Identifier: Apache-2.0
#include "stream/cbor_reader.h"

namespace tidemark {
namespace {

constexpr unsigned major_text = 3;
constexpr unsigned major_map = 5;
constexpr unsigned major_tag = 6;

}  // namespace

bool CborReader::peek(Head& head) const {
  if (at_ >= bytes_.size()) return false;
  const std::uint8_t initial = bytes_[at_];
  head.major = initial >> 5;
  const unsigned information = initial & 31u;
  head.value = information;
  head.end = at_ + 1;
  if (information < 24) return true;
  // 28 to 30 are reserved, 31 begins an item of indefinite length.
  if (information > 27) return false;
  const std::size_t width = std::size_t{1} << (information - 24);
  if (bytes_.size() - head.end < width) return false;
  head.value = 0;
  for (std::size_t i = 0; i < width; ++i) head.value = head.value << 8 | bytes_[head.end + i];
  head.end += width;
  return true;
}

bool CborReader::head(unsigned major, std::uint64_t& value) {
  Head head;
  if (!peek(head) || head.major != major) return false;
  value = head.value;
  at_ = head.end;
  return true;
}

bool CborReader::bytes(std::span<const std::uint8_t>& value) {
  Head head;
  if (!peek(head) || head.major != major_bytes || bytes_.size() - head.end < head.value) {
    return false;
  }
  const auto length = static_cast<std::size_t>(head.value);
  value = bytes_.subspan(head.end, length);
  at_ = head.end + length;
  return true;
}

bool CborReader::boolean(bool& value) {
  value = simple(0xf5);
  return value || simple(0xf4);
}

bool CborReader::simple(std::uint8_t initial) {
  if (at_ >= bytes_.size() || bytes_[at_] != initial) return false;
  ++at_;
  return true;
}

bool CborReader::skip(int depth) {
  Head head;
  if (depth == 0 || !peek(head)) return false;
  const std::size_t before = at_;
  at_ = head.end;
  if (head.major == major_bytes || head.major == major_text) {
    if (bytes_.size() - at_ >= head.value) {
      at_ += static_cast<std::size_t>(head.value);
      return true;
    }
    at_ = before;
    return false;
  }
  if (skip_items(head, depth)) return true;
  at_ = before;
  return false;
}

/// What is inside an item whose head was read.
bool CborReader::skip_items(const Head& head, int depth) {
  const std::uint64_t each = head.major == major_map ? 2 : 1;
  const bool holds_items =
      head.major == major_array || head.major == major_map || head.major == major_tag;
  const std::uint64_t items = head.major == major_tag ? 1 : head.value;
  for (std::uint64_t i = 0; holds_items && i < items; ++i) {
    for (std::uint64_t j = 0; j < each; ++j) {
      if (!skip(depth - 1)) return false;
    }
  }
  return true;
}

}  // namespace tidemark
