// SPDX-License-Identifier: Apache-2.0
#include "stream/member_reader.h"

#include <algorithm>

#include "stream/ustar_header.h"

namespace tidemark {

void MemberReader::expect(std::span<const std::uint64_t> header_offsets) {
  std::lock_guard lock(mutex_);
  expected_.insert(expected_.end(), header_offsets.begin(), header_offsets.end());
}

void MemberReader::take(std::uint64_t stream_offset, std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    switch (phase_) {
      case Phase::seeking:
        if (!seek(stream_offset, bytes)) return;
        break;
      case Phase::headers:
        read_headers(stream_offset, bytes);
        break;
      case Phase::map:
        read_map(stream_offset, bytes);
        break;
    }
  }
}

bool MemberReader::seek(std::uint64_t& stream_offset, std::span<const std::uint8_t>& bytes) {
  std::lock_guard lock(mutex_);
  const auto offset_of = [](std::uint64_t expected) { return expected & ~and_those_behind; };
  while (!expected_.empty() && offset_of(expected_.front()) < stream_offset) expected_.pop_front();
  if (expected_.empty()) return false;
  const std::uint64_t next = offset_of(expected_.front());
  if (next - stream_offset >= bytes.size()) return false;
  walks_ = (expected_.front() & and_those_behind) != 0;
  bytes = bytes.subspan(next - stream_offset);
  stream_offset = next;
  expected_.pop_front();
  headers_.restart();
  member_ = {};
  member_.header_offset = stream_offset;
  phase_ = Phase::headers;
  return true;
}

void MemberReader::read_headers(std::uint64_t& stream_offset,
                                std::span<const std::uint8_t>& bytes) {
  const std::size_t before = bytes.size();
  const PaxReader::State state = headers_.feed(bytes);
  stream_offset += before - bytes.size();
  if (state == PaxReader::State::more) return;
  phase_ = Phase::seeking;
  if (state == PaxReader::State::damaged) return;
  const MemberHeader& header = headers_.member();
  member_.path = header.path;
  member_.data_offset = stream_offset;
  member_.archived_bytes = header.archived_bytes;
  member_.end_offset = stream_offset + *padded_to_tar_block(header.archived_bytes);
  if (!header.sparse) return complete();
  member_.sparse_real_bytes = header.real_bytes;
  map_.emplace(header.archived_bytes, header.real_bytes);
  phase_ = Phase::map;
}

void MemberReader::read_map(std::uint64_t& stream_offset, std::span<const std::uint8_t>& bytes) {
  const std::size_t before = bytes.size();
  const SparseMapReader::State state = map_->feed(bytes);
  stream_offset += before - bytes.size();
  if (state == SparseMapReader::State::more) return;
  phase_ = Phase::seeking;
  if (state == SparseMapReader::State::damaged) return;
  // GNU tar knows the map only once the first block of data behind it is complete.
  const std::uint64_t map_bytes = stream_offset - member_.data_offset;
  const std::uint64_t data_bytes = member_.archived_bytes - map_bytes;
  member_.first_data_end_offset = stream_offset + std::min<std::uint64_t>(tar_block, data_bytes);
  complete();
}

void MemberReader::complete() {
  if (walks_) {
    std::lock_guard lock(mutex_);
    const bool is_next_nearer =
        !expected_.empty() && (expected_.front() & ~and_those_behind) <= member_.end_offset;
    if (!is_next_nearer) expected_.push_front(member_.end_offset | and_those_behind);
  }
  index_.add(std::move(member_));
}

}  // namespace tidemark
