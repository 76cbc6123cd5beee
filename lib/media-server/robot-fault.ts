// SPDX-License-Identifier: Apache-2.0
/** What a changer's refusal or failure asks of whoever wanted the move (fault catalogue, C1 to C6). */
import {
  AbortedCommandError,
  IllegalRequestError,
  OperatorError,
  SenseError,
  StatusError,
  TransportError,
  UnitAttentionError,
} from "../errors.ts";

/** The library moves nothing, or not there, until a person has seen to it: that says nothing about the cartridge. */
export class LibraryFaultError extends OperatorError {}

/** The cartridges are not where the plan had them: look again and plan anew. */
export class PlanStaleError extends OperatorError {}

const busy = 0x08;
const taskSetFull = 0x28;
/** Nobody knows how far it had come (U5). */
const taskAborted = 0x40;

/** Source empty, destination full, magazine not there: what was known of the elements is out of date (C1, C3). */
export function isPlanStale(error: unknown): boolean {
  if (error instanceof PlanStaleError || error instanceof UnitAttentionError) return true;
  return error instanceof IllegalRequestError && error.asc === 0x3b && [0x0d, 0x0e, 0x11, 0x12].includes(error.ascq);
}

/** The drive has not let go of its cartridge (C2). */
export function isHeldByDrive(error: unknown): boolean {
  return error instanceof IllegalRequestError && error.asc === 0x53 && error.ascq >= 0x01 && error.ascq <= 0x03;
}

/** The changer has no such command, or not between these elements (5/20, 5/21, 5/24, 5/26). */
export function isNotOffered(error: unknown): boolean {
  return error instanceof IllegalRequestError && [0x20, 0x21, 0x24, 0x26].includes(error.asc);
}

/** The command was not carried out, whatever the elements say. */
export function isNotCarriedOut(error: unknown): boolean {
  if (error instanceof UnitAttentionError) return true;
  if (error instanceof StatusError) return error.scsiStatus !== taskAborted;
  return error instanceof TransportError && error.outcome === "notSent";
}

/**
 * Worth one more try once the elements have shown that nothing moved: positioning and gripper errors, and commands of
 * unknown outcome (C5, C6).
 */
export function isWorthRepeating(error: unknown): boolean {
  if (error instanceof StatusError) return [busy, taskSetFull, taskAborted].includes(error.scsiStatus);
  if (error instanceof TransportError) return error.outcome === "unknown";
  if (error instanceof AbortedCommandError) return true;
  if (!(error instanceof SenseError)) return false;
  const { senseKey, asc, ascq } = error;
  if (asc === 0x83) return true;
  if (senseKey !== 4) return false;
  return (asc === 0x15 && ascq === 0x01) || (asc === 0x3b && ascq === 0x16) || (asc >= 0x40 && asc <= 0x44);
}
