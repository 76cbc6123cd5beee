// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "simulator/fault_injector.h"
#include "simulator/logical_unit.h"
#include "simulator/power.h"
#include "transport/transport.h"

namespace tidemark {

/// The way to a unit of a simulated library in a folder. The library is opened with the first
/// command, and again with the next one where that failed: it may be created in between. Its fault
/// plan is read when this is made. When the power of the library is cut, this is dead for ever.
class SimulatedTransport : public Transport, private simulator::Power::Consumer {
 public:
  /// `unit`: `changer`, or `drive-0`, `drive-1` ...; see is_unit.
  SimulatedTransport(std::string folder, std::string unit);
  ~SimulatedTransport() override;

  [[nodiscard]] static bool is_unit(const std::string& unit);

  /// Why the library's fault plan was not understood, a sentence; no command is sent then.
  [[nodiscard]] const std::string& plan_problem() const { return plan_problem_; }

  Result execute(const Command& command) override;

 private:
  void lose_power(const simulator::PowerCut& cut) override;
  /// Finds the power of the library, once there is a library.
  void plug_in();
  /// False, and the reason in `result`, where the command cannot be sent.
  [[nodiscard]] bool reach_unit(const Command& command, Result& result);
  [[nodiscard]] bool open_unit(Result& result);
  /// What the unit answers, with what the fault plan does to the command. Returns a cut of the
  /// power that has begun with it.
  [[nodiscard]] std::optional<simulator::PowerCut> answer(const Command& command, Result& result);
  void trace(const Command& command, const Result& result) const;

  std::string folder_;
  std::string unit_name_;
  std::string plan_problem_;
  /// In front of the unit, which it outlives.
  simulator::FaultInjector faults_;
  std::unique_ptr<simulator::LogicalUnit> unit_;
  bool acquired_ = false;
  std::shared_ptr<simulator::Power> power_;
  /// Of the power, when this was made.
  std::uint64_t epoch_ = 0;
  /// For the unit: its power may go while another thread sends it a command.
  std::mutex mutex_;
};

}  // namespace tidemark
