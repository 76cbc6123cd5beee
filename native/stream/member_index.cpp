// SPDX-License-Identifier: Apache-2.0
#include "stream/member_index.h"

#include <utility>

namespace tidemark {

void MemberIndex::add(IndexedMember&& member) {
  std::lock_guard lock(mutex_);
  const std::uint64_t offset = member.header_offset;
  members_.insert_or_assign(offset, std::move(member));
}

std::optional<IndexedMember> MemberIndex::find(std::uint64_t stream_offset) const {
  std::lock_guard lock(mutex_);
  auto after = members_.upper_bound(stream_offset);
  if (after == members_.begin()) return std::nullopt;
  const IndexedMember& member = (--after)->second;
  if (stream_offset >= member.end_offset) return std::nullopt;
  return member;
}

void MemberIndex::forget(std::uint64_t stream_offset) {
  std::lock_guard lock(mutex_);
  while (!members_.empty() && members_.begin()->second.end_offset < stream_offset) {
    members_.erase(members_.begin());
  }
}

}  // namespace tidemark
