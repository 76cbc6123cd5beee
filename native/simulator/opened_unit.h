// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "simulator/fault_injector.h"
#include "simulator/logical_unit.h"
#include "simulator/power.h"

namespace tidemark::simulator {

/// What came back of a command that was sent to an opened unit.
struct Delivery {
  /// The unit could not be had; nothing was sent.
  std::optional<LogicalUnit::Refusal> refusal;
  /// The power is gone, or was after the unit was opened; no answer came.
  bool is_dead = false;
  FaultedAnswer faulted;
  std::vector<std::uint8_t> sense;
  /// What it took of the library's time, where the unit's commands take any.
  std::optional<std::uint64_t> duration_us;
};

/// A unit that this process has opened, for one initiator or several: one command at a time, with
/// the faults of its plan, under the power of its library.
class OpenedUnit : public Power::Consumer {
 public:
  OpenedUnit(std::string name, std::unique_ptr<LogicalUnit> unit, FaultPlan plan,
             std::shared_ptr<Power> power);
  ~OpenedUnit() override;

  /// False where this initiator uses it already.
  [[nodiscard]] bool attach(InitiatorId initiator);
  /// The nexus of the initiator is lost.
  void detach(InitiatorId initiator);

  [[nodiscard]] Delivery execute(const Request& request);
  void lose_power(const PowerCut& cut) override;

 private:
  void trace(const Request& request, std::optional<CommandTrace::Block> block,
             const Delivery& delivery);
  [[nodiscard]] Delivery deliver(const Request& request);

  std::string name_;
  std::shared_ptr<Power> power_;
  /// For all below: the power may go while another thread sends a command.
  std::mutex mutex_;
  /// In front of the unit, which it outlives.
  FaultInjector faults_;
  /// Null: it lost its power.
  std::unique_ptr<LogicalUnit> unit_;
  bool acquired_ = false;
  bool is_timed_ = false;
  std::set<InitiatorId> initiators_;
};

}  // namespace tidemark::simulator
