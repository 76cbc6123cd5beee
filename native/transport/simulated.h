// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "simulator/fault_plan.h"
#include "simulator/opened_unit.h"
#include "simulator/power.h"
#include "transport/transport.h"

namespace tidemark {

/// The way to a unit of a simulated library in a folder. The library is opened with the first
/// command, and again with the next one where that failed: it may be created in between. Its fault
/// plan is read when this is made. When the power of the library is cut, this is dead for ever.
class SimulatedTransport : public Transport {
 public:
  /// `unit`: `changer`, or `drive-0`, `drive-1` ...; see is_unit. `initiator`: a name; a drive can
  /// be had by several of them at a time within one process.
  SimulatedTransport(std::string folder, std::string unit, const std::string& initiator = {});
  ~SimulatedTransport() override;

  [[nodiscard]] static bool is_unit(const std::string& unit);
  [[nodiscard]] static bool is_drive(const std::string& unit);

  /// Why the library's fault plan was not understood, a sentence; no command is sent then.
  [[nodiscard]] const std::string& plan_problem() const { return plan_problem_; }

  Result execute(const Command& command) override;

 private:
  /// Finds the power of the library, once there is a library.
  void plug_in();
  /// False, and the reason in `result`, where the command cannot be sent.
  [[nodiscard]] bool open_unit(Result& result);
  [[nodiscard]] std::unique_ptr<simulator::LogicalUnit> make_unit(Result& result) const;
  void report(const Command& command, simulator::Delivery delivery, Result& result) const;

  std::string folder_;
  std::string unit_name_;
  simulator::InitiatorId initiator_;
  simulator::FaultPlan plan_;
  std::string plan_problem_;
  std::shared_ptr<simulator::Power> power_;
  /// Of the power, when this was made.
  std::uint64_t epoch_ = 0;
  std::shared_ptr<simulator::OpenedUnit> unit_;
};

}  // namespace tidemark
