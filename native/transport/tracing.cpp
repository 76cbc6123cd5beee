// SPDX-License-Identifier: Apache-2.0
#include "transport/tracing.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace tidemark {

TracingTransport::TracingTransport(std::unique_ptr<Transport> inner, std::string path,
                                   TraceData data)
    : TransportDecorator(std::move(inner)), path_(std::move(path)), data_(data) {}

bool TracingTransport::write(const std::string& line) {
  // One call a line: with O_APPEND the lines of several devices do not mix in one file.
  ssize_t written;
  do {
    written = ::write(file_.get(), line.data(), line.size());
  } while (written < 0 && errno == EINTR);
  if (written >= 0 && static_cast<std::size_t>(written) < line.size()) errno = ENOSPC;
  return written == static_cast<ssize_t>(line.size());
}

Result TracingTransport::execute(const Command& command) {
  if (!file_ && !ended_) {
    file_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!file_) {
      Result refused;
      refused.command = command.cdb.name;
      refused.error_number = errno;
      refused.detail = "cannot open the trace file " + path_ + ": " + std::strerror(errno);
      return refused;
    }
  }
  auto result = inner().execute(command);
  if (ended_ || write(encode_trace_line(command, result, data_))) return result;
  ended_ = true;
  if (!result.detail.empty()) result.detail += "; ";
  result.detail += "the trace file " + path_ + " cannot be written (" + std::strerror(errno) +
                   "): tracing has ended";
  file_.reset();
  return result;
}

}  // namespace tidemark
