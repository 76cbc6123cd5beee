// SPDX-License-Identifier: Apache-2.0
#include "stream/container_hash.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tidemark {

void ContainerHash::restart() {
  stream_.restart();
  waiting_.clear();
  entries_ = 0;
}

void ContainerHash::add(std::string_view name, const Fingerprint& fingerprint) {
  if (waiting_.empty()) {
    take(name, fingerprint);
  } else {
    waiting_.push_back({name, fingerprint, true});
  }
}

std::size_t ContainerHash::hold_place(std::string_view name) {
  waiting_.push_back({name, Fingerprint{}, false});
  return waiting_.size() - 1;
}

void ContainerHash::fill_place(std::size_t place, const Fingerprint& fingerprint) {
  waiting_[place].fingerprint = fingerprint;
  waiting_[place].archived = true;
}

Digest128 ContainerHash::finish() {
  for (const Waiting& entry : waiting_) {
    if (entry.archived) take(entry.name, entry.fingerprint);
  }
  waiting_.clear();
  return stream_.digest();
}

/// Names have at most 255 bytes (NAME_MAX), so an entry is put together on the stack.
void ContainerHash::take(std::string_view name, const Fingerprint& fingerprint) {
  std::array<std::uint8_t, 2 + 256 + Fingerprint::size> entry;
  const std::size_t length = std::min<std::size_t>(name.size(), 256);
  entry[0] = static_cast<std::uint8_t>(length >> 8);
  entry[1] = static_cast<std::uint8_t>(length);
  std::memcpy(entry.data() + 2, name.data(), length);
  const Fingerprint as_entry = fingerprint.as_entry();
  std::memcpy(entry.data() + 2 + length, as_entry.bytes.data(), Fingerprint::size);
  stream_.update({entry.data(), 2 + length + Fingerprint::size});
  ++entries_;
}

}  // namespace tidemark
