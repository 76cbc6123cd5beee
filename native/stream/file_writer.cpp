// SPDX-License-Identifier: Apache-2.0
#include "stream/file_writer.h"
#include "transport/unique_fd.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace tidemark {

FileWriter::FileWriter(UniqueFd file, const MemberHeader& header)
    : file_(std::move(file)), real_bytes_(header.real_bytes) {
  if (header.sparse) map_.emplace(header.archived_bytes, header.real_bytes);
}

Problem FileWriter::write(std::span<const std::uint8_t> bytes) {
  if (!map_) {
    auto problem = write_at(offset_, bytes);
    offset_ += bytes.size();
    return problem;
  }
  if (!map_complete_) {
    const SparseMapReader::State state = map_->feed(bytes);
    if (state == SparseMapReader::State::damaged) return "its sparse map is damaged";
    map_complete_ = state == SparseMapReader::State::complete;
  }
  return map_complete_ ? write_stretches(bytes) : std::nullopt;
}

Problem FileWriter::write_stretches(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty() && stretch_ < map_->stretches().size()) {
    const SparseMapReader::Stretch& stretch = map_->stretches()[stretch_];
    const std::size_t taken =
        std::min<std::uint64_t>(stretch.bytes - written_of_stretch_, bytes.size());
    if (auto problem = write_at(stretch.offset + written_of_stretch_, bytes.first(taken))) {
      return problem;
    }
    bytes = bytes.subspan(taken);
    written_of_stretch_ += taken;
    if (written_of_stretch_ == stretch.bytes) {
      ++stretch_;
      written_of_stretch_ = 0;
    }
  }
  return std::nullopt;
}

Problem FileWriter::write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t written =
        pwrite(file_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_problem("write it", errno);
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return std::nullopt;
}

Problem FileWriter::finish() {
  if (!map_) return std::nullopt;
  if (!map_complete_) return "its sparse map is damaged";
  if (ftruncate(file_.get(), static_cast<off_t>(real_bytes_)) == 0) return std::nullopt;
  return errno_problem("set its length", errno);
}

Problem FileWriter::close() {
  if (file_.close() == 0) return std::nullopt;
  return errno_problem("close it", errno);
}

}  // namespace tidemark
