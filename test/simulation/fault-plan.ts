// SPDX-License-Identifier: Apache-2.0
/** A fault at a command or a place on a tape, as the simulated library's fault plan says it. */
import type { SimulatedFault, SimulatedFaultExecution, SimulatedPowerCut } from "../../lib/native/binding.ts";
import type { CommandEffect, Crash, Fault, Progress } from "./fault.ts";

const drivesOnly = new Set<CommandEffect["kind"]>(["deferred", "hardware", "initiator", "medium", "warning"]);
const changerOnly = new Set<CommandEffect["kind"]>(["door", "inventory"]);

/** What a crash means for the drives. */
export function drivesAfter(crash: Crash): SimulatedPowerCut {
  return crash.ending === "power" ? powerCut(crash) : "stay";
}

function powerCut({ hasNoEnd, survivors }: Crash): { readonly survivors: number; readonly endOfData?: "invalid" } {
  return { survivors, ...(hasNoEnd ? ({ endOfData: "invalid" } as const) : {}) };
}

/** Nothing where the fault is none of the library. */
export function plannedFault(fault: Fault): readonly SimulatedFault[] {
  switch (fault.at) {
    case "call":
      return [];
    case "object":
      return [badSpot(fault.volume, fault.number)];
    case "command":
      return [{ ...unitOf(fault.effect), when: { libraryCommand: fault.number }, effect: plannedEffect(fault.effect) }];
    case "operation": {
      const when = { operation: fault.operation, count: fault.number };
      return [{ ...unitOf(fault.effect), when, effect: plannedEffect(fault.effect) }];
    }
  }
}

/** It stays there as long as somebody could find it. */
function badSpot(volume: string, object: number): SimulatedFault {
  return {
    unit: "drive",
    when: { volume, object, lastObject: object },
    effect: { sense: { key: 3, asc: 0x0c, ascq: 0 } },
    times: "always",
  };
}

function unitOf(effect: CommandEffect): Pick<SimulatedFault, "unit"> {
  const isInHand = (effect.kind === "crash" || effect.kind === "unknown") && effect.isInHand === true;
  if (isInHand || changerOnly.has(effect.kind)) return { unit: "changer" };
  return drivesOnly.has(effect.kind) ? { unit: "drive" } : {};
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
      return { hostStatus: 3, ...execution(effect) };
    case "notReady":
      return { notReady: [4, 1], polls: 2 };
    case "sense": {
      const { key, asc, ascq, isDone: executed } = effect;
      return { sense: { key, asc, ascq }, executed };
    }
    case "status":
      return { scsiStatus: effect.status };
    case "initiator":
      return { initiator: effect.action };
    case "door":
      return { notReady: [4, 0x18], polls: effect.polls, afterwards: [0x28, 1] };
    case "inventory":
      return { inventory: effect.lie };
  }
}

function crashEffect(crash: Crash): SimulatedFault["effect"] {
  return crash.ending === "power"
    ? { powerCut: powerCut(crash), ...execution(crash) }
    : { hostLoss: true, ...execution(crash) };
}

function execution({ isDone, isInHand }: Progress): SimulatedFaultExecution {
  return isInHand === true ? { inTransport: true } : { executed: isDone };
}
