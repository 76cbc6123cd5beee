// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "scsi/cdb.h"
#include "simulator/changer.h"

/// What a fault plan does to a changer.
namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;

void swap_tags(std::vector<scsi::Element>& elements) {
  scsi::Element* first = nullptr;
  for (auto& each : elements) {
    if (each.type != scsi::ElementType::storage || !each.full) continue;
    if (first != nullptr) return std::swap(first->volume_tag, each.volume_tag);
    first = &each;
  }
}

void empty(scsi::Element& element) {
  element.full = false;
  element.accessible = true;
  element.volume_tag.reset();
  element.source_address.reset();
}

void fill(scsi::Element& element) {
  if (element.full || element.type == scsi::ElementType::transport) return;
  element.full = true;
  element.volume_tag = "";
}

}  // namespace

void Changer::suffer(const FaultEffect& effect, InitiatorId initiator) {
  if (effect.kind == FaultEffect::Kind::inventory_lie) {
    lie_ = effect.lie;
  } else {
    LogicalUnit::suffer(effect, initiator);
  }
}

std::vector<scsi::Element> Changer::told_elements(const Inventory& inventory) {
  const auto lie = std::exchange(lie_, InventoryLie::none);
  const bool is_stale = lie == InventoryLie::stale && before_last_move_;
  auto elements = all_elements(is_stale ? *before_last_move_ : inventory);
  if (lie == InventoryLie::swapped_tags) swap_tags(elements);
  for (auto& each : elements) {
    if (lie == InventoryLie::no_volume_tags && each.full) each.volume_tag = "";
    if (lie == InventoryLie::all_empty) empty(each);
    if (lie == InventoryLie::all_full) fill(each);
  }
  return elements;
}

Answer Changer::pick(Inventory& inventory, std::uint16_t source) const {
  if (inventory.contains(transport_address))
    return check(scsi::sense_key::illegal_request, 0x3B, 0x0D);
  auto taken = inventory.extract(source);
  put(inventory, std::move(taken.mapped()), source, transport_address);
  return good();
}

Answer Changer::execute_until_in_transport(const Request& request) {
  stops_in_transport_ = true;
  auto answer = execute(request);
  stops_in_transport_ = false;
  return answer;
}

FaultOccasion Changer::occasion_of(const Request& request) {
  FaultOccasion occasion;
  const auto code = request.cdb[0];
  const bool takes = (code == operation::move_medium || code == operation::exchange_medium) &&
                     request.cdb.size() >= 12;
  const auto inventory = takes ? library_->inventory() : std::nullopt;
  if (!inventory) return occasion;
  const auto source = inventory->find(scsi::load_be16(request.cdb, 4));
  if (source != inventory->end()) occasion.volume = source->second.barcode;
  return occasion;
}

bool Changer::needs_readiness(const CommandEntry& command) const {
  return command.operation_code == operation::move_medium ||
         command.operation_code == operation::exchange_medium ||
         command.operation_code == operation::position_to_element ||
         command.operation_code == operation::read_element_status;
}

}  // namespace tidemark::simulator
