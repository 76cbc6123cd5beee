// SPDX-License-Identifier: Apache-2.0
#include "stream/extent_check.h"

#include <algorithm>

namespace tidemark {
namespace {

std::string mismatch(std::uint64_t from, std::uint64_t to) {
  return "digest mismatch in its archived bytes " + std::to_string(from) + " to " +
         std::to_string(to);
}

}  // namespace

ExtentCheck::ExtentCheck(const ExpectedObject& object, std::uint64_t archived_bytes)
    : object_(object), archived_bytes_(archived_bytes) {}

std::uint64_t ExtentCheck::extent_from() const {
  return extent_ < object_.extents.size() ? object_.extents[extent_].from
                                          : object_.last_extent_from;
}

std::uint64_t ExtentCheck::extent_to() const {
  return extent_ < object_.extents.size() ? object_.extents[extent_].to : UINT64_MAX;
}

bool ExtentCheck::has_digest() const {
  return extent_ < object_.extents.size() || object_.last_digest.has_value();
}

void ExtentCheck::update(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const bool inside = offset_ >= extent_from();
    const std::uint64_t until = (inside ? extent_to() : extent_from()) - offset_;
    const std::size_t taken = std::min<std::uint64_t>(until, bytes.size());
    if (inside && has_digest()) {
      digest_.update(bytes.first(taken));
    } else {
      unproved_ += taken;
    }
    bytes = bytes.subspan(taken);
    offset_ += taken;
    if (offset_ == extent_to()) end_of_extent();
  }
}

void ExtentCheck::end_of_extent() {
  const ExpectedExtent& extent = object_.extents[extent_];
  if (!problem_ && digest_.digest() != extent.digest) problem_ = mismatch(extent.from, extent.to);
  digest_.restart();
  ++extent_;
}

std::optional<std::string> ExtentCheck::finish() {
  if (problem_) return problem_;
  if (extent_ < object_.extents.size() || object_.last_extent_from > archived_bytes_) {
    return "the catalog knows more of its data than the tape has";
  }
  if (object_.last_digest && digest_.digest() != *object_.last_digest) {
    return mismatch(object_.last_extent_from, archived_bytes_);
  }
  return std::nullopt;
}

}  // namespace tidemark
