// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "simulator/fault_plan.h"

namespace tidemark::simulator {

/// Reads the text of `faults.json`, see docs/internals/simulator.md. It is strict: a member that
/// is not known, or has no meaning beside the others, would be a fault that never happens and a
/// test that proves nothing.
[[nodiscard]] FaultPlanOutcome parse_fault_plan(std::string_view text);

}  // namespace tidemark::simulator
