// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "simulator/drive.h"

/// A drive that takes its cartridges from the storage elements by itself, in order.
namespace tidemark::simulator {
namespace {

/// Where a cartridge goes: to where it came from, or, where that is taken, to the first free
/// element.
std::optional<std::uint16_t> home_of(const Cartridge& cartridge, const Inventory& inventory,
                                     const scsi::ElementRange& storage) {
  const auto source = cartridge.source_address;
  if (source && storage.contains(*source) && !inventory.contains(*source)) return source;
  for (std::uint16_t i = 0; i < storage.count; ++i) {
    const auto address = static_cast<std::uint16_t>(storage.first + i);
    if (!inventory.contains(address)) return address;
  }
  return std::nullopt;
}

}  // namespace

bool Drive::feed_next() const {
  bool is_done = false;
  const bool written = library_->update_inventory([&](Inventory& inventory) {
    const auto& storage = library_->addresses().storage;
    auto held = inventory.extract(element_address());
    if (!held) return false;
    const auto home = home_of(held.mapped(), inventory, storage);
    if (!home) return false;
    held.key() = *home;
    held.mapped() = {.barcode = held.mapped().barcode};
    inventory.insert(std::move(held));
    const bool was_last = *home + 1 == storage.first + storage.count;
    const auto next = was_last ? storage.first : static_cast<std::uint16_t>(*home + 1);
    // Nothing there, or behind the last one: the drive stays empty.
    if (!was_last || library_->feed().wraps) feed_drive(inventory, element_address(), next);
    is_done = true;
    return true;
  });
  return written && is_done;
}

void Drive::feed_first() const {
  [[maybe_unused]] const bool written = library_->update_inventory([&](Inventory& inventory) {
    if (inventory.contains(element_address())) return false;
    const auto& storage = library_->addresses().storage;
    for (std::uint16_t i = 0; i < storage.count; ++i) {
      const auto address = static_cast<std::uint16_t>(storage.first + i);
      if (feed_drive(inventory, element_address(), address)) return true;
    }
    return false;
  });
}

}  // namespace tidemark::simulator
