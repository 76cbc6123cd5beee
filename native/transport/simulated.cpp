// SPDX-License-Identifier: Apache-2.0
#include "transport/simulated.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <utility>

#include "simulator/changer.h"
#include "simulator/drive.h"
#include "simulator/library.h"
#include "simulator/unit_name.h"
#include "transport/scsi_generic_result.h"

namespace tidemark {

using simulator::changer_unit;

namespace {

/// No answer came: what was done of the command is not known.
void lose(const Command& command, std::uint16_t host_status, const std::string& detail,
          Result& result) {
  result.outcome = Outcome::unknown;
  result.host_status = host_status;
  result.residual =
      static_cast<std::int64_t>(std::max(command.data_in.size(), command.data_out.size()));
  result.detail = detail;
}

}  // namespace

SimulatedTransport::SimulatedTransport(std::string folder, std::string unit,
                                       const std::string& initiator)
    : folder_(std::move(folder)),
      unit_name_(std::move(unit)),
      initiator_(simulator::initiator_named(initiator)) {
  auto outcome = simulator::load_fault_plan(folder_);
  plan_problem_ = std::move(outcome.problem);
  plan_ = std::move(outcome.plan);
  plug_in();
}

SimulatedTransport::~SimulatedTransport() {
  if (unit_) unit_->detach(initiator_);
}

void SimulatedTransport::plug_in() {
  if (power_) return;
  power_ = simulator::Power::of(folder_);
  if (power_) epoch_ = power_->epoch();
}

bool SimulatedTransport::is_drive(const std::string& unit) {
  return simulator::drive_number(unit).has_value();
}

bool SimulatedTransport::is_unit(const std::string& unit) {
  return unit == changer_unit || is_drive(unit);
}

std::unique_ptr<simulator::LogicalUnit> SimulatedTransport::make_unit(Result& result) const {
  simulator::LibraryError error;
  auto library = simulator::Library::open(folder_, error);
  // Where there was none at first, it came with this very command: the next one finds its power.
  if (!library || !power_) {
    result.error_number = library ? ENOENT : error.error_number;
    result.detail =
        library ? "there was no simulated library at " + folder_ : std::move(error.message);
    return nullptr;
  }
  if (unit_name_ == changer_unit && library->feed().sequential) {
    result.error_number = ENXIO;
    result.detail =
        "the simulated library at " + folder_ + " feeds its drive by itself and has no changer";
    return nullptr;
  }
  if (unit_name_ == changer_unit) return std::make_unique<simulator::Changer>(std::move(library));
  const auto number = simulator::drive_number(unit_name_);
  const auto drives = library->addresses().data_transfer.count;
  if (!number || *number >= drives) {
    result.error_number = ENXIO;
    result.detail = "the simulated library at " + folder_ + " has " + std::to_string(drives) +
                    " drives and no " + unit_name_;
    return nullptr;
  }
  return std::make_unique<simulator::Drive>(std::move(library), *number);
}

bool SimulatedTransport::open_unit(Result& result) {
  if (!plan_problem_.empty()) {
    result.error_number = EINVAL;
    result.detail = plan_problem_;
    return false;
  }
  // A changer's state is what each process, and each who opens it, sees of the inventory.
  const bool may_share = power_ && unit_name_ != changer_unit;
  if (may_share) unit_ = power_->find_unit(unit_name_, initiator_);
  if (unit_) return true;
  auto unit = make_unit(result);
  if (!unit) return false;
  unit_ = std::make_shared<simulator::OpenedUnit>(unit_name_, std::move(unit), plan_, power_);
  (void)unit_->attach(initiator_);
  if (may_share) power_->offer_unit(unit_name_, unit_);
  return true;
}

void SimulatedTransport::report(const Command& command, simulator::Delivery delivery,
                                Result& result) const {
  if (delivery.refusal) {
    result.error_number = delivery.refusal->error_number;
    result.detail = std::move(delivery.refusal->message);
    return;
  }
  const auto& faulted = delivery.faulted;
  if (faulted.error_number) {
    // As if the kernel had said so: whether the command was sent is judged in the same place.
    result = scsi_generic_result(command, {}, {}, *faulted.error_number, unit_name_);
    return;
  }
  if (faulted.host_status) return lose(command, *faulted.host_status, faulted.detail, result);
  result.outcome = Outcome::completed;
  result.residual = faulted.residual.value_or(
      static_cast<std::int64_t>(command.data_in.size() - faulted.answer.transferred));
  result.scsi_status = faulted.answer.sense ? scsi_status::check_condition : faulted.answer.status;
  std::copy(delivery.sense.begin(), delivery.sense.end(), result.sense.begin());
  result.sense_length = static_cast<std::uint8_t>(delivery.sense.size());
}

Result SimulatedTransport::execute(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  Result result;
  result.command = command.cdb.name;
  plug_in();
  std::optional<std::uint64_t> virtual_us;
  bool is_dead = power_ && !power_->lasts_since(epoch_);
  if (!is_dead && (unit_ || open_unit(result))) {
    auto delivery =
        unit_->execute({command.cdb.view(), command.data_out, command.data_in, initiator_});
    is_dead = delivery.is_dead;
    virtual_us = delivery.duration_us;
    // Who was refused tries anew: the one that is there may take another initiator by then.
    if (delivery.refusal) unit_.reset();
    if (!is_dead) report(command, std::move(delivery), result);
  }
  if (is_dead) {
    lose(command, simulator::no_connection,
         unit_name_ + " of the simulated library at " + folder_ +
             " lost its power after it was opened: open it again when the power is back",
         result);
  }
  result.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
  if (virtual_us) result.duration_us = *virtual_us;
  return result;
}

}  // namespace tidemark
