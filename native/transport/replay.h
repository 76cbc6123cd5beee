// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "transport/trace_line.h"
#include "transport/transport.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Plays a recording back: each command must be the recorded one and gets its answer. Another
/// command is refused, and the place in the recording stays where it is.
class ReplayTransport : public Transport {
 public:
  explicit ReplayTransport(std::string path) : path_(std::move(path)) {}

  Result execute(const Command& command) override;

 private:
  enum class Read : std::uint8_t { line, end, failed };
  /// One line of the file, without its line feed, into `text_`.
  Read read_text(std::string& problem);
  /// Fills `next_`; false, and the reason, where there is no line any more.
  bool read_next(std::string& problem);

  std::string path_;
  UniqueFd file_;
  /// What was read from the file and is not a line yet.
  std::string waiting_;
  std::string text_;
  std::uint64_t line_number_ = 0;
  std::optional<TraceLine> next_;
  /// Why nothing more can be played back: past a damaged line every answer would be a guess.
  std::string damage_;
};

}  // namespace tidemark
