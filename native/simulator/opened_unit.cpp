// SPDX-License-Identifier: Apache-2.0
#include "simulator/opened_unit.h"

#include <utility>

#include "scsi/cdb.h"
#include "simulator/unit_name.h"

namespace tidemark::simulator {

OpenedUnit::OpenedUnit(std::string name, std::unique_ptr<LogicalUnit> unit, FaultPlan plan,
                       std::shared_ptr<Power> power)
    : name_(std::move(name)),
      power_(std::move(power)),
      faults_(std::move(plan), name_),
      unit_(std::move(unit)) {
  unit_->set_faults(faults_);
  is_timed_ = unit_->set_time(power_->time());
  power_->connect(*this);
}

OpenedUnit::~OpenedUnit() { power_->disconnect(*this); }

bool OpenedUnit::attach(InitiatorId initiator) {
  const std::lock_guard lock(mutex_);
  return initiators_.insert(initiator).second;
}

void OpenedUnit::detach(InitiatorId initiator) {
  const std::lock_guard lock(mutex_);
  initiators_.erase(initiator);
  // With the last one the unit goes, and everything with it.
  if (unit_ && !initiators_.empty()) unit_->lose_nexus(initiator);
}

void OpenedUnit::lose_power(const PowerCut& cut) {
  const std::lock_guard lock(mutex_);
  if (unit_) unit_->lose_power(cut);
  unit_.reset();
}

Delivery OpenedUnit::deliver(const Request& request) {
  Delivery delivery;
  if (!acquired_ && request.cdb[0] != scsi::operation::inquiry) {
    delivery.refusal = unit_->acquire();
    if (delivery.refusal) return delivery;
    acquired_ = true;
  }
  const auto number = power_->count_command();
  if (faults_.empty()) {
    delivery.faulted = {unit_->execute(request)};
  } else {
    delivery.faulted = faults_.execute(*unit_, request, *power_, number);
  }
  if (const auto& sense = delivery.faulted.answer.sense; sense && delivery.faulted.has_arrived()) {
    delivery.sense = unit_->encode_sense(*sense);
  }
  // Taken in any case: it is no block of a later command.
  const auto block = unit_->take_new_block();
  if (power_->trace().is_on()) trace(request, block, delivery);
  return delivery;
}

void OpenedUnit::trace(const Request& request, std::optional<CommandTrace::Block> block,
                       const Delivery& delivery) {
  const auto& faulted = delivery.faulted;
  if (block) block->is_accepted = faulted.has_arrived() && faulted.answer.was_carried_out();
  power_->trace().add({name_, scsi::command_name(request.cdb, name_ == changer_unit), block,
                       request.cdb, request.data_out, faulted.host_status.value_or(0),
                       faulted.answer.status, delivery.sense});
}

Delivery OpenedUnit::execute(const Request& request) {
  Delivery delivery;
  {
    const std::lock_guard lock(mutex_);
    // The power may be about to go, by a command to another unit.
    if (!unit_ || power_->is_cut()) {
      delivery.is_dead = true;
      return delivery;
    }
    const auto start_us = power_->time().now_us();
    delivery = deliver(request);
    if (is_timed_) delivery.duration_us = power_->time().now_us() - start_us;
  }
  if (delivery.faulted.cut) power_->end_cut(*delivery.faulted.cut);
  return delivery;
}

}  // namespace tidemark::simulator
