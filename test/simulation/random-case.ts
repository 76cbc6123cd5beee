// SPDX-License-Identifier: Apache-2.0
/** A course by seed: three to eight faults of any kind, at any command or call, on several processes in turn. */
import type { SimulationCase } from "./case.ts";
import { Chance } from "./chance.ts";
import { allSurvive } from "./fault.ts";
import type { CallEffect, CommandEffect, Crash, Fault } from "./fault.ts";
import type { ProcessTrace } from "./process.ts";
import { doors, foreignActions, inventoryLies, moveRefusals, readRefusalsOf } from "./unit-effects.ts";

type Usual = Pick<ProcessTrace, "commands" | "calls">;

/** @param usual - a course of the job without faults: it says how many commands and calls there are */
export function randomCase(job: string, seed: number, usual: Usual): SimulationCase {
  const chance = new Chance(seed);
  const faults: Fault[][] = [];
  for (let left = 3 + chance.below(6); left > 0;) {
    const together = Math.min(left, 1 + (chance.below(3) === 0 ? 1 : 0));
    faults.push(Array.from({ length: together }, () => randomFault(chance, usual)));
    left -= together;
  }
  if (chance.below(4) > 0) return { job, seed, faults };
  return { job, seed, faults, restoreFaults: [chance.below(2) === 0 ? moveFault(chance) : readFault(chance)] };
}

function randomFault(chance: Chance, { calls, commands }: Usual): Fault {
  if (chance.below(4) === 0) return { at: "call", number: 1 + chance.below(calls.length), effect: callEffect(chance) };
  if (chance.below(4) === 0) return namedFault(chance);
  // Anywhere, or where something is written; a process that goes on has fewer commands than the first one.
  const writes = commands.flatMap(({ operation }, index) => (operation.startsWith("WRITE") ? [index + 1] : []));
  const number = chance.below(2) === 0 ? 1 + chance.below(commands.length) : chance.pick(writes);
  return { at: "command", number, effect: commandEffect(chance) };
}

/** At a command of one sort, wherever it is in this process. */
function namedFault(chance: Chance): Fault {
  const faults: readonly (() => Fault)[] = [
    () => moveFault(chance),
    () => inventoryFault(chance),
    () => readFault(chance),
    () => ({
      at: "object",
      volume: `SIM00${1 + chance.below(3)}L9`,
      number: chance.below(40),
      effect: { kind: "spot" },
    }),
  ];
  return chance.pick(faults)();
}

function moveFault(chance: Chance): Fault {
  const operation = chance.pick(["EXCHANGE MEDIUM", "EXCHANGE MEDIUM", "MOVE MEDIUM"]);
  const effects: readonly (() => CommandEffect)[] = [
    () => chance.pick(moveRefusals),
    () => ({ kind: "unknown", isDone: chance.below(2) === 0 }),
    () => ({ kind: "unknown", isDone: false, isInHand: true }),
    () => ({ ...crash(chance), isDone: false, isInHand: true }),
    () => chance.pick(doors),
  ];
  return { at: "operation", operation, number: 1 + chance.below(2), effect: chance.pick(effects)() };
}

function inventoryFault(chance: Chance): Fault {
  const effect: CommandEffect =
    chance.below(3) === 0 ? chance.pick(doors) : { kind: "inventory", lie: chance.pick(inventoryLies) };
  return { at: "operation", operation: "READ ELEMENT STATUS", number: 1 + chance.below(30), effect };
}

function readFault(chance: Chance): Fault {
  const operation = chance.pick(["READ(6)", "READ(6)", "LOCATE(16)", "SPACE(6)", "REWIND"]);
  const number = 1 + chance.below(operation === "READ(6)" ? 16 : 3);
  return { at: "operation", operation, number, effect: chance.pick(readRefusalsOf(operation)) };
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
    () => ({ kind: "attention", ...chance.pick(rareAttentions) }),
    () => ({ kind: "unknown", isDone: chance.below(2) === 0 }),
    () => ({ kind: "notReady" }),
    () => ({ kind: "status", status: chance.pick([0x08, 0x18, 0x28, 0x40]) }),
    () => ({ kind: "initiator", action: chance.pick(foreignActions) }),
  ];
  return chance.pick(effects)();
}

/** Reservations preempted, released, or all removed; commands cleared by another initiator; microcode; eject button. */
const rareAttentions = [
  { asc: 0x2a, ascq: 0x03 },
  { asc: 0x2a, ascq: 0x04 },
  { asc: 0x2a, ascq: 0x05 },
  { asc: 0x2f, ascq: 0x00 },
  { asc: 0x3f, ascq: 0x01 },
  { asc: 0x5a, ascq: 0x01 },
] as const;

function callEffect(chance: Chance): CallEffect {
  const effects: readonly (() => CallEffect)[] = [
    () => crash(chance),
    () => ({ kind: "error", code: chance.pick(["EIO", "ENOSPC"] as const), isSticky: chance.below(2) === 0 }),
    () => ({ kind: "short" }),
    () => ({ kind: "lie" }),
  ];
  return chance.pick(effects)();
}
