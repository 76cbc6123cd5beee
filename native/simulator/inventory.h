// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tidemark::simulator {

/// A cartridge at an element of the library.
struct Cartridge {
  std::string barcode;
  /// The storage element that it came from.
  std::optional<std::uint16_t> source_address;
  /// In a drive: threaded, so that the robot cannot take it.
  bool loaded = false;
  /// In a drive: an initiator has prevented its removal.
  bool removal_prevented = false;
  /// In an import/export element: a person has put it there, not the robot.
  bool placed_by_operator = false;
  /// What is wrong with the element: additional sense code and qualifier.
  std::optional<std::uint16_t> exception;

  bool operator==(const Cartridge&) const = default;
};

/// Which cartridge is where: elements by address; those that are missing are empty.
using Inventory = std::map<std::uint16_t, Cartridge>;

/// Puts the cartridge of a storage element into an empty drive, which threads it by itself. False
/// where there is none.
bool feed_drive(Inventory& inventory, std::uint16_t drive, std::uint16_t storage);

/// One line a cartridge: address, barcode, then `source=ADDRESS`, `loaded`, `prevented`,
/// `operator`, `exception=NUMBER` as they apply.
[[nodiscard]] std::string to_text(const Inventory& inventory);
/// Nothing where a line is not understood.
[[nodiscard]] std::optional<Inventory> parse_inventory(std::string_view text);

}  // namespace tidemark::simulator
