// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "simulator/fault_json.h"

/// A fault plan is written by hand: no text may crash its reader, and what it takes has kept its
/// bounds.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto outcome = tidemark::simulator::parse_fault_plan(
      std::string_view(reinterpret_cast<const char*>(data), size));
  if (!outcome.problem.empty()) {
    if (!outcome.plan.faults.empty()) std::abort();
    return 0;
  }
  for (const auto& fault : outcome.plan.faults) {
    const auto& when = fault.when;
    if (fault.times == 0 || when.command == 0 || when.count == 0) std::abort();
    if (when.last_object && *when.last_object < *when.first_object) std::abort();
    const double probability = when.probability.value_or(0);
    if (!(probability >= 0 && probability <= 1)) std::abort();
    if (fault.effect.sense.key > 15) std::abort();
  }
  return 0;
}
