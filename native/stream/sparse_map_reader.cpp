// SPDX-License-Identifier: Apache-2.0
#include "stream/sparse_map_reader.h"

#include "stream/ustar_header.h"

namespace tidemark {

SparseMapReader::State SparseMapReader::feed(std::span<const std::uint8_t>& bytes) {
  while (!bytes.empty()) {
    const std::uint8_t byte = bytes.front();
    bytes = bytes.subspan(1);
    if (++consumed_ > archived_bytes_) return State::damaged;
    if (!numbers_complete_) {
      if (byte == '\n') {
        if (!has_digits_ || !end_of_line()) return State::damaged;
      } else if (byte >= '0' && byte <= '9' && number_ <= (UINT64_MAX - 9) / 10) {
        number_ = number_ * 10 + (byte - '0');
        has_digits_ = true;
      } else {
        return State::damaged;
      }
    }
    if (numbers_complete_ && consumed_ % tar_block == 0) {
      return end_of_map() ? State::complete : State::damaged;
    }
  }
  return State::more;
}

bool SparseMapReader::end_of_line() {
  if (numbers_ == 0) {
    if (number_ > most_stretches) return false;
    count_ = number_;
  } else if (numbers_ % 2 == 1) {
    const std::uint64_t behind =
        stretches_.empty() ? 0 : stretches_.back().offset + stretches_.back().bytes;
    if (number_ < behind || number_ > real_bytes_) return false;
    stretches_.push_back({number_, 0});
  } else {
    if (number_ > real_bytes_ - stretches_.back().offset) return false;
    stretches_.back().bytes = number_;
  }
  ++numbers_;
  number_ = 0;
  has_digits_ = false;
  numbers_complete_ = numbers_ == 1 + 2 * count_;
  return true;
}

bool SparseMapReader::end_of_map() const {
  std::uint64_t data = 0;
  for (const Stretch& stretch : stretches_) data += stretch.bytes;
  return data == archived_bytes_ - consumed_;
}

}  // namespace tidemark
