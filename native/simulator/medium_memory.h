// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::simulator {

/// What a cartridge's memory chip holds beside what never changes: counters of its life, and what
/// hosts have written there.
struct MediumMemory {
  std::uint64_t load_count = 0;
  /// How often the tape was formatted.
  std::uint64_t initializations = 0;
  /// Changes with the first write after a load.
  std::uint64_t volume_change_reference = 0;
  /// Bytes on the tape, as all here: compressed.
  std::uint64_t written_bytes = 0;
  std::uint64_t read_bytes = 0;
  /// In the current or last load.
  std::uint64_t written_bytes_in_load = 0;
  std::uint64_t read_bytes_in_load = 0;
  /// The same, as hosts have it.
  std::uint64_t host_written_bytes_in_load = 0;
  std::uint64_t host_read_bytes_in_load = 0;
  /// Flags that the drives raised about this cartridge; bit 63 is flag 1.
  std::uint64_t tape_alerts = 0;
  /// Partitions that end nowhere, as the power went while they were written; bit N is partition N.
  std::uint64_t lost_ends_of_data = 0;
  /// Serial numbers of the drives that it was in, the last one first, at most four.
  std::vector<std::string> drives;

  struct HostAttribute {
    std::uint8_t format = 0;
    std::vector<std::uint8_t> value;

    bool operator==(const HostAttribute&) const = default;
  };
  /// By partition and identifier.
  std::map<std::pair<std::uint8_t, std::uint16_t>, HostAttribute> host_attributes;

  bool operator==(const MediumMemory&) const = default;

  [[nodiscard]] bool end_of_data_is_lost(std::uint8_t partition) const {
    return (lost_ends_of_data >> partition & 1) != 0;
  }
  /// A drive has taken the cartridge.
  void begin_load(const std::string& drive);
};

/// Lines of key and value.
[[nodiscard]] std::string to_text(const MediumMemory& memory);
/// Nothing where a line is not understood.
[[nodiscard]] std::optional<MediumMemory> parse_medium_memory(std::string_view text);

}  // namespace tidemark::simulator
