// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// The short text form of what a decoder gave: `key=3 asc=0c eom`. What is zero, false, empty or
/// absent is left out; an optional value that is there is written even if it is zero.
class AnswerText {
 public:
  AnswerText& number(std::string_view name, std::int64_t value) {
    return value == 0 ? *this : add(name, std::to_string(value));
  }
  AnswerText& hex(std::string_view name, std::uint64_t value) {
    return value == 0 ? *this : add(name, hex_digits(value));
  }
  AnswerText& flag(std::string_view name, bool value) { return value ? word(name) : *this; }
  template <std::integral T>
  AnswerText& optional(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, std::to_string(*value)) : *this;
  }
  AnswerText& string(std::string_view name, std::string_view value) {
    return value.empty() ? *this : add(name, quoted(value));
  }
  AnswerText& optional(std::string_view name, const std::optional<std::string>& value) {
    return value ? add(name, quoted(*value)) : *this;
  }
  AnswerText& bytes(std::string_view name, Bytes value) {
    return value.empty() ? *this : add(name, hexadecimal(value));
  }
  /// What `text_of` gives for each item.
  template <typename List, typename TextOf>
  AnswerText& list(std::string_view name, const List& items, TextOf text_of) {
    std::string joined;
    for (const auto& item : items) joined += (joined.empty() ? "" : "; ") + text_of(item);
    return add(name, "[" + joined + "]");
  }
  AnswerText& group(std::string_view name, const std::string& inner) {
    return add(name, "{" + inner + "}");
  }

  [[nodiscard]] std::string done() const { return text_.empty() ? "zero" : text_; }

  static std::string hex_digits(std::uint64_t value) {
    std::uint8_t raw[8];
    store_be64(raw, 0, value);
    const auto digits = hexadecimal(raw);
    const auto first = digits.find_first_not_of('0');
    return first == std::string::npos ? "0" : digits.substr(first);
  }

 private:
  AnswerText& word(std::string_view text) {
    if (!text_.empty()) text_ += ' ';
    text_ += text;
    return *this;
  }
  AnswerText& add(std::string_view name, const std::string& value) {
    word(name);
    if (!name.empty()) text_ += '=';
    text_ += value;
    return *this;
  }
  /// Devices may send any byte where text should be; `|` separates the fields of a case.
  static std::string quoted(std::string_view value) {
    std::string text = "\"";
    for (const char character : value) {
      const auto byte = static_cast<std::uint8_t>(character);
      const bool plain = byte >= 0x20 && byte < 0x7F && character != '"' && character != '|';
      text += plain ? std::string(1, character) : "\\x" + hexadecimal(std::span(&byte, 1));
    }
    return text + "\"";
  }

  std::string text_;
};

inline std::string hex_of(std::uint64_t value) { return AnswerText::hex_digits(value); }

/// One decoder as the cases of bad answers and the fuzzers use it.
struct Parser {
  std::string_view name;
  /// The text form; `none` where it is no such answer.
  std::string (*text)(Bytes);
  /// Whether what was decoded is the same after encoding and decoding it again.
  bool (*round_trips)(Bytes);
};

template <auto Decode, auto TextOf>
std::string decoded_text(Bytes bytes) {
  const auto decoded = Decode(bytes);
  return decoded ? TextOf(*decoded) : "none";
}

template <auto Decode, auto Encode>
bool decodes_as_encoded(Bytes bytes) {
  const auto decoded = Decode(bytes);
  if (!decoded) return true;
  const auto again = Decode(Encode(*decoded));
  return again && *again == *decoded;
}

/// The same bytes for every decoder of a family: what one of them decodes, whatever it is, must be
/// the same after encoding and decoding it again.
inline bool all_round_trip(std::span<const Parser> parsers, Bytes answer) {
  for (const auto& parser : parsers) {
    if (!parser.round_trips(answer)) return false;
  }
  return true;
}

}  // namespace tidemark::scsi
