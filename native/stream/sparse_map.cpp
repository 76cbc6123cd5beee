// SPDX-License-Identifier: Apache-2.0
#include "stream/sparse_map.h"

#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "stream/pax_attributes.h"
#include "stream/ustar_header.h"

namespace tidemark {
namespace {

using Stretch = SparseMap::Stretch;

std::uint64_t end_of(const Stretch& stretch) { return stretch.offset + stretch.bytes; }

std::uint64_t hole_before(const std::vector<Stretch>& stretches, std::size_t i) {
  return stretches[i].offset - end_of(stretches[i - 1]);
}

/// GNU tar begins each stretch in a tar block of its own, so all but the last must fill whole
/// blocks.
std::vector<Stretch> align(const std::vector<Stretch>& stretches, std::uint64_t real_bytes) {
  std::vector<Stretch> aligned;
  for (const Stretch& stretch : stretches) {
    if (stretch.bytes == 0) continue;
    const std::uint64_t from = stretch.offset / tar_block * tar_block;
    const std::uint64_t to =
        std::min(real_bytes, (end_of(stretch) + tar_block - 1) / tar_block * tar_block);
    if (!aligned.empty() && from <= end_of(aligned.back())) {
      aligned.back().bytes = to - aligned.back().offset;
    } else {
      aligned.push_back({from, to - from});
    }
  }
  return aligned;
}

/// Closes the smallest holes between stretches so that about `wanted` stretches are left.
std::vector<Stretch> merge(const std::vector<Stretch>& stretches, std::size_t wanted) {
  std::vector<std::uint64_t> holes;
  for (std::size_t i = 1; i < stretches.size(); ++i) holes.push_back(hole_before(stretches, i));
  const std::size_t closed = stretches.size() - std::max<std::size_t>(wanted, 1);
  const auto limit = holes.begin() + static_cast<std::ptrdiff_t>(closed) - 1;
  std::nth_element(holes.begin(), limit, holes.end());
  std::vector<Stretch> merged{stretches.front()};
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    if (hole_before(stretches, i) <= *limit) {
      merged.back().bytes = end_of(stretches[i]) - merged.back().offset;
    } else {
      merged.push_back(stretches[i]);
    }
  }
  return merged;
}

std::string text_of(const std::vector<Stretch>& stretches) {
  std::string text = std::to_string(stretches.size()) + '\n';
  for (const Stretch& stretch : stretches) {
    text += std::to_string(stretch.offset) + '\n' + std::to_string(stretch.bytes) + '\n';
  }
  text.resize((text.size() + tar_block - 1) / tar_block * tar_block, '\0');
  return text;
}

/// Takes one line with a number from the front.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const auto number = decode_decimal(text.substr(0, end));
  text.remove_prefix(end + 1);
  return number;
}

bool is_dense(const std::vector<Stretch>& stretches, std::uint64_t real_bytes) {
  return stretches.size() == 1 && stretches.front().offset == 0 &&
         stretches.front().bytes == real_bytes;
}

}  // namespace

std::optional<SparseMap> make_sparse_map(std::vector<Stretch> stretches, std::uint64_t real_bytes,
                                         std::size_t largest_text) {
  stretches = align(stretches, real_bytes);
  for (;;) {
    if (is_dense(stretches, real_bytes)) return std::nullopt;
    std::vector<Stretch> ended = stretches;
    ended.push_back({real_bytes, 0});
    std::string text = text_of(ended);
    if (text.size() <= largest_text) {
      std::uint64_t data_bytes = 0;
      for (const Stretch& stretch : ended) data_bytes += stretch.bytes;
      return SparseMap{std::move(ended), std::move(text), data_bytes};
    }
    if (stretches.size() < 2) return std::nullopt;
    const std::size_t fitting = stretches.size() * largest_text / text.size();
    stretches = merge(stretches, std::min(fitting, stretches.size() - 1));
  }
}

std::optional<SparseMap> find_sparse_map(int descriptor, std::uint64_t real_bytes,
                                         std::size_t largest_text) {
  std::vector<Stretch> stretches;
  const auto size = static_cast<off_t>(real_bytes);
  for (off_t at = 0; at < size;) {
    const off_t data = lseek(descriptor, at, SEEK_DATA);
    if (data < 0 && errno != ENXIO) return std::nullopt;
    if (data < 0 || data >= size) break;
    off_t hole = lseek(descriptor, data, SEEK_HOLE);
    if (hole < 0) return std::nullopt;
    hole = std::min(hole, size);
    if (hole <= data) return std::nullopt;
    stretches.push_back(
        {static_cast<std::uint64_t>(data), static_cast<std::uint64_t>(hole - data)});
    at = hole;
  }
  if (real_bytes == 0) return std::nullopt;
  return make_sparse_map(std::move(stretches), real_bytes, largest_text);
}

std::optional<SparseMap> parse_sparse_map(std::string text, std::uint64_t real_bytes) {
  if (text.empty() || text.size() % tar_block != 0) return std::nullopt;
  SparseMap map;
  std::string_view rest = text;
  const auto count = take_number(rest);
  std::uint64_t behind = 0;
  for (std::uint64_t i = 0; count && i < *count; ++i) {
    const auto offset = take_number(rest);
    const auto bytes = take_number(rest);
    if (!offset || !bytes || *offset < behind || *offset > real_bytes) return std::nullopt;
    if (*bytes > real_bytes - *offset) return std::nullopt;
    map.stretches.push_back({*offset, *bytes});
    map.data_bytes += *bytes;
    behind = *offset + *bytes;
  }
  if (map.stretches.empty()) return std::nullopt;
  map.text = std::move(text);
  return map;
}

}  // namespace tidemark
