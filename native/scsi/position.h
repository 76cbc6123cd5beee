// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "scsi/bytes.h"

namespace tidemark::scsi {

/// READ POSITION data (SSC-5 7.7), the three forms in one.
struct PositionData {
  /// Not LOLU (short, extended), not LONU (long), and no overflow of the short form (PERR).
  bool location_known = false;
  bool beginning_of_partition = false;
  bool end_of_partition = false;
  bool beyond_programmable_early_warning = false;
  std::uint32_t partition = 0;
  /// Next logical object between host and drive.
  std::uint64_t object_number = 0;
  /// Next logical object between buffer and medium; short and extended form.
  std::optional<std::uint64_t> last_object_number;
  /// Filemarks before here; long form, absent where MPU is set.
  std::optional<std::uint64_t> file_number;
  /// Absent where LOCU is set, and in the long form.
  std::optional<std::uint32_t> objects_in_buffer;
  /// Absent where BYCU is set, and in the long form.
  std::optional<std::uint64_t> bytes_in_buffer;

  bool operator==(const PositionData&) const = default;
};

[[nodiscard]] std::optional<PositionData> decode_short_position(Bytes bytes);
[[nodiscard]] std::optional<PositionData> decode_long_position(Bytes bytes);
[[nodiscard]] std::optional<PositionData> decode_extended_position(Bytes bytes);

[[nodiscard]] std::vector<std::uint8_t> encode_short_position(const PositionData& position);
[[nodiscard]] std::vector<std::uint8_t> encode_long_position(const PositionData& position);
[[nodiscard]] std::vector<std::uint8_t> encode_extended_position(const PositionData& position);

}  // namespace tidemark::scsi
