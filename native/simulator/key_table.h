// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::simulator {

/// What a block that was written encrypted tells of its key: not the key, but what only the same
/// key gives, and the key-associated data that go with it in the clear.
struct BlockKey {
  std::vector<std::uint8_t> fingerprint;
  std::vector<std::uint8_t> unauthenticated;
  std::vector<std::uint8_t> authenticated;

  bool operator==(const BlockKey&) const = default;
};

/// The keys that the blocks of a cartridge were encrypted with, numbered from 1 in the order in
/// which they came. Entries are never taken away: an overwritten block may have been the only one,
/// and a number would then mean something else.
class KeyTable {
 public:
  /// The number of this key, which is added where it is new.
  [[nodiscard]] std::uint32_t number_of(const BlockKey& key);
  /// Null where there is no such number.
  [[nodiscard]] const BlockKey* find(std::uint32_t number) const;
  [[nodiscard]] std::size_t size() const { return keys_.size(); }

  /// One line a key: `key FINGERPRINT UNAUTHENTICATED AUTHENTICATED`, in hexadecimal digits.
  [[nodiscard]] std::string to_text() const;
  [[nodiscard]] static std::optional<KeyTable> parse(std::string_view text);

 private:
  std::vector<BlockKey> keys_;
};

}  // namespace tidemark::simulator
