// SPDX-License-Identifier: Apache-2.0
/** Turns the result of one command into an error, once, in the order of SAM-6: transport, status, sense. */
import { constants } from "node:os";
import { DeviceError, StatusError, TransportError, senseError } from "../errors.ts";
import type { NativeResult } from "../native/binding.ts";
import { additionalSense } from "./additional-sense.ts";

const good = 0x00;
const checkCondition = 0x02;
const statusNames: Readonly<Record<number, string>> = {
  0x08: "busy",
  0x18: "reservation conflict",
  0x28: "task set full",
  0x30: "ACA active",
  0x40: "task aborted",
};

/** The error for a command that did not do its work; `attempt` says what was attempted and on what. */
export function resultError(result: NativeResult, attempt: string): Error {
  if (result.outcome !== "completed") {
    const why =
      result.detail ?? `host status ${result.hostStatus}, driver status ${result.driverStatus}, errno ${result.errno}`;
    if (result.outcome === "notSent") return notSentError(result.errno, `${attempt} failed: ${why}`);
    return new TransportError(`${attempt} failed: ${result.command} has an unknown outcome (${why})`, result.outcome);
  }
  if (result.scsiStatus === checkCondition && result.sense !== undefined) {
    const { text } = additionalSense(result.sense.senseKey, result.sense.asc, result.sense.ascq);
    return senseError(`${attempt} (${result.command}: ${text})`, { ...result.sense, command: result.command });
  }
  const name = statusNames[result.scsiStatus] ?? `SCSI status ${result.scsiStatus}`;
  return new StatusError(`${attempt} failed: ${result.command} ended with ${name}`, result.scsiStatus);
}

/**
 * The error for a WRITE that was not accepted in full. A GOOD status beside a residual, or beside more bytes than were
 * sent, are two accounts that contradict each other: nobody knows what is on the tape (T4).
 */
export function writeError(result: NativeResult, attempt: string): Error {
  if (result.outcome !== "completed" || result.scsiStatus !== good) return resultError(result, attempt);
  const why = result.detail ?? `the transport says that ${result.residual} bytes were not transferred`;
  return new TransportError(`${attempt} failed: ${result.command} ended well, but ${why}`, "unknown");
}

/**
 * The error for a READ that gave no block. Beside an answer that is good, the block itself is none: it was damaged on its
 * way here (W11), or has another length. Read once more it may come whole.
 */
export function readError(result: NativeResult, attempt: string): Error {
  if (!isDone(result)) return resultError(result, attempt);
  const why = result.detail ?? "the block is longer than it should be";
  return new TransportError(`${attempt} failed: ${result.command} ended well, but ${why}`, "unknown");
}

const inUse: readonly number[] = [constants.errno.EBUSY, constants.errno.EWOULDBLOCK];
const notThere: readonly number[] = [
  constants.errno.ENOENT,
  constants.errno.ENODEV,
  constants.errno.ENXIO,
  constants.errno.ENOTTY,
];

function notSentError(errno: number, message: string): Error {
  if (inUse.includes(errno)) return new DeviceError(message, { code: "ERR_TAPE_DEVICE_LOCKED" });
  if (notThere.includes(errno)) return new DeviceError(message, { code: "ERR_TAPE_DEVICE_UNKNOWN" });
  return new TransportError(message, "notSent");
}

/** The command did its work: GOOD, or CHECK CONDITION with a harmless key. */
export function isDone({ outcome, scsiStatus, sense }: NativeResult): boolean {
  if (outcome !== "completed") return false;
  if (scsiStatus === good) return true;
  return scsiStatus === checkCondition && sense !== undefined && !sense.deferred && sense.senseKey <= 1;
}

/** @throws the matching error unless the command did its work. */
export function checkResult(result: NativeResult, attempt: string): void {
  if (!isDone(result)) throw resultError(result, attempt);
}

/** A payload that came with a good result. */
export function payload<T>(value: T | undefined, result: NativeResult, attempt: string): T {
  checkResult(result, attempt);
  if (value === undefined) throw resultError(result, `${attempt}: the device left its answer out, which`);
  return value;
}
