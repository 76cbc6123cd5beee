// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "simulator/fault_plan.h"
#include "simulator/strict_json.h"

namespace tidemark::simulator {

/// The member `effect` of a fault, see docs/internals/simulator.md.
[[nodiscard]] FaultEffect read_fault_effect(StrictJson& json);

}  // namespace tidemark::simulator
