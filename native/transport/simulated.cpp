// SPDX-License-Identifier: Apache-2.0
#include "transport/simulated.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "scsi/operation.h"
#include "simulator/changer.h"
#include "simulator/drive.h"
#include "simulator/library.h"

namespace tidemark {
namespace {

constexpr std::string_view changer_name = "changer";
constexpr std::string_view drive_prefix = "drive-";

std::optional<std::uint16_t> drive_number(std::string_view unit) {
  if (!unit.starts_with(drive_prefix)) return std::nullopt;
  unit.remove_prefix(drive_prefix.size());
  std::uint16_t number = 0;
  const auto* end = unit.data() + unit.size();
  const auto [stopped, error] = std::from_chars(unit.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

/// No answer came: what was done of the command is not known.
void lose(const Command& command, std::uint16_t host_status, std::string detail, Result& result) {
  result.outcome = Outcome::unknown;
  result.host_status = host_status;
  result.residual =
      static_cast<std::int64_t>(std::max(command.data_in.size(), command.data_out.size()));
  result.detail = std::move(detail);
}

}  // namespace

SimulatedTransport::SimulatedTransport(std::string folder, std::string unit)
    : folder_(std::move(folder)), unit_name_(std::move(unit)), faults_({}, unit_name_) {
  auto outcome = simulator::load_fault_plan(folder_);
  plan_problem_ = std::move(outcome.problem);
  faults_ = simulator::FaultInjector(std::move(outcome.plan), unit_name_);
  plug_in();
}

SimulatedTransport::~SimulatedTransport() {
  if (power_) power_->disconnect(*this);
}

void SimulatedTransport::plug_in() {
  if (power_) return;
  power_ = simulator::Power::of(folder_);
  if (!power_) return;
  epoch_ = power_->epoch();
  power_->connect(*this);
}

void SimulatedTransport::lose_power(const simulator::PowerCut& cut) {
  const std::lock_guard lock(mutex_);
  if (unit_) unit_->lose_power(cut);
  unit_.reset();
}

bool SimulatedTransport::is_unit(const std::string& unit) {
  return unit == changer_name || drive_number(unit).has_value();
}

bool SimulatedTransport::open_unit(Result& result) {
  if (!plan_problem_.empty()) {
    result.error_number = EINVAL;
    result.detail = plan_problem_;
    return false;
  }
  simulator::LibraryError error;
  auto library = simulator::Library::open(folder_, error);
  // Where there was none at first, it came with this very command: the next one finds its power.
  if (!library || !power_) {
    result.error_number = library ? ENOENT : error.error_number;
    result.detail =
        library ? "there was no simulated library at " + folder_ : std::move(error.message);
    return false;
  }
  if (unit_name_ == changer_name && library->feed().sequential) {
    result.error_number = ENXIO;
    result.detail =
        "the simulated library at " + folder_ + " feeds its drive by itself and has no changer";
    return false;
  }
  if (unit_name_ == changer_name) {
    unit_ = std::make_unique<simulator::Changer>(std::move(library));
    return true;
  }
  const auto number = drive_number(unit_name_);
  const auto drives = library->addresses().data_transfer.count;
  if (!number || *number >= drives) {
    result.error_number = ENXIO;
    result.detail = "the simulated library at " + folder_ + " has " + std::to_string(drives) +
                    " drives and no " + unit_name_;
    return false;
  }
  unit_ = std::make_unique<simulator::Drive>(std::move(library), *number);
  unit_->set_faults(faults_);
  return true;
}

bool SimulatedTransport::reach_unit(const Command& command, Result& result) {
  if (!unit_ && !open_unit(result)) return false;
  if (acquired_ || command.cdb.bytes[0] == scsi::operation::inquiry) return true;
  if (auto refusal = unit_->acquire()) {
    result.error_number = refusal->error_number;
    result.detail = std::move(refusal->message);
    return false;
  }
  acquired_ = true;
  return true;
}

std::optional<simulator::PowerCut> SimulatedTransport::answer(const Command& command,
                                                              Result& result) {
  const simulator::Request request{command.cdb.view(), command.data_out, command.data_in};
  const auto number = power_->count_command();
  auto [answer, host_status, detail, cut] = faults_.empty()
                                                ? simulator::FaultedAnswer{unit_->execute(request)}
                                                : faults_.execute(*unit_, request, *power_, number);
  if (host_status) {
    lose(command, *host_status, std::move(detail), result);
    return cut;
  }
  result.outcome = Outcome::completed;
  result.residual = static_cast<std::int64_t>(command.data_in.size() - answer.transferred);
  result.scsi_status = answer.sense ? scsi_status::check_condition : answer.status;
  if (answer.sense) {
    const auto sense = unit_->encode_sense(*answer.sense);
    std::copy(sense.begin(), sense.end(), result.sense.begin());
    result.sense_length = static_cast<std::uint8_t>(sense.size());
  }
  return std::nullopt;
}

void SimulatedTransport::trace(const Command& command, const Result& result) const {
  power_->trace().add({unit_name_,
                       scsi::command_name(command.cdb.view(), unit_name_ == changer_name),
                       command.cdb.view(), command.data_out, result.host_status, result.scsi_status,
                       scsi::Bytes(result.sense).first(result.sense_length)});
}

Result SimulatedTransport::execute(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  Result result;
  result.command = command.cdb.name;
  plug_in();
  std::optional<simulator::PowerCut> cut;
  {
    const std::lock_guard lock(mutex_);
    if (power_ && !power_->lasts_since(epoch_)) {
      lose(command, simulator::no_connection,
           unit_name_ + " of the simulated library at " + folder_ +
               " lost its power after it was opened: open it again when the power is back",
           result);
    } else if (reach_unit(command, result)) {
      cut = answer(command, result);
      if (power_->trace().is_on()) trace(command, result);
    }
  }
  if (cut) power_->end_cut(*cut);
  result.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
  return result;
}

}  // namespace tidemark
