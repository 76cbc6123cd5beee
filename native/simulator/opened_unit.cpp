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

namespace {

bool is_block(const Request& request) {
  return request.cdb[0] == scsi::operation::write_6 && (request.cdb[1] & 0x01) == 0;  // FIXED
}

/// What the drive was given; nothing where it has said that it did not take it.
std::optional<CommandTrace::Block> given_block(const FaultOccasion& occasion,
                                               const FaultedAnswer& faulted) {
  if (occasion.objects == 0) return std::nullopt;
  const bool is_accepted = faulted.has_arrived();
  if (is_accepted && !faulted.answer.was_carried_out()) return std::nullopt;
  return CommandTrace::Block{occasion.volume, occasion.first_object,
                             static_cast<std::uint32_t>(occasion.residue), is_accepted};
}

}  // namespace

Delivery OpenedUnit::deliver(const Request& request) {
  Delivery delivery;
  if (!acquired_ && request.cdb[0] != scsi::operation::inquiry) {
    delivery.refusal = unit_->acquire();
    if (delivery.refusal) return delivery;
    acquired_ = true;
  }
  const auto number = power_->count_command();
  const bool is_traced = power_->trace().is_on();
  FaultOccasion occasion;
  if (is_traced && is_block(request)) occasion = unit_->known_occasion(request);
  if (faults_.empty()) {
    delivery.faulted = {unit_->execute(request)};
  } else {
    delivery.faulted = faults_.execute(*unit_, request, *power_, number);
  }
  if (const auto& sense = delivery.faulted.answer.sense; sense && delivery.faulted.has_arrived()) {
    delivery.sense = unit_->encode_sense(*sense);
  }
  if (is_traced) trace(request, occasion, delivery);
  return delivery;
}

void OpenedUnit::trace(const Request& request, const FaultOccasion& occasion,
                       const Delivery& delivery) {
  power_->trace().add({name_, scsi::command_name(request.cdb, name_ == changer_unit),
                       given_block(occasion, delivery.faulted), request.cdb, request.data_out,
                       delivery.faulted.host_status.value_or(0), delivery.faulted.answer.status,
                       delivery.sense});
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
