// SPDX-License-Identifier: Apache-2.0
#include "transport/replay.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace tidemark {
namespace {

constexpr std::size_t chunk_bytes = 65536;
/// The largest transfer of a 6-byte command, twice in hexadecimal, and the rest of a line.
constexpr std::size_t longest_line = std::size_t{72} << 20;

bool is_same(const Command& command, const TraceLine& line) {
  const auto cdb = command.cdb.view();
  return std::equal(cdb.begin(), cdb.end(), line.cdb.begin(), line.cdb.end());
}

Result refused(const Command& command, std::string detail) {
  Result result;
  result.command = command.cdb.name;
  result.error_number = EPROTO;
  result.detail = std::move(detail);
  return result;
}

/// The recorded answer. What the recording does not have is not claimed to have been transferred.
Result answer(const Command& command, const TraceLine& line) {
  auto result = line.result;
  result.command = command.cdb.name;
  if (command.data_in.empty()) return result;
  std::size_t copied = 0;
  if (line.data_in && line.data_in->bytes) {
    const auto& bytes = *line.data_in->bytes;
    copied = std::min(bytes.size(), command.data_in.size());
    std::copy_n(bytes.begin(), copied, command.data_in.begin());
  }
  const auto missing = static_cast<std::int64_t>(command.data_in.size() - copied);
  if (result.residual >= 0 || missing > 0) result.residual = std::max(result.residual, missing);
  return result;
}

}  // namespace

ReplayTransport::Read ReplayTransport::read_text(std::string& problem) {
  for (;;) {
    if (const auto end = waiting_.find('\n'); end != std::string::npos) {
      text_ = waiting_.substr(0, end);
      waiting_.erase(0, end + 1);
      ++line_number_;
      return Read::line;
    }
    if (waiting_.size() > longest_line) {
      problem = "line " + std::to_string(line_number_ + 1) + " of the recording " + path_ +
                " is longer than any can be";
      damage_ = problem;
      return Read::failed;
    }
    const auto size = waiting_.size();
    waiting_.resize(size + chunk_bytes);
    const auto got = ::read(file_.get(), waiting_.data() + size, chunk_bytes);
    const int error_number = errno;
    waiting_.resize(size + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got > 0 || (got < 0 && error_number == EINTR)) continue;
    if (got < 0) {
      problem = "cannot read the recording " + path_ + ": " + std::strerror(error_number);
      return Read::failed;
    }
    if (waiting_.empty()) return Read::end;
    waiting_ += '\n';  // the last line may come without
  }
}

bool ReplayTransport::read_next(std::string& problem) {
  if (next_) return true;
  problem = damage_;
  if (!problem.empty()) return false;
  if (!file_) file_ = UniqueFd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file_) {
    problem = "cannot open the recording " + path_ + ": " + std::strerror(errno);
    return false;
  }
  switch (read_text(problem)) {
    case Read::failed:
      return false;
    case Read::end:
      problem = "the recording " + path_ + " ends here, after line " + std::to_string(line_number_);
      return false;
    case Read::line:
      break;
  }
  auto decoded = decode_trace_line(text_);
  if (!decoded.line) {
    problem = "line " + std::to_string(line_number_) + " of the recording " + path_ +
              " is damaged: " + decoded.problem;
    damage_ = problem;
    return false;
  }
  next_ = std::move(decoded.line);
  return true;
}

Result ReplayTransport::execute(const Command& command) {
  std::string problem;
  if (!read_next(problem)) return refused(command, std::move(problem));
  const auto place = " (line " + std::to_string(line_number_) + ")";
  if (!is_same(command, *next_)) {
    return refused(command, "the recording " + path_ + " has " + next_->command + " " +
                                hexadecimal(next_->cdb) + " here, not " + command.cdb.name + " " +
                                hexadecimal(command.cdb.view()) + place);
  }
  if (next_->data_in && !next_->data_in->bytes) {
    return refused(command, path_ + " has only the length of what " + command.cdb.name +
                                " read: it is a trace, not a recording" + place);
  }
  auto result = answer(command, *next_);
  next_.reset();
  return result;
}

}  // namespace tidemark
