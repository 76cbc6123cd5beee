// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "transport/transport.h"

namespace tidemark {

/// One data phase in a trace: the bytes, or only how many there were.
struct TracedData {
  std::uint64_t length = 0;
  /// Nothing where they were only counted.
  std::optional<std::vector<std::uint8_t>> bytes;
};

/// One line of a trace: a command and what became of it, as JSON (docs/reference/trace.md).
struct TraceLine {
  std::string command;
  std::vector<std::uint8_t> cdb;
  std::optional<TracedData> data_out;
  std::optional<TracedData> data_in;
  /// Of `result` the name of the command is not set.
  Result result;
};

struct TraceLineOutcome {
  std::optional<TraceLine> line;
  /// What is wrong with the text; empty where `line` is there.
  std::string problem;
};

/// Which data of a command a trace shows.
enum class TraceData : std::uint8_t {
  /// That of READ and WRITE is only counted: a trace, small and without anybody's files in it.
  counted,
  /// All: a recording, which can be played back.
  all
};

/// The line for a command, with its line feed. The data of SECURITY PROTOCOL OUT - keys - is never
/// in it.
[[nodiscard]] std::string encode_trace_line(const Command& command, const Result& result,
                                            TraceData data);

/// Takes a line without its line feed, of exactly the fields that encode_trace_line writes, in any
/// order.
[[nodiscard]] TraceLineOutcome decode_trace_line(std::string_view text);

[[nodiscard]] std::string hexadecimal(std::span<const std::uint8_t> bytes);

}  // namespace tidemark
