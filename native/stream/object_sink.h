// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "stream/expected_objects.h"
#include "stream/pax_reader.h"
#include "stream/problem.h"

namespace tidemark {

/// What becomes of the objects that are found in a stream. One file is open at a time.
class ObjectSink {
 public:
  virtual ~ObjectSink() = default;

  /// A regular file; its data follows where there is no problem.
  [[nodiscard]] virtual Problem begin_file(const ExpectedObject& object,
                                           const MemberHeader& header) = 0;
  /// The next bytes of its archived data, in order; never more than the header announced. Not
  /// called again after a problem.
  [[nodiscard]] virtual Problem write(std::span<const std::uint8_t> bytes) = 0;
  /// All of its data has been seen, though perhaps not taken.
  [[nodiscard]] virtual Problem end_file(const MemberHeader& header) = 0;
  /// The rest of its data does not come.
  virtual void abandon_file() = 0;
  /// Anything else, complete; directories still lack their time and last mode.
  [[nodiscard]] virtual Problem create(const ExpectedObject& object,
                                       const MemberHeader& header) = 0;
  [[nodiscard]] virtual Problem finish_directory(const ExpectedDirectory& directory) = 0;
};

}  // namespace tidemark
