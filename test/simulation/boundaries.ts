// SPDX-License-Identifier: Apache-2.0
/**
 * Every fault that can happen to a process, of which it is known what it does without: each command and each call with
 * each kind of fault that makes a difference there. Faults that nothing could tell apart are listed once.
 */
import { allSurvive } from "./fault.ts";
import type { CallEffect, CommandEffect, Crash, Fault } from "./fault.ts";
import type { HostCall } from "./host.ts";
import type { ProcessTrace } from "./process.ts";
import { changerEffects, driveEffects } from "./unit-effects.ts";

type Command = ProcessTrace["commands"][number];

export function boundaries({ commands, calls }: Pick<ProcessTrace, "commands" | "calls">): readonly Fault[] {
  return [...commandFaults(commands), ...callFaults(calls)];
}

/** What a restore may meet: it writes nothing, and a crash of it leaves nothing that another one would find. */
export function restoreBoundaries({ commands }: Pick<ProcessTrace, "commands">): readonly Fault[] {
  return commands.flatMap((command, index) => {
    const isRepeated = command.operation === commands[index - 1]?.operation;
    const effects = [...unitEffects(command, isRepeated, 0), ...(isRepeated ? [] : readingEffects(command))];
    return effects.map((effect): Fault => ({ at: "command", number: index + 1, effect }));
  });
}

/** Each object of the tapes that were written on, their labels included. */
export function badSpots(commands: readonly Command[]): readonly Fault[] {
  const ends = new Map<string, number>();
  for (const { block } of commands) {
    if (block !== undefined) ends.set(block.volumeTag, block.object + 1);
  }
  return [...ends].flatMap(([volume, end]) =>
    Array.from({ length: end }, (_, number): Fault => ({ at: "object", volume, number, effect: { kind: "spot" } })),
  );
}

function readingEffects({ unit }: Command): readonly CommandEffect[] {
  const common: readonly CommandEffect[] = [attention(0x29, 0x00), { kind: "unknown", isDone: false }];
  return unit === "changer" ? common : [...common, attention(0x28, 0x00), { kind: "hardware" }];
}

function commandFaults(commands: readonly Command[]): readonly Fault[] {
  const buffered = new Map<string, number>();
  return commands.flatMap((command, index) => {
    const objects = buffered.get(command.unit) ?? 0;
    buffered.set(command.unit, objectsAfter(command, objects));
    const most = Math.max(0, ...buffered.values());
    // Of writes one after the other the first one stands for all, where no buffer is lost.
    const isRepeated = isWrite(command) && isWrite(commands[index - 1]);
    const effects = [...commandEffects(command, objects, most), ...unitEffects(command, isRepeated, most)];
    return effects.map((effect): Fault => ({
      at: "command",
      number: index + 1,
      effect,
    }));
  });
}

