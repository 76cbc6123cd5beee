// SPDX-License-Identifier: Apache-2.0
#include "transport/json_cursor.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace tidemark {
namespace {

void append_utf8(std::string& value, std::uint32_t code) {
  if (code < 0x80) {
    value += static_cast<char>(code);
  } else if (code < 0x800) {
    value += static_cast<char>(0xC0 | code >> 6);
    value += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    value += static_cast<char>(0xE0 | code >> 12);
    value += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    value += static_cast<char>(0x80 | (code & 0x3F));
  }
}

}  // namespace

void JsonCursor::fail(const std::string& problem) {
  if (!ok()) return;
  const auto before = text_.substr(0, position_);
  const auto line_end = before.rfind('\n');
  const auto line_begin = line_end == std::string_view::npos ? 0 : line_end + 1;
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  problem_ = problem + (line > 1 ? " in line " + std::to_string(line) : std::string()) +
             " at column " + std::to_string(position_ - line_begin + 1);
}

void JsonCursor::skip_space() {
  while (position_ < text_.size() && (text_[position_] == ' ' || text_[position_] == '\t' ||
                                      text_[position_] == '\r' || text_[position_] == '\n')) {
    ++position_;
  }
}

bool JsonCursor::accept(char wanted) {
  if (!ok()) return false;
  skip_space();
  if (position_ >= text_.size() || text_[position_] != wanted) return false;
  ++position_;
  return true;
}

void JsonCursor::expect(char wanted) {
  if (!accept(wanted)) fail(std::string("expected ") + wanted);
}

void JsonCursor::object(const std::function<void(const std::string& name)>& member) {
  expect('{');
  if (accept('}')) return;
  while (ok()) {
    const auto name = string();
    expect(':');
    if (ok()) member(name);
    if (accept('}')) return;
    expect(',');
  }
}

void JsonCursor::array(const std::function<void()>& element) {
  expect('[');
  if (accept(']')) return;
  while (ok()) {
    element();
    if (accept(']')) return;
    expect(',');
  }
}

bool JsonCursor::is_at(char wanted) {
  skip_space();
  return ok() && position_ < text_.size() && text_[position_] == wanted;
}

std::string JsonCursor::string() {
  std::string value;
  expect('"');
  while (ok()) {
    // Hexadecimal data is long and has nothing to unescape: it is taken in one piece.
    const auto stop = text_.find_first_of("\"\\", position_);
    if (stop == std::string_view::npos) {
      position_ = text_.size();
      fail("a string without its end");
      break;
    }
    value.append(text_.substr(position_, stop - position_));
    position_ = stop + 1;
    if (text_[stop] == '"') return value;
    escape(value);
  }
  return {};
}

void JsonCursor::escape(std::string& value) {
  const char kind = position_ < text_.size() ? text_[position_++] : '\0';
  switch (kind) {
    case '"':
    case '\\':
    case '/':
      value += kind;
      break;
    case 'n':
      value += '\n';
      break;
    case 't':
      value += '\t';
      break;
    case 'r':
      value += '\r';
      break;
    case 'b':
      value += '\b';
      break;
    case 'f':
      value += '\f';
      break;
    case 'u':
      code_point(value);
      break;
    default:
      fail("an unknown escape");
  }
}

void JsonCursor::code_point(std::string& value) {
  const auto digits = text_.substr(std::min(position_, text_.size()), 4);
  std::uint16_t code = 0;
  const auto* end = digits.data() + digits.size();
  const auto [stopped, error] = std::from_chars(digits.data(), end, code, 16);
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (digits.size() != 4 || error != std::errc() || stopped != end || is_surrogate) {
    fail("an unknown escape");
    return;
  }
  position_ += 4;
  append_utf8(value, code);
}

std::int64_t JsonCursor::integer() {
  if (!ok()) return 0;
  skip_space();
  const auto rest = text_.substr(position_);
  std::int64_t value = 0;
  const auto [stopped, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error != std::errc()) {
    fail("expected an integer");
    return 0;
  }
  position_ += static_cast<std::size_t>(stopped - rest.data());
  return value;
}

double JsonCursor::number() {
  if (!ok()) return 0;
  skip_space();
  const auto rest = text_.substr(position_);
  double value = 0;
  // from_chars would take "inf" and "nan" too, which are no JSON, and a lone ".5".
  const bool begins = !rest.empty() && (rest[0] == '-' || (rest[0] >= '0' && rest[0] <= '9'));
  const auto [stopped, error] = std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (!begins || error != std::errc() || !std::isfinite(value)) {
    fail("expected a number");
    return 0;
  }
  position_ += static_cast<std::size_t>(stopped - rest.data());
  return value;
}

bool JsonCursor::boolean() {
  if (!ok()) return false;
  skip_space();
  for (const bool value : {true, false}) {
    const std::string_view name = value ? "true" : "false";
    if (!text_.substr(position_).starts_with(name)) continue;
    position_ += name.size();
    return value;
  }
  fail("expected true or false");
  return false;
}

void JsonCursor::end() {
  skip_space();
  if (position_ != text_.size()) fail("something follows the object");
}

}  // namespace tidemark
