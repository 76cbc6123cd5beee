// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tidemark {

/// What kept an object from being restored as it was, for the report: half a sentence, without the
/// path.
using Problem = std::optional<std::string>;

/// "cannot WHAT: No space left on device".
[[nodiscard]] std::string errno_problem(std::string_view what, int error_number);

/// The first one counts.
inline void note(Problem& first, Problem next) {
  if (!first) first = std::move(next);
}

}  // namespace tidemark
