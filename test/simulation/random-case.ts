// SPDX-License-Identifier: Apache-2.0
/** A course by seed: three to eight faults of any kind, at any command or call, on several processes in turn. */
import type { SimulationCase } from "./case.ts";
import { Chance } from "./chance.ts";
import { allSurvive } from "./fault.ts";
import type { CallEffect, CommandEffect, Crash, Fault } from "./fault.ts";
import type { ProcessTrace } from "./process.ts";

/** @param usual - a course of the job without faults: it says how many commands and calls there are */
export function randomCase(job: string, seed: number, usual: Pick<ProcessTrace, "commands" | "calls">): SimulationCase {
  const chance = new Chance(seed);
  const faults: Fault[][] = [];
  for (let left = 3 + chance.below(6); left > 0;) {
    const together = Math.min(left, 1 + (chance.below(3) === 0 ? 1 : 0));
    faults.push(Array.from({ length: together }, () => randomFault(chance, usual)));
    left -= together;
  }
  return { job, seed, faults };
}

function randomFault(chance: Chance, { calls, commands }: Pick<ProcessTrace, "commands" | "calls">): Fault {
  if (chance.below(4) === 0) return { at: "call", number: 1 + chance.below(calls.length), effect: callEffect(chance) };
  // Anywhere, or where something is written; a process that goes on has fewer commands than the first one.
  const writes = commands.flatMap(({ operation }, index) => (operation.startsWith("WRITE") ? [index + 1] : []));
  const number = chance.below(2) === 0 ? 1 + chance.below(commands.length) : chance.pick(writes);
  return { at: "command", number, effect: commandEffect(chance) };
}

function crash(chance: Chance): Crash {
  return {
    kind: "crash",
    ending: chance.pick(["kill", "machine", "power"] as const),
    isDone: chance.below(2) === 0,
    disk: chance.pick(["lost", "torn"] as const),
    survivors: chance.pick([0, 1, 2, 5, allSurvive]),
    hasNoEnd: chance.below(3) === 0,
  };
}

function commandEffect(chance: Chance): CommandEffect {
  const effects: readonly (() => CommandEffect)[] = [
    () => crash(chance),
    () => crash(chance),
    () => ({ kind: "deferred", survivors: chance.below(6) }),
    () => ({ kind: "medium" }),
    () => ({ kind: "hardware" }),
    () => ({ kind: "warning" }),
    () => ({ kind: "attention", asc: chance.pick([0x28, 0x29, 0x2a]), ascq: chance.below(2) }),
    () => ({ kind: "unknown", isDone: chance.below(2) === 0 }),
    () => ({ kind: "notReady" }),
  ];
  return chance.pick(effects)();
}

function callEffect(chance: Chance): CallEffect {
  const effects: readonly (() => CallEffect)[] = [
    () => crash(chance),
    () => ({ kind: "error", code: chance.pick(["EIO", "ENOSPC"] as const), isSticky: chance.below(2) === 0 }),
    () => ({ kind: "short" }),
    () => ({ kind: "lie" }),
  ];
  return chance.pick(effects)();
}
