// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace tidemark {

/// Reads the JSON (RFC 8259) that traces and fault plans consist of; the caller says at each place
/// what must stand there, so that nothing is nested deeper than the caller follows. The first fault
/// is kept, and everything after it yields nothing; the caller asks for `problem()` once.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : text_(text) {}

  /// Calls `member(name)` for each member; it must consume the value.
  void object(const std::function<void(const std::string& name)>& member);
  /// Calls `element()` for each element; it must consume the value.
  void array(const std::function<void()>& element);
  [[nodiscard]] std::string string();
  [[nodiscard]] std::int64_t integer();
  /// Any number, finite.
  [[nodiscard]] double number();
  [[nodiscard]] bool boolean();
  /// The next value is an object, or a string.
  [[nodiscard]] bool at_object() { return is_at('{'); }
  [[nodiscard]] bool at_string() { return is_at('"'); }
  /// Nothing but white space may follow.
  void end();

  void fail(const std::string& problem);
  [[nodiscard]] bool ok() const { return problem_.empty(); }
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void skip_space();
  [[nodiscard]] bool is_at(char wanted);
  [[nodiscard]] bool accept(char wanted);
  void expect(char wanted);
  void escape(std::string& value);
  void code_point(std::string& value);

  std::string_view text_;
  std::size_t position_ = 0;
  std::string problem_;
};

}  // namespace tidemark
