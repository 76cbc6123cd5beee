// SPDX-License-Identifier: Apache-2.0
#include "simulator/key_table.h"

#include <algorithm>
#include <array>

#include "simulator/hex_text.h"
#include "simulator/text_file.h"

namespace tidemark::simulator {

std::uint32_t KeyTable::number_of(const BlockKey& key) {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  const auto index = found - keys_.begin();
  if (found == keys_.end()) keys_.push_back(key);
  return static_cast<std::uint32_t>(index + 1);
}

const BlockKey* KeyTable::find(std::uint32_t number) const {
  return number >= 1 && number <= keys_.size() ? &keys_[number - 1] : nullptr;
}

std::string KeyTable::to_text() const {
  std::string text;
  for (const auto& key : keys_) {
    text += "key " + hex_text(key.fingerprint) + " " + hex_text(key.unauthenticated) + " " +
            hex_text(key.authenticated) + "\n";
  }
  return text;
}

std::optional<KeyTable> KeyTable::parse(std::string_view text) {
  KeyTable table;
  for (const auto& [name, value] : parse_pairs(text)) {
    std::string_view rest = value;
    std::array<std::vector<std::uint8_t>, 3> parts;
    for (auto& part : parts) {
      const auto space = rest.find(' ');
      auto bytes = parse_hex(rest.substr(0, space));
      if (!bytes || name != "key") return std::nullopt;
      part = std::move(*bytes);
      rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    }
    table.keys_.push_back({parts[0], parts[1], parts[2]});
  }
  return table;
}

}  // namespace tidemark::simulator
