// SPDX-License-Identifier: Apache-2.0
#include "stream/member_fill.h"

#include <algorithm>
#include <cstring>

namespace tidemark {

std::span<std::uint8_t> MemberFill::room(std::uint64_t wanted) {
  if (position_ >= ring_.space_end()) {
    publish();
    if (!ring_.wait_for_space(position_ + 1)) return {};
  }
  const std::uint64_t bytes = std::min(wanted, ring_.space_end() - position_);
  return {ring_.at(position_), static_cast<std::size_t>(bytes)};
}

bool MemberFill::write(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::span<std::uint8_t> here = room(bytes.size());
    if (here.empty()) return false;
    std::memcpy(here.data(), bytes.data(), here.size());
    advance(here.size());
    bytes = bytes.subspan(here.size());
  }
  return true;
}

bool MemberFill::zero_until(std::uint64_t end_offset) {
  while (position_ < end_offset) {
    const std::span<std::uint8_t> here = room(end_offset - position_);
    if (here.empty()) return false;
    std::memset(here.data(), 0, here.size());
    advance(here.size());
  }
  return true;
}

void MemberFill::publish() {
  if (position_ == published_) return;
  ring_.filled(published_, position_ - published_);
  published_ = position_;
}

}  // namespace tidemark
