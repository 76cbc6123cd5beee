// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "scsi/log_page.h"

namespace tidemark::simulator {

/// What a generation of LTO says of itself and its media.
struct Generation {
  /// Of the profile.
  std::string_view profile;
  std::uint8_t density = 0;
  /// Medium type of its data cartridges; WORM ones have four more.
  std::uint8_t data_medium = 0;
  std::uint32_t capacity_mb = 0;
  std::uint32_t bits_per_mm = 0;
  std::uint16_t tracks = 0;
  const char* name = "";
  const char* description = "";
  const char* medium_name = "";
  const char* medium_description = "";
  const char* worm_name = "";
  const char* worm_description = "";
  /// Writes cartridges of the generation before it, too.
  bool writes_older = true;
  /// The log page that tells what compression does; it is at one of two places.
  std::uint8_t compression_log = scsi::log_page::data_compression;
  /// To which it matches the speed of the tape; of those that say nothing, as LTO-9.
  std::uint64_t slowest_mb_s = 177;
  std::uint64_t fastest_mb_s = 408;
};

/// Null where the profile is that of no generation.
[[nodiscard]] const Generation* find_generation(std::string_view profile);
/// The generation before it whose media it writes; null: none that is known here.
[[nodiscard]] const Generation* older_generation(const Generation& generation);

}  // namespace tidemark::simulator