const emptying = /^(WRITE FILEMARKS|REWIND|LOCATE|SPACE|LOAD|UNLOAD|READ\()/;
const changing = /^(WRITE|ERASE|MOVE MEDIUM|EXCHANGE MEDIUM|LOAD|UNLOAD|MODE SELECT|PERSISTENT RESERVE OUT|FORMAT)/;

function isWrite(command: Command | undefined): boolean {
  return command?.operation === "WRITE(6)";
}

/** What only a drive, or only a changer, may suffer. */
function unitEffects({ operation, unit }: Command, isRepeated: boolean, most: number): readonly CommandEffect[] {
  if (unit === "changer") return changerEffects(operation, most);
  return isRepeated ? [] : driveEffects(operation);
}

function objectsAfter({ operation }: Command, objects: number): number {
  if (operation.startsWith("WRITE(")) return objects + 1;
  return emptying.test(operation) ? 0 : objects;
}

function commandEffects({ unit, operation }: Command, objects: number, most: number): readonly CommandEffect[] {
  const executed = changing.test(operation) ? [false, true] : [false];
  const crashes = executed.flatMap((isDone) => crashEffects(isDone, most));
  const unknown = executed.map((isDone): CommandEffect => ({ kind: "unknown", isDone }));
  const common: readonly CommandEffect[] = [...crashes, ...unknown, attention(0x29, 0x00)];
  if (unit === "changer") return [...common, { kind: "notReady" }];
  const ofDrive: readonly CommandEffect[] = [...common, attention(0x28, 0x00), { kind: "hardware" }];
  return [...ofDrive, ...deferredEffects(objects), ...writeEffects(operation)];
}

function attention(asc: number, ascq: number): CommandEffect {
  return { kind: "attention", asc, ascq };
}

/** @param most - objects in the fullest buffer when the power goes */
function crashEffects(isDone: boolean, most: number): readonly Crash[] {
  const crash = { kind: "crash", isDone, survivors: 0, hasNoEnd: false } as const;
  const survivors = most === 0 ? [0] : [...new Set([0, Math.floor(most / 2), allSurvive])];
  return [
    { ...crash, ending: "kill", disk: "lost" },
    { ...crash, ending: "machine", disk: "lost" },
    { ...crash, ending: "machine", disk: "torn" },
    ...survivors.map((each): Crash => ({ ...crash, ending: "power", disk: "lost", survivors: each })),
    ...(most === 0 ? [] : [{ ...crash, ending: "power", disk: "lost", survivors: 1, hasNoEnd: true } as const]),
  ];
}

function deferredEffects(objects: number): readonly CommandEffect[] {
  if (objects === 0) return [];
  return [...new Set([0, Math.floor(objects / 2)])].map((survivors) => ({ kind: "deferred", survivors }));
}

function writeEffects(operation: string): readonly CommandEffect[] {
  if (operation.startsWith("WRITE FILEMARKS")) return [{ kind: "medium" }, { kind: "warning" }];
  return operation.startsWith("WRITE(") ? [{ kind: "medium" }, { kind: "warning" }] : [];
}

function callFaults(calls: readonly HostCall[]): readonly Fault[] {
  return calls.flatMap((call, index) =>
    callEffects(call).map((effect): Fault => ({ at: "call", number: index + 1, effect })),
  );
}

const error = (code: "EIO" | "ENOSPC", isSticky = false): CallEffect => ({ kind: "error", code, isSticky });
const writing = new Set(["create", "append", "makeFolder", "rename"]);
const synchronising = new Set(["synchronise", "synchroniseFolder"]);
const asking = /\.(get|list|byTag|finishedJob|segmentsOnVolume|objectByPath|extents|unfinished|open)$/;

function callEffects({ operation }: HostCall): readonly CallEffect[] {
  if (synchronising.has(operation)) return [...crashesAround(), error("EIO"), error("EIO", true), { kind: "lie" }];
  if (writing.has(operation)) {
    const short: readonly CallEffect[] = operation === "append" ? [{ kind: "short" }] : [];
    return [...crashesAround(), ...short, error("ENOSPC"), error("ENOSPC", true), error("EIO"), error("EIO", true)];
  }
  if (operation === "remove") return [...crashesAround(), error("EIO")];
  if (!operation.startsWith("store.")) return [error("EIO")];
  // Between two questions nothing has changed: a crash there is one at the command or call before.
  return asking.test(operation) ? [error("EIO")] : [...crashesAround(), error("EIO"), error("ENOSPC")];
}

function crashesAround(): readonly Crash[] {
  const crash = { kind: "crash", survivors: 0, disk: "lost", hasNoEnd: false } as const;
  return [
    { ...crash, ending: "kill", isDone: false },
    { ...crash, ending: "kill", isDone: true },
    { ...crash, ending: "power", isDone: false },
    { ...crash, ending: "power", isDone: true },
    { ...crash, ending: "machine", isDone: true, disk: "torn" },
  ];
}
