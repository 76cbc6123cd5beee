// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "simulator/fault_injector.h"
#include "simulator/logical_unit.h"
#include "transport/transport.h"

namespace tidemark {

/// The way to a unit of a simulated library in a folder. The library is opened with the first
/// command, and again with the next one where that failed: it may be created in between. Its fault
/// plan is read when this is made.
class SimulatedTransport : public Transport {
 public:
  /// `unit`: `changer`, or `drive-0`, `drive-1` ...; see is_unit.
  SimulatedTransport(std::string folder, std::string unit);

  [[nodiscard]] static bool is_unit(const std::string& unit);

  /// Why the library's fault plan was not understood, a sentence; no command is sent then.
  [[nodiscard]] const std::string& plan_problem() const { return plan_problem_; }

  Result execute(const Command& command) override;

 private:
  /// False, and the reason in `result`, where the command cannot be sent.
  [[nodiscard]] bool reach_unit(const Command& command, Result& result);
  [[nodiscard]] bool open_unit(Result& result);
  /// What the unit answers, with what the fault plan does to the command.
  void answer(const Command& command, Result& result);

  std::string folder_;
  std::string unit_name_;
  std::string plan_problem_;
  /// In front of the unit, which it outlives.
  simulator::FaultInjector faults_;
  std::unique_ptr<simulator::LogicalUnit> unit_;
  bool acquired_ = false;
};

}  // namespace tidemark
