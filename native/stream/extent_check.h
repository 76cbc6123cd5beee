// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "stream/expected_objects.h"
#include "stream/xxh3.h"

namespace tidemark {

/// Compares an object's archived data with the digests of its extents, as it streams by.
class ExtentCheck {
 public:
  /// `object` must outlive the check. `archived_bytes`: all of the object's data.
  ExtentCheck(const ExpectedObject& object, std::uint64_t archived_bytes);

  void update(std::span<const std::uint8_t> bytes);
  /// Once all data has been given: what is wrong, if anything.
  [[nodiscard]] std::optional<std::string> finish();
  /// Bytes given that no digest speaks of.
  [[nodiscard]] std::uint64_t unproved_bytes() const { return unproved_; }
  /// All others: once `finish` has found nothing wrong, what the digests prove.
  [[nodiscard]] std::uint64_t proved_bytes() const { return offset_ - unproved_; }

 private:
  /// The extent that the next byte lies in, or that comes next; the last one has no `to` of its
  /// own.
  [[nodiscard]] std::uint64_t extent_from() const;
  [[nodiscard]] std::uint64_t extent_to() const;
  [[nodiscard]] bool has_digest() const;
  void end_of_extent();

  const ExpectedObject& object_;
  const std::uint64_t archived_bytes_;
  std::uint64_t offset_ = 0;
  std::uint64_t unproved_ = 0;
  std::size_t extent_ = 0;
  Xxh3Stream digest_;
  std::optional<std::string> problem_;
};

}  // namespace tidemark
