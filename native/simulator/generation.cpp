// SPDX-License-Identifier: Apache-2.0
#include "simulator/generation.h"

#include <array>

namespace tidemark::simulator {
namespace {

/// Densities and capacities as the generations were announced; the names of the tenth were seen
/// nowhere. LTO-5 drives write LTO-4 too, which is not simulated; LTO-10 drives write nothing
/// older.
constexpr std::array generations{
    Generation{"lto-5", 0x58, 0x58, 1'500'000, 15'142, 1'280, "U-516", "Ultrium 5/16T", "U-5 data",
               "Ultrium 5 data", "U-5 WORM", "Ultrium 5 WORM", false,
               scsi::log_page::data_compression_lto},
    Generation{"lto-6", 0x5A, 0x68, 2'500'000, 15'143, 2'176, "U-616", "Ultrium 6/16T", "U-6 data",
               "Ultrium 6 data", "U-6 WORM", "Ultrium 6 WORM", true,
               scsi::log_page::data_compression_lto},
    Generation{"lto-7", 0x5C, 0x78, 6'000'000, 19'107, 3'584, "U-732", "Ultrium 7/32T", "U-7 data",
               "Ultrium 7 data", "U-7 WORM", "Ultrium 7 WORM"},
    Generation{"lto-8", 0x5E, 0x88, 12'000'000, 20'669, 6'656, "U-832", "Ultrium 8/32T", "U-8 data",
               "Ultrium 8 data", "U-8 WORM", "Ultrium 8 WORM", true,
               scsi::log_page::data_compression, 112, 365},
    Generation{"lto-9", 0x60, 0x98, 18'000'000, 21'680, 8'960, "U-924", "Ultrium 9/24T", "U-9 data",
               "Ultrium 9 data", "U-9 WORM", "Ultrium 9 WORM"},
    Generation{"lto-10", 0x62, 0xA8, 30'000'000, 21'680, 15'104, "U-10", "Ultrium 10", "U-10 data",
               "Ultrium 10 data", "U-10 WORM", "Ultrium 10 WORM", false},
};

}  // namespace

const Generation* find_generation(std::string_view profile) {
  for (const auto& each : generations) {
    if (each.profile == profile) return &each;
  }
  return nullptr;
}

const Generation* older_generation(const Generation& generation) {
  const auto at = &generation - generations.data();
  return generation.writes_older && at > 0 ? &generation - 1 : nullptr;
}

}  // namespace tidemark::simulator
