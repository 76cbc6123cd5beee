// SPDX-License-Identifier: Apache-2.0
#include "simulator/medium_memory.h"

#include <charconv>

#include "simulator/hex_text.h"
#include "simulator/text_file.h"

namespace tidemark::simulator {
namespace {

constexpr std::size_t remembered_drives = 4;

struct Counter {
  std::string_view name;
  std::uint64_t MediumMemory::*member;
};

constexpr Counter counters[] = {
    {"load-count", &MediumMemory::load_count},
    {"initializations", &MediumMemory::initializations},
    {"volume-change-reference", &MediumMemory::volume_change_reference},
    {"written-bytes", &MediumMemory::written_bytes},
    {"read-bytes", &MediumMemory::read_bytes},
    {"written-bytes-in-load", &MediumMemory::written_bytes_in_load},
    {"read-bytes-in-load", &MediumMemory::read_bytes_in_load},
    {"host-written-bytes-in-load", &MediumMemory::host_written_bytes_in_load},
    {"host-read-bytes-in-load", &MediumMemory::host_read_bytes_in_load},
    {"tape-alerts", &MediumMemory::tape_alerts},
    {"lost-ends-of-data", &MediumMemory::lost_ends_of_data},
};

bool set_counter(MediumMemory& memory, std::string_view name, std::string_view text) {
  for (const auto& counter : counters) {
    if (counter.name != name) continue;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), memory.*counter.member);
    return error == std::errc() && end == text.data() + text.size();
  }
  return false;
}

/// `PARTITION IDENTIFIER FORMAT VALUE`, the first three in one word of hexadecimal digits.
bool set_host_attribute(MediumMemory& memory, std::string_view text) {
  const auto space = text.find(' ');
  const auto head = parse_hex(text.substr(0, space));
  const auto value =
      parse_hex(space == std::string_view::npos ? std::string_view() : text.substr(space + 1));
  if (!head || head->size() != 4 || !value) return false;
  const auto identifier = static_cast<std::uint16_t>((*head)[1] << 8 | (*head)[2]);
  memory.host_attributes[{(*head)[0], identifier}] = {(*head)[3], *value};
  return true;
}

}  // namespace

void MediumMemory::begin_load(const std::string& drive) {
  ++load_count;
  written_bytes_in_load = 0;
  read_bytes_in_load = 0;
  host_written_bytes_in_load = 0;
  host_read_bytes_in_load = 0;
  drives.insert(drives.begin(), drive);
  if (drives.size() > remembered_drives) drives.resize(remembered_drives);
}

std::string to_text(const MediumMemory& memory) {
  std::string text;
  for (const auto& counter : counters) {
    text += counter.name;
    text += " " + std::to_string(memory.*counter.member) + "\n";
  }
  for (const auto& drive : memory.drives) text += "drive " + drive + "\n";
  for (const auto& [place, attribute] : memory.host_attributes) {
    const std::uint8_t head[] = {place.first, static_cast<std::uint8_t>(place.second >> 8),
                                 static_cast<std::uint8_t>(place.second), attribute.format};
    text += "host-attribute " + hex_text(head) + " " + hex_text(attribute.value) + "\n";
  }
  return text;
}

std::optional<MediumMemory> parse_medium_memory(std::string_view text) {
  MediumMemory memory;
  for (const auto& [name, value] : parse_pairs(text)) {
    if (name == "drive") {
      memory.drives.push_back(value);
    } else if (name == "host-attribute") {
      if (!set_host_attribute(memory, value)) return std::nullopt;
    } else if (!set_counter(memory, name, value)) {
      return std::nullopt;
    }
  }
  return memory;
}

}  // namespace tidemark::simulator
