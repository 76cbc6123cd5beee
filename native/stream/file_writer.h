// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stream/pax_reader.h"
#include "stream/problem.h"
#include "stream/sparse_map_reader.h"
#include "transport/unique_fd.h"

namespace tidemark {

/// Puts a member's archived data where it belongs in the restored file; holes stay holes.
class FileWriter {
 public:
  FileWriter(UniqueFd file, const MemberHeader& header);

  /// The next bytes of the member's data, in order; never more than the header announced.
  [[nodiscard]] Problem write(std::span<const std::uint8_t> bytes);
  /// After the last byte: gives a sparse file its length.
  [[nodiscard]] Problem finish();
  [[nodiscard]] Problem close();
  [[nodiscard]] int descriptor() const { return file_.get(); }

 private:
  Problem write_stretches(std::span<const std::uint8_t> bytes);
  Problem write_at(std::uint64_t offset, std::span<const std::uint8_t> bytes);

  UniqueFd file_;
  const std::uint64_t real_bytes_;
  std::uint64_t offset_ = 0;
  /// Sparse files only.
  std::optional<SparseMapReader> map_;
  bool map_complete_ = false;
  std::size_t stretch_ = 0;
  std::uint64_t written_of_stretch_ = 0;
};

}  // namespace tidemark
