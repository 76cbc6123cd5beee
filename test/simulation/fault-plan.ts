// SPDX-License-Identifier: Apache-2.0
/** A fault at a command, as the simulated library's fault plan says it. */
import type { SimulatedFault, SimulatedPowerCut } from "../../lib/native/binding.ts";
import type { CommandEffect, Crash } from "./fault.ts";

const drivesOnly = new Set<CommandEffect["kind"]>(["deferred", "hardware", "medium", "warning"]);

/** What a crash means for the drives. */
export function drivesAfter(crash: Crash): SimulatedPowerCut {
  return crash.ending === "power" ? powerCut(crash) : "stay";
}

function powerCut({ hasNoEnd, survivors }: Crash): { readonly survivors: number; readonly endOfData?: "invalid" } {
  return { survivors, ...(hasNoEnd ? ({ endOfData: "invalid" } as const) : {}) };
}

export function plannedFault(libraryCommand: number, effect: CommandEffect): SimulatedFault {
  const unit = drivesOnly.has(effect.kind) ? ({ unit: "drive" } as const) : {};
  return { ...unit, when: { libraryCommand }, effect: plannedEffect(effect) };
}

function plannedEffect(effect: CommandEffect): SimulatedFault["effect"] {
  switch (effect.kind) {
    case "crash":
      return crashEffect(effect);
    case "deferred":
      return { dropBuffer: effect.survivors };
    case "medium":
      return { sense: { key: 3, asc: 0x0c, ascq: 0 } };
    case "hardware":
      return { hardwareFailure: true };
    case "warning":
      return { sense: { key: 0, asc: 0, ascq: 2, endOfMedium: true }, executed: true };
    case "attention":
      return { unitAttention: [effect.asc, effect.ascq] };
    case "unknown":
      return { hostStatus: 3, executed: effect.isDone };
    case "notReady":
      return { notReady: [4, 1], polls: 2 };
  }
}

function crashEffect(crash: Crash): SimulatedFault["effect"] {
  const { ending, isDone: executed } = crash;
  return ending === "power" ? { powerCut: powerCut(crash), executed } : { hostLoss: true, executed };
}
