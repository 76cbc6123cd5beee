// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "transport/decorator.h"
#include "transport/trace_line.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Appends one line to a file for each command. The file is created for its owner alone: device
/// answers tell serial numbers, a recording holds what is on the tape.
class TracingTransport : public TransportDecorator {
 public:
  /// The file is opened with the first command; where that fails no command is sent, for a trace
  /// that was asked for and is not there would be missed only when it is needed.
  TracingTransport(std::unique_ptr<Transport> inner, std::string path, TraceData data);

  /// Where a line cannot be written the command's result stands, tracing ends, and `detail` says so
  /// once: work on a tape does not stop for a full disk.
  Result execute(const Command& command) override;

 private:
  [[nodiscard]] bool write(const std::string& line);

  std::string path_;
  TraceData data_;
  UniqueFd file_;
  bool ended_ = false;
};

}  // namespace tidemark
