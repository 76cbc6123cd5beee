// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace tidemark {

/// Writes CBOR (RFC 8949) with definite lengths and the shortest heads: the few kinds of items that
/// persistent records consist of. The caller has made sure that there is room: at most 9 bytes for
/// each head, and the content of byte strings.
class CborWriter {
 public:
  static constexpr std::size_t largest_head = 9;

  explicit CborWriter(std::uint8_t* to) : at_(to) {}

  void array(std::uint64_t items) { head(4, items); }
  void uint(std::uint64_t value) { head(0, value); }
  void bytes(std::span<const std::uint8_t> value) {
    head(2, value.size());
    if (!value.empty()) std::memcpy(at_, value.data(), value.size());
    at_ += value.size();
  }
  void bytes(std::string_view value) {
    bytes({reinterpret_cast<const std::uint8_t*>(value.data()), value.size()});
  }
  void boolean(bool value) { *at_++ = value ? 0xf5 : 0xf4; }
  void null() { *at_++ = 0xf6; }

  std::uint8_t* end() const { return at_; }

 private:
  void head(unsigned major, std::uint64_t value) {
    const auto type = static_cast<std::uint8_t>(major << 5);
    if (value < 24) {
      *at_++ = static_cast<std::uint8_t>(type | value);
    } else if (value <= 0xff) {
      argument<1>(type | 24, value);
    } else if (value <= 0xffff) {
      argument<2>(type | 25, value);
    } else if (value <= 0xffff'ffff) {
      argument<4>(type | 26, value);
    } else {
      argument<8>(type | 27, value);
    }
  }

  template <int width>
  void argument(int initial, std::uint64_t value) {
    *at_++ = static_cast<std::uint8_t>(initial);
    for (int shift = (width - 1) * 8; shift >= 0; shift -= 8) {
      *at_++ = static_cast<std::uint8_t>(value >> shift);
    }
  }

  std::uint8_t* at_;
};

}  // namespace tidemark
