// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace tidemark {

/// Reads CBOR (RFC 8949) of definite lengths. After the first item that is not what was asked for,
/// or not whole, it stands where it stood before that item.
class CborReader {
 public:
  explicit CborReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

  bool at_end() const { return at_ == bytes_.size(); }
  /// Bytes before the next item.
  std::size_t position() const { return at_; }

  [[nodiscard]] bool array(std::uint64_t& items) { return head(major_array, items); }
  [[nodiscard]] bool uint(std::uint64_t& value) { return head(major_uint, value); }
  /// A view of the byte string.
  [[nodiscard]] bool bytes(std::span<const std::uint8_t>& value);
  [[nodiscard]] bool null() { return simple(0xf6); }
  [[nodiscard]] bool boolean(bool& value);
  /// Any item, with all that it holds.
  [[nodiscard]] bool skip() { return skip(deepest); }

 private:
  static constexpr unsigned major_uint = 0;
  static constexpr unsigned major_bytes = 2;
  static constexpr unsigned major_array = 4;
  static constexpr int deepest = 64;

  struct Head {
    unsigned major;
    std::uint64_t value;
    std::size_t end;
  };

  bool peek(Head& head) const;
  bool head(unsigned major, std::uint64_t& value);
  bool simple(std::uint8_t initial);
  bool skip(int depth);
  bool skip_items(const Head& head, int depth);

  std::span<const std::uint8_t> bytes_;
  std::size_t at_ = 0;
};

}  // namespace tidemark
