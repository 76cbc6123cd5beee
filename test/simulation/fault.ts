// SPDX-License-Identifier: Apache-2.0
/**
 * One fault of a simulated course: where it happens and what it is. How it is written is said in `fault-text.ts`.
 */
import type { SimulatedForeignAction, SimulatedInventoryLie } from "../../lib/native/binding.ts";

/** What ends the process: killed; its computer without power; the drives without power too. */
export type Ending = "kill" | "machine" | "power";

/** What becomes of what was written to the disk and not synchronised, where the computer loses its power. */
export type DiskLoss = "lost" | "torn";

/** How far a command comes that is not answered: a move can also end where the robot has a cartridge in its hand. */
export interface Progress {
  /** The command or the call is carried out before. */
  readonly isDone: boolean;
  readonly isInHand?: true;
}

export interface Crash extends Progress {
  readonly kind: "crash";
  readonly ending: Ending;
  readonly disk: DiskLoss;
  /** Ending "power": so many objects of each drive's buffer reach the medium. */
  readonly survivors: number;
  /** Ending "power": the mark of the end of data is lost where the tape was being written (R4). */
  readonly hasNoEnd: boolean;
}

/** Sense data that a command is answered with. */
export interface Refusal {
  readonly kind: "sense";
  readonly key: number;
  readonly asc: number;
  readonly ascq: number;
  /** It is carried out all the same. */
  readonly isDone: boolean;
}

export type CommandEffect =
  | Crash
  | Refusal
  | { readonly kind: "deferred"; readonly survivors: number }
  | { readonly kind: "medium" }
  | { readonly kind: "hardware" }
  | { readonly kind: "warning" }
  | { readonly kind: "attention"; readonly asc: number; readonly ascq: number }
  | ({ readonly kind: "unknown" } & Progress)
  | { readonly kind: "notReady" }
  /** Another SCSI status than GOOD or CHECK CONDITION. */
  | { readonly kind: "status"; readonly status: number }
  /** What another initiator does in front of the command, where no reservation keeps it from that. */
  | { readonly kind: "initiator"; readonly action: SimulatedForeignAction }
  /** The changer's door is open for so many commands; once it is closed another inventory may have come (C3). */
  | { readonly kind: "door"; readonly polls: number }
  /** What the changer says once of its elements. */
  | { readonly kind: "inventory"; readonly lie: SimulatedInventoryLie };

export type CallEffect =
  | Crash
  /** The call fails; sticky: so do all that follow until the process ends. */
  | { readonly kind: "error"; readonly code: "ENOSPC" | "EIO"; readonly isSticky: boolean }
  /** A write that takes only a part. */
  | { readonly kind: "short" }
  /** A synchronisation that says yes and does nothing. */
  | { readonly kind: "lie" };

export type Fault =
  /** The n-th command that anybody sends to the library. */
  | { readonly at: "command"; readonly number: number; readonly effect: CommandEffect }
  /** The n-th command of this name that a unit gets since it was opened; the name is the standard's. */
  | { readonly at: "operation"; readonly operation: string; readonly number: number; readonly effect: CommandEffect }
  /** A place on a tape that can be neither read nor written, as long as the process runs. */
  | { readonly at: "object"; readonly volume: string; readonly number: number; readonly effect: Unusable }
  /** The n-th call of the process to its disk and its catalog store. */
  | { readonly at: "call"; readonly number: number; readonly effect: CallEffect };

export interface Unusable {
  readonly kind: "spot";
}

/** More than any buffer holds. */
export const allSurvive = 9999;

/** More than any process asks: what a person must end. */
export const untilProcessEnds = 9999;
