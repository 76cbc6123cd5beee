// SPDX-License-Identifier: Apache-2.0
/** How a fault is written: `c12.power-0-done`, `d7.EIO`, `move1.sense-5-59-14`, `SIM001L9@40.spot`. */
import type { SimulatedForeignAction, SimulatedInventoryLie } from "../../lib/native/binding.ts";
import type { CallEffect, CommandEffect, Crash, Fault, Progress } from "./fault.ts";

/** Commands that can be named by what they are, as they shift least. */
const operations: ReadonlyMap<string, string> = new Map([
  ["move", "MOVE MEDIUM"],
  ["exchange", "EXCHANGE MEDIUM"],
  ["elements", "READ ELEMENT STATUS"],
  ["read", "READ(6)"],
  ["locate", "LOCATE(16)"],
  ["space", "SPACE(6)"],
  ["rewind", "REWIND"],
  ["unload", "UNLOAD"],
  ["position", "READ POSITION"],
  ["reserve", "PERSISTENT RESERVE OUT"],
  ["select", "MODE SELECT(10)"],
  ["log", "LOG SENSE"],
]);

export const operationNames: readonly string[] = [...operations.values()];

export function faultText(fault: Fault): string {
  return `${placeText(fault)}.${effectText(fault.effect)}`;
}

function placeText(fault: Fault): string {
  if (fault.at === "call") return `d${fault.number}`;
  if (fault.at === "command") return `c${fault.number}`;
  if (fault.at === "object") return `${fault.volume}@${fault.number}`;
  const [word] = [...operations].find(([, operation]) => operation === fault.operation) ?? [fault.operation];
  return `${word}${fault.number}`;
}

function effectText(effect: Fault["effect"]): string {
  switch (effect.kind) {
    case "crash": {
      const torn = effect.disk === "torn" ? ["torn"] : [];
      const survivors = effect.ending === "power" ? [String(effect.survivors)] : [];
      const noEnd = effect.hasNoEnd ? ["noend"] : [];
      return [effect.ending, ...survivors, ...noEnd, ...torn, ...progressWords(effect)].join("-");
    }
    case "unknown":
      return ["unknown", ...progressWords(effect)].join("-");
    case "sense": {
      const { key, asc, ascq, isDone } = effect;
      return ["sense", key, asc, ascq, ...(isDone ? ["done"] : [])].join("-");
    }
    case "deferred":
      return `deferred-${effect.survivors}`;
    case "attention":
      return `attention-${effect.asc}-${effect.ascq}`;
    case "status":
      return `status-${effect.status}`;
    case "initiator":
      return `initiator-${effect.action}`;
    case "door":
      return `door-${effect.polls}`;
    case "inventory":
      return `inventory-${effect.lie}`;
    case "error":
      return effect.isSticky ? `${effect.code}-sticky` : effect.code;
    default:
      return effect.kind;
  }
}

function progressWords({ isDone, isInHand }: Progress): readonly string[] {
  if (isInHand === true) return ["hand"];
  return isDone ? ["done"] : [];
}

/** @throws Error where the text is no fault */
export function parseFault(text: string): Fault {
  const [, place = "", digits, name = ""] = /^([a-z]+|[A-Z0-9]+@)(\d+)\.(.+)$/.exec(text) ?? [];
  const number = Number(digits);
  const [kind = "", ...words] = name.split("-");
  const fault = faultAt(place, number, kind, words);
  // Words that mean nothing there would be another fault than the one that is asked for.
  if (fault !== undefined && faultText(fault) === text) return fault;
  throw new Error(
    `"${text}" is no fault: write one such as c12.power-0-done, c12.deferred-1, move1.unknown or d7.kill`,
  );
}

function faultAt(place: string, number: number, kind: string, words: readonly string[]): Fault | undefined {
  if (place.endsWith("@")) {
    return kind === "spot" ? { at: "object", volume: place.slice(0, -1), number, effect: { kind } } : undefined;
  }
  const crash = parseCrash(kind, words);
  if (place === "d") {
    const effect = crash ?? callEffect(kind, words);
    return effect === undefined ? undefined : { at: "call", number, effect };
  }
  const effect = crash ?? commandEffect(kind, words);
  if (effect === undefined) return undefined;
  if (place === "c") return { at: "command", number, effect };
  const operation = operations.get(place);
  return operation === undefined ? undefined : { at: "operation", operation, number, effect };
}

function parseProgress(words: readonly string[]): Progress {
  return { isDone: words.includes("done"), ...(words.includes("hand") ? { isInHand: true } : {}) };
}

function parseCrash(ending: string, words: readonly string[]): Crash | undefined {
  if (ending !== "kill" && ending !== "machine" && ending !== "power") return undefined;
  const survivors = ending === "power" ? Number(words[0]) : 0;
  const disk = words.includes("torn") ? "torn" : "lost";
  return { kind: "crash", ending, ...parseProgress(words), disk, survivors, hasNoEnd: words.includes("noend") };
}

function commandEffect(kind: string, words: readonly string[]): CommandEffect | undefined {
  const [first = 0, second = 0, third = 0] = words.map(Number);
  const [word = ""] = words;
  switch (kind) {
    case "deferred":
      return { kind, survivors: first };
    case "attention":
      return { kind, asc: first, ascq: second };
    case "unknown":
      return { kind, ...parseProgress(words) };
    case "sense":
      return { kind, key: first, asc: second, ascq: third, isDone: words.includes("done") };
    case "status":
      return { kind, status: first };
    case "door":
      return { kind, polls: first };
    // What is none of these the library refuses to plan.
    case "initiator":
      return { kind, action: word as SimulatedForeignAction };
    case "inventory":
      return { kind, lie: word as SimulatedInventoryLie };
    case "medium":
    case "hardware":
    case "warning":
    case "notReady":
      return { kind };
    default:
      return undefined;
  }
}

function callEffect(kind: string, words: readonly string[]): CallEffect | undefined {
  if (kind === "ENOSPC" || kind === "EIO") return { kind: "error", code: kind, isSticky: words.includes("sticky") };
  return kind === "short" || kind === "lie" ? { kind } : undefined;
}
