// SPDX-License-Identifier: Apache-2.0
/** What a command to the changer, or to a drive, may meet beside what any command may: by its name. */
import type { SimulatedForeignAction, SimulatedInventoryLie } from "../../lib/native/binding.ts";
import { untilProcessEnds } from "./fault.ts";
import type { CommandEffect, Crash } from "./fault.ts";

export const inventoryLies: readonly SimulatedInventoryLie[] = [
  "noVolumeTags",
  "swappedTags",
  "allEmpty",
  "allFull",
  "stale",
];

/** Those that change what we are told, or what the drive does for us. */
export const foreignActions: readonly SimulatedForeignAction[] = ["modeSelect", "reserve", "preempt", "clear"];

function refusal(key: number, asc: number, ascq: number, isDone = false): CommandEffect {
  return { kind: "sense", key, asc, ascq, isDone };
}

function attention(asc: number, ascq: number): CommandEffect {
  return { kind: "attention", asc, ascq };
}

/** The robot refuses to move, or fails: source empty, destination full, drive not unloaded, position, hardware. */
export const moveRefusals: readonly CommandEffect[] = [
  refusal(5, 0x3b, 0x0e),
  refusal(5, 0x3b, 0x0d),
  refusal(5, 0x53, 0x02),
  refusal(4, 0x15, 0x01),
  refusal(4, 0x44, 0x00),
  refusal(4, 0x15, 0x01, true),
];

/** A read fails once; so does the way to where it is to be read. */
const readRefusals: ReadonlyMap<string, readonly CommandEffect[]> = new Map([
  ["READ(6)", [refusal(3, 0x11, 0x00), refusal(4, 0x11, 0x0d)]],
  ["LOCATE(16)", [refusal(3, 0x14, 0x00), refusal(4, 0x15, 0x01)]],
  ["SPACE(6)", [refusal(3, 0x11, 0x00), refusal(3, 0x14, 0x03)]],
  ["REWIND", [refusal(3, 0x3b, 0x00), refusal(4, 0x15, 0x01)]],
]);

/** What only a person can end, and what passes. */
export const doors: readonly CommandEffect[] = [1, untilProcessEnds].map((polls) => ({ kind: "door", polls }));

/** @param most - objects in the fullest buffer when the power goes */
export function changerEffects(operation: string, most: number): readonly CommandEffect[] {
  if (operation === "READ ELEMENT STATUS") {
    return [...doors, ...inventoryLies.map((lie): CommandEffect => ({ kind: "inventory", lie }))];
  }
  if (operation !== "MOVE MEDIUM" && operation !== "EXCHANGE MEDIUM") return doors;
  return [...doors, ...moveRefusals, { kind: "unknown", isDone: false, isInHand: true }, ...crashesInMove(most)];
}

/** The cartridge is in the robot's hand then (C4). */
function crashesInMove(most: number): readonly Crash[] {
  const crash = { kind: "crash", isDone: false, isInHand: true, hasNoEnd: false, disk: "lost" } as const;
  return [
    { ...crash, ending: "kill", survivors: 0 },
    { ...crash, ending: "power", survivors: Math.floor(most / 2) },
  ];
}

export function driveEffects(operation: string): readonly CommandEffect[] {
  return [
    attention(0x2a, 0x01),
    attention(0x2a, 0x03),
    { kind: "initiator", action: "preempt" },
    { kind: "status", status: 0x18 },
    ...readRefusalsOf(operation),
  ];
}

export function readRefusalsOf(operation: string): readonly CommandEffect[] {
  return readRefusals.get(operation) ?? [];
}
