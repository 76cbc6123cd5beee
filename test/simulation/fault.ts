// SPDX-License-Identifier: Apache-2.0
/**
 * One fault of a simulated course, and how it is written: where it happens (the n-th SCSI command that anybody sends
 * to the library, or the n-th call of the process to its disk and its catalog store) and what it is.
 */

/** What ends the process: killed; its computer without power; the drives without power too. */
export type Ending = "kill" | "machine" | "power";

/** What becomes of what was written to the disk and not synchronised, where the computer loses its power. */
export type DiskLoss = "lost" | "torn";

export interface Crash {
  readonly kind: "crash";
  readonly ending: Ending;
  /** The command or the call is carried out before. */
  readonly isDone: boolean;
  readonly disk: DiskLoss;
  /** Ending "power": so many objects of each drive's buffer reach the medium. */
  readonly survivors: number;
  /** Ending "power": the mark of the end of data is lost where the tape was being written (R4). */
  readonly hasNoEnd: boolean;
}

export type CommandEffect =
  | Crash
  | { readonly kind: "deferred"; readonly survivors: number }
  | { readonly kind: "medium" }
  | { readonly kind: "hardware" }
  | { readonly kind: "warning" }
  | { readonly kind: "attention"; readonly asc: number; readonly ascq: number }
  | { readonly kind: "unknown"; readonly isDone: boolean }
  | { readonly kind: "notReady" };

export type CallEffect =
  | Crash
  /** The call fails; sticky: so do all that follow until the process ends. */
  | { readonly kind: "error"; readonly code: "ENOSPC" | "EIO"; readonly isSticky: boolean }
  /** A write that takes only a part. */
  | { readonly kind: "short" }
  /** A synchronisation that says yes and does nothing. */
  | { readonly kind: "lie" };

export type Fault =
  | { readonly at: "command"; readonly number: number; readonly effect: CommandEffect }
  | { readonly at: "call"; readonly number: number; readonly effect: CallEffect };

/** More than any buffer holds. */
export const allSurvive = 9999;

export function faultText(fault: Fault): string {
  return `${fault.at === "command" ? "c" : "d"}${fault.number}.${effectText(fault.effect)}`;
}

function effectText(effect: CommandEffect | CallEffect): string {
  switch (effect.kind) {
    case "crash": {
      const torn = effect.disk === "torn" ? ["torn"] : [];
      const survivors = effect.ending === "power" ? [String(effect.survivors)] : [];
      const noEnd = effect.hasNoEnd ? ["noend"] : [];
      return [effect.ending, ...survivors, ...noEnd, ...torn, ...(effect.isDone ? ["done"] : [])].join("-");
    }
    case "deferred":
      return `deferred-${effect.survivors}`;
    case "attention":
      return `attention-${effect.asc}-${effect.ascq}`;
    case "unknown":
      return effect.isDone ? "unknown-done" : "unknown";
    case "error":
      return effect.isSticky ? `${effect.code}-sticky` : effect.code;
    default:
      return effect.kind;
  }
}

/** @throws Error where the text is no fault */
export function parseFault(text: string): Fault {
  const [, place, digits, name = ""] = /^([cd])(\d+)\.(.+)$/.exec(text) ?? [];
  const number = Number(digits);
  const [kind = "", ...words] = name.split("-");
  const crash = parseCrash(kind, words);
  if (place === "d") {
    const effect = crash ?? callEffect(kind, words);
    if (effect !== undefined) return { at: "call", number, effect };
  }
  if (place === "c") {
    const effect = crash ?? commandEffect(kind, words);
    if (effect !== undefined) return { at: "command", number, effect };
  }
  throw new Error(`"${text}" is no fault: write one such as c12.power-0-done, c12.deferred-1 or d7.kill`);
}

function parseCrash(ending: string, words: readonly string[]): Crash | undefined {
  if (ending !== "kill" && ending !== "machine" && ending !== "power") return undefined;
  const survivors = ending === "power" ? Number(words[0]) : 0;
  const disk = words.includes("torn") ? "torn" : "lost";
  return {
    kind: "crash",
    ending,
    isDone: words.includes("done"),
    disk,
    survivors,
    hasNoEnd: words.includes("noend"),
  };
}

function commandEffect(kind: string, words: readonly string[]): CommandEffect | undefined {
  const [first, second] = words.map(Number);
  switch (kind) {
    case "deferred":
      return { kind, survivors: first ?? 0 };
    case "attention":
      return { kind, asc: first ?? 0, ascq: second ?? 0 };
    case "unknown":
      return { kind, isDone: words.includes("done") };
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
