// SPDX-License-Identifier: Apache-2.0
#include "simulator/inventory.h"

#include <charconv>
#include <utility>

#include "simulator/medium.h"

namespace tidemark::simulator {
namespace {

constexpr std::string_view source_prefix = "source=";
constexpr std::string_view exception_prefix = "exception=";

std::string_view take_until(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

std::optional<std::uint16_t> parse_number(std::string_view text) {
  std::uint16_t address = 0;
  const auto* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, address);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return address;
}

bool apply_word(Cartridge& cartridge, std::string_view word) {
  if (word == "loaded") {
    cartridge.loaded = true;
  } else if (word == "prevented") {
    cartridge.removal_prevented = true;
  } else if (word == "operator") {
    cartridge.placed_by_operator = true;
  } else if (word.starts_with(exception_prefix)) {
    cartridge.exception = parse_number(word.substr(exception_prefix.size()));
    return cartridge.exception.has_value();
  } else if (word.starts_with(source_prefix)) {
    cartridge.source_address = parse_number(word.substr(source_prefix.size()));
    return cartridge.source_address.has_value();
  } else {
    return false;
  }
  return true;
}

}  // namespace

bool feed_drive(Inventory& inventory, std::uint16_t drive, std::uint16_t storage) {
  auto taken = inventory.extract(storage);
  if (!taken) return false;
  taken.key() = drive;
  taken.mapped().source_address = storage;
  // A cleaning cartridge is let go of when it is done, and no time passes here.
  taken.mapped().loaded = !is_cleaning_barcode(taken.mapped().barcode);
  inventory.insert(std::move(taken));
  return true;
}

std::string to_text(const Inventory& inventory) {
  std::string text;
  for (const auto& [address, cartridge] : inventory) {
    text += std::to_string(address) + " " + cartridge.barcode;
    if (cartridge.source_address) {
      text += " ";
      text += source_prefix;
      text += std::to_string(*cartridge.source_address);
    }
    if (cartridge.loaded) text += " loaded";
    if (cartridge.removal_prevented) text += " prevented";
    if (cartridge.placed_by_operator) text += " operator";
    if (cartridge.exception) {
      text += " ";
      text += exception_prefix;
      text += std::to_string(*cartridge.exception);
    }
    text += "\n";
  }
  return text;
}

std::optional<Inventory> parse_inventory(std::string_view text) {
  Inventory inventory;
  while (!text.empty()) {
    auto line = take_until(text, '\n');
    if (line.empty()) continue;
    const auto address = parse_number(take_until(line, ' '));
    Cartridge cartridge;
    cartridge.barcode = take_until(line, ' ');
    if (!address || cartridge.barcode.empty()) return std::nullopt;
    while (!line.empty()) {
      if (!apply_word(cartridge, take_until(line, ' '))) return std::nullopt;
    }
    inventory.emplace(*address, std::move(cartridge));
  }
  return inventory;
}

}  // namespace tidemark::simulator
