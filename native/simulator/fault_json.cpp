// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_json.h"

#include <string>
#include <utility>

#include "scsi/operation.h"
#include "simulator/fault_effect_json.h"
#include "simulator/strict_json.h"
#include "simulator/unit_name.h"

namespace tidemark::simulator {
namespace {

using Kind = FaultEffect::Kind;

constexpr std::string_view any_drive = "drive";

bool is_unit_name(std::string_view name) {
  return name == changer_unit || name == any_drive || drive_number(name);
}

bool is_command_name(std::string_view name) {
  return scsi::is_command_name(name, true) || scsi::is_command_name(name, false);
}

/// Is there a unit that it can happen to?
bool concerns_any(const Fault& fault) {
  const bool is_some_drive = fault.unit.empty() || fault.unit == any_drive;
  const std::string_view drive = is_some_drive ? std::string_view("drive-0") : fault.unit;
  return fault.concerns(changer_unit) || (drive != changer_unit && fault.concerns(drive));
}

/// Reads a plan value by value; the cursor keeps the first problem.
class PlanReader {
 public:
  explicit PlanReader(std::string_view text) : json_(text) {}

  FaultPlanOutcome read() {
    FaultPlan plan;
    json_.members(
        "a fault plan",
        {{"seed", [&] { plan.seed = json_.integer("seed", 0, largest_count); }},
         {"faults", [&] { json_.cursor().array([&] { plan.faults.push_back(fault()); }); }}});
    json_.cursor().end();
    if (!json_.cursor().ok()) return {{}, json_.cursor().problem()};
    return {std::move(plan), ""};
  }

 private:
  Fault fault() {
    Fault fault;
    const auto given = json_.members(
        "a fault", {{"id", [&] { fault.id = json_.cursor().string(); }},
                    {"unit", [&] { fault.unit = json_.cursor().string(); }},
                    {"when", [&] { fault.when = condition(); }},
                    {"effect", [&] { fault.effect = read_fault_effect(json_); }},
                    {"times", [&] { fault.times = times(); }},
                    {"persists", [&] { fault.persists = json_.cursor().boolean(); }}});
    const bool is_unit = !given.contains("unit") || is_unit_name(fault.unit);
    if (!is_unit) {
      json_.cursor().fail(quoted(fault.unit) +
                          " is no unit: changer, drive, or drive- and a number");
    }
    if (!given.contains("when") || !given.contains("effect")) {
      json_.cursor().fail("a fault has the members \"when\" and \"effect\"");
    }
    check_meaning(fault);
    return fault;
  }

  /// What can be read, but would never happen, or not as it is meant.
  void check_meaning(const Fault& fault) {
    const auto execution = fault.effect.execution;
    const bool is_deferred = fault.effect.kind == Kind::sense && fault.effect.sense.deferred;
    if (is_deferred && execution != FaultExecution::none) {
      json_.cursor().fail("a command that is told a deferred error is not executed");
    }
    check_unit(fault);
    const bool counts_spots = is_deferred && fault.when.first_object;
    const bool needs_command = fault.when.command || fault.when.library_command ||
                               fault.when.count || !fault.when.operation.empty();
    if (counts_spots && needs_command) {
      json_.cursor().fail("a bad spot that is told deferred knows no command");
    }
  }

  void check_unit(const Fault& fault) {
    const bool is_changer = fault.unit == changer_unit;
    const bool is_drive = !fault.unit.empty() && !is_changer;
    const auto& operation = fault.when.operation;
    const bool knows =
        fault.unit.empty() || operation.empty() || scsi::is_command_name(operation, is_changer);
    if (!knows) {
      json_.cursor().fail(quoted(operation) + " is no command of a " +
                          (is_changer ? "changer" : "drive"));
    }
    if (is_changer && fault.when.first_object) {
      json_.cursor().fail("a changer writes and reads no objects");
    }
    if (is_changer && !fault.concerns(changer_unit)) {
      json_.cursor().fail("a changer has neither write buffer, medium nor TapeAlert");
    }
    if (is_drive && fault.effect.execution == FaultExecution::in_transport) {
      json_.cursor().fail("only a changer can leave a cartridge in the transport element");
    }
    if (!concerns_any(fault)) {
      json_.cursor().fail("this happens neither to a changer nor to a drive");
    }
  }

  std::optional<std::uint64_t> times() {
    if (!json_.cursor().at_string()) return json_.integer("times", 1, largest_count);
    if (json_.cursor().string() != "always") json_.cursor().fail("times is a number or \"always\"");
    return std::nullopt;
  }

  FaultCondition condition() {
    FaultCondition when;
    const auto given = json_.members(
        "when",
        {{"command", [&] { when.command = json_.integer("command", 1, largest_count); }},
         {"libraryCommand",
          [&] { when.library_command = json_.integer("libraryCommand", 1, largest_count); }},
         {"operation", [&] { when.operation = json_.cursor().string(); }},
         {"count", [&] { when.count = json_.integer("count", 1, largest_count); }},
         {"volume", [&] { when.volume = json_.cursor().string(); }},
         {"object", [&] { when.first_object = json_.integer("object", 0, largest_count); }},
         {"lastObject", [&] { when.last_object = json_.integer("lastObject", 0, largest_count); }},
         {"probability", [&] { when.probability = json_.cursor().number(); }}});
    if (given.empty()) json_.cursor().fail("when says nothing");
    if (given.contains("operation") && !is_command_name(when.operation)) {
      json_.cursor().fail(quoted(when.operation) + " is no command");
    }
    if (given.contains("volume") && when.volume.empty()) json_.cursor().fail("volume is a barcode");
    if (when.first_object && when.volume.empty()) json_.cursor().fail("object needs a volume");
    if (when.last_object && when.last_object < when.first_object.value_or(largest_count)) {
      json_.cursor().fail("lastObject is not in front of object");
    }
    if (when.probability && (*when.probability < 0 || *when.probability > 1)) {
      json_.cursor().fail("probability is a number from 0 to 1");
    }
    return when;
  }

  StrictJson json_;
};

}  // namespace

FaultPlanOutcome parse_fault_plan(std::string_view text) { return PlanReader(text).read(); }

}  // namespace tidemark::simulator
