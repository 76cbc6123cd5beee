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

}  // namespace

SimulatedTransport::SimulatedTransport(std::string folder, std::string unit)
    : folder_(std::move(folder)), unit_name_(std::move(unit)), faults_({}, unit_name_) {
  auto outcome = simulator::load_fault_plan(folder_);
  plan_problem_ = std::move(outcome.problem);
  faults_ = simulator::FaultInjector(std::move(outcome.plan), unit_name_);
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
  if (!library) {
    result.error_number = error.error_number;
    result.detail = std::move(error.message);
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

void SimulatedTransport::answer(const Command& command, Result& result) {
  const simulator::Request request{command.cdb.view(), command.data_out, command.data_in};
  auto [answer, host_status, detail] =
      faults_.empty() ? simulator::FaultedAnswer{unit_->execute(request), std::nullopt, ""}
                      : faults_.execute(*unit_, request);
  if (host_status) {
    result.outcome = Outcome::unknown;
    result.host_status = *host_status;
    result.residual =
        static_cast<std::int64_t>(std::max(command.data_in.size(), command.data_out.size()));
    result.detail = std::move(detail);
    return;
  }
  result.outcome = Outcome::completed;
  result.residual = static_cast<std::int64_t>(command.data_in.size() - answer.transferred);
  result.scsi_status = answer.sense ? scsi_status::check_condition : answer.status;
  if (answer.sense) {
    const auto sense = unit_->encode_sense(*answer.sense);
    std::copy(sense.begin(), sense.end(), result.sense.begin());
    result.sense_length = static_cast<std::uint8_t>(sense.size());
  }
}

Result SimulatedTransport::execute(const Command& command) {
  const auto start = std::chrono::steady_clock::now();
  Result result;
  result.command = command.cdb.name;
  if (reach_unit(command, result)) answer(command, result);
  result.duration_us =
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                     std::chrono::steady_clock::now() - start)
                                     .count());
  return result;
}

}  // namespace tidemark
