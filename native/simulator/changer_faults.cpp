// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "scsi/cdb.h"
#include "simulator/changer.h"

/// What a fault plan does to a changer.
namespace tidemark::simulator {
namespace {

namespace operation = scsi::operation;

}  // namespace

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
