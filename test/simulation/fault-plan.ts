// SPDX-License-Identifier: Apache-2.0
/** A fault at a command, as the simulated library's fault plan says it. */
import type { SimulatedFault } from "../../lib/native/binding.ts";
import type { CommandEffect } from "./fault.ts";

export function plannedFault(libraryCommand: number, effect: CommandEffect): SimulatedFault {
  return { id: "simulated", when: { libraryCommand }, effect: plannedEffect(effect) };
}

function plannedEffect(effect: CommandEffect): SimulatedFault["effect"] {
  switch (effect.kind) {
    case "crash":
      return effect.ending === "power"
        ? { powerCut: { survivors: effect.survivors }, executed: effect.isDone }
        : { hostLoss: true, executed: effect.isDone };
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
