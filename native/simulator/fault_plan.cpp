// SPDX-License-Identifier: Apache-2.0
#include "simulator/fault_plan.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "scsi/operation.h"
#include "simulator/fault_json.h"
#include "simulator/text_file.h"
#include "simulator/unit_name.h"

namespace tidemark::simulator {
namespace {

std::string plan_path(const std::string& folder) { return folder + "/faults.json"; }

/// Effects on what only drives have: a buffer, a medium, flags.
bool is_for_drives(FaultEffect::Kind kind) {
  using Kind = FaultEffect::Kind;
  return kind == Kind::hardware_failure || kind == Kind::drop_buffer || kind == Kind::tape_alert ||
         kind == Kind::reset || kind == Kind::other_initiator || kind == Kind::swap;
}

}  // namespace

bool Fault::concerns(std::string_view wanted_unit) const {
  const bool is_changer = wanted_unit == changer_unit;
  const bool is_known = when.operation.empty() || scsi::is_command_name(when.operation, is_changer);
  if (!is_known) return false;
  if (is_changer && (is_for_drives(effect.kind) || when.first_object)) return false;
  const bool is_for_changer = effect.execution == FaultExecution::in_transport ||
                              effect.kind == FaultEffect::Kind::inventory_lie;
  if (!is_changer && is_for_changer) return false;
  return unit.empty() || unit == wanted_unit || (unit == "drive" && !is_changer);
}

std::string save_fault_plan(const std::string& folder, const std::optional<std::string>& text) {
  const auto path = plan_path(folder);
  if (text) {
    const auto problem = parse_fault_plan(*text).problem;
    if (!problem.empty()) return "the fault plan is not understood: " + problem;
  }
  int error = 0;
  if (text) {
    error = replace_text_file(path, *text);
  } else if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    error = errno;
  }
  if (error != 0) return "cannot write the fault plan " + path + ": " + std::strerror(error);
  FaultCounts::forget(folder);
  return "";
}

FaultPlanOutcome load_fault_plan(const std::string& folder) {
  const auto path = plan_path(folder);
  const auto text = read_text_file(path);
  if (!text && errno == ENOENT) return {};
  if (!text) return {{}, "cannot read the fault plan " + path + ": " + std::strerror(errno)};
  auto outcome = parse_fault_plan(*text);
  if (!outcome.problem.empty()) {
    return {{}, "the fault plan " + path + " is not understood: " + outcome.problem};
  }
  outcome.plan.text = *text;
  outcome.plan.counts = FaultCounts(folder, *text);
  return outcome;
}

}  // namespace tidemark::simulator
