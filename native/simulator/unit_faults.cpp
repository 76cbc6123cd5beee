// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "scsi/cdb.h"
#include "simulator/fault_plan.h"
#include "simulator/logical_unit.h"

/// What a fault plan does to any unit.
namespace tidemark::simulator {

FaultOccasion LogicalUnit::fault_occasion(const Request& request) {
  if (request.cdb.size() < 6 || request.cdb[0] == scsi::operation::inquiry) return {};
  // What happened meanwhile is to be known here already: the command may be the first one that
  // finds another cartridge. Its unit attention must have somebody to wait for.
  [[maybe_unused]] const auto& attentions = unit_attentions(request.initiator);
  refresh();
  return occasion_of(request);
}

void LogicalUnit::suffer(const FaultEffect& effect, InitiatorId initiator) {
  if (effect.kind == FaultEffect::Kind::unit_attention) {
    auto& attentions = unit_attentions(initiator);
    attentions.insert(attentions.end(), effect.attentions.begin(), effect.attentions.end());
  } else if (effect.kind == FaultEffect::Kind::not_ready) {
    not_ready_ = effect.sense;
    told_when_ready_ = effect.attentions;
    not_ready_answers_ = effect.number;
  }
}

std::optional<Answer> LogicalUnit::take_not_ready(const CommandEntry& command) {
  const bool asks = command.operation_code == scsi::operation::test_unit_ready;
  if (not_ready_answers_ == 0 || !(asks || needs_readiness(command))) return std::nullopt;
  if (--not_ready_answers_ == 0) {
    for (const auto& each : std::exchange(told_when_ready_, {})) {
      add_unit_attention(each.asc, each.ascq);
    }
  }
  return check(not_ready_);
}

}  // namespace tidemark::simulator
