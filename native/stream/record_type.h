// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark {

/// The first element of a persistent record, as far as they are known here; all of them stand in
/// lib/catalog/persistent-record.ts.
enum class RecordType : std::uint8_t {
  container_open = 6,
  container_close = 7,
  object_open = 8,
  object = 9,
  truncate = 11,
  volume_lost = 13,
  extent = 16,
  epoch = 17,
};

}  // namespace tidemark
