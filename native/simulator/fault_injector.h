// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/fault_plan.h"
#include "simulator/logical_unit.h"

namespace tidemark::simulator {

/// What came back of a command on a way with faults.
struct FaultedAnswer {
  Answer answer;
  /// The transport failed: no answer arrived.
  std::optional<std::uint16_t> host_status;
  /// Where there is no answer: which fault that was.
  std::string detail;
  /// The transport failed before there was a status: errno.
  std::optional<int> error_number;
  /// What the transport says was not transferred, true or not.
  std::optional<std::int64_t> residual;
  /// The command was the last one: this cut has begun, and is to be ended when nobody has the unit.
  std::optional<PowerCut> cut;

  [[nodiscard]] bool has_arrived() const { return !host_status && !error_number; }
};

/// The faults of one unit since it was opened. Commands and faults are counted here, and what hits
/// a command is decided; what it does to the unit is the unit's affair.
class FaultInjector {
 public:
  FaultInjector(FaultPlan plan, std::string unit);

  [[nodiscard]] bool empty() const { return armed_.empty(); }
  /// The plan as it was read; a hardware failure lasts as long as it stays.
  [[nodiscard]] const std::string& plan_text() const { return text_; }
  [[nodiscard]] bool plans_hardware_failure() const;

  /// Sends a command to the unit, with what happens to it on the way. `library_command`: its number
  /// among those of all units.
  [[nodiscard]] FaultedAnswer execute(LogicalUnit& unit, const Request& request, Power& power,
                                      std::uint64_t library_command);

  /// A bad spot of a cartridge that is found when the buffer is written out.
  struct BadSpot {
    /// How many of the objects lie in front of it.
    std::uint64_t writable = 0;
    scsi::Sense sense;
  };
  /// The first one among `count` objects from `first` on, which counts as met.
  [[nodiscard]] std::optional<BadSpot> meet_bad_spot(std::string_view volume, std::uint64_t first,
                                                     std::uint64_t count);

 private:
  struct Armed {
    Fault fault;
    /// Place in the plan: faults of equal probability draw differently.
    std::uint64_t index = 0;
    /// Commands so far that the condition held for.
    std::uint64_t seen = 0;
    std::uint64_t happened = 0;

    [[nodiscard]] bool is_spent() const { return fault.times && happened >= *fault.times; }
  };

  [[nodiscard]] bool is_due(Armed& armed, std::string_view operation,
                            const FaultOccasion& occasion) const;
  /// It happens now.
  void note(Armed& armed) const;
  [[nodiscard]] bool draws(const Armed& armed) const;
  [[nodiscard]] FaultedAnswer answer_with(Armed& armed, LogicalUnit& unit, const Request& request,
                                          const FaultOccasion& occasion, Power& power) const;
  [[nodiscard]] FaultedAnswer cut_off(const Fault& fault, std::uint16_t host_status) const;

  std::string unit_;
  std::uint64_t seed_;
  std::string text_;
  FaultCounts counts_;
  std::vector<Armed> armed_;
  std::uint64_t commands_ = 0;
  /// Of the command at hand.
  std::uint64_t library_command_ = 0;
};

}  // namespace tidemark::simulator
