// SPDX-License-Identifier: Apache-2.0
/** What a failed command of a session says about where the job can go on. */
import {
  AbortedCommandError,
  DataProtectError,
  DeviceError,
  HardwareError,
  NotReadyError,
  StatusError,
  TransportError,
  UnitAttentionError,
  VolumeOverflowError,
} from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";

/**
 * `volume`: nothing more is written on it, the job goes on on the next one (W3, W4, W5, W14). `protected`: the same, and
 * there is nothing wrong with it (W7, W8). `drive`: out of service, another one takes over (W6). `block`: damaged on its
 * way, and still whole where it came from: once more, and then the drive is at fault (W11). `position`: where the tape
 * stands is open; the same volume, once it was looked at (PL).
 */
export type WriteFailureKind = "volume" | "protected" | "drive" | "block" | "position";

/** RESERVATION CONFLICT, TASK ABORTED (SAM-6 5.3). Who has the reservation is asked before anything is sent (U4). */
const openStatuses: readonly number[] = [0x18, 0x40];
/** Moved behind our back; or the path to it is lost, and may come back (T1). */
const openCodes: readonly string[] = ["ERR_TAPE_POSITION", "ERR_TAPE_DEVICE_UNKNOWN"];
/** Logical block guard, application tag or reference tag check failed (SPC-5 annex F). */
const blockProtectionAsc = 0x10;

/** @returns undefined where going on would meet the same again: a refused command, an error of this program */
export function writeFailureKind(error: unknown): WriteFailureKind | undefined {
  if (error instanceof DataProtectError) return "protected";
  if (isMediumFault(error) || error instanceof VolumeOverflowError) return "volume";
  if (error instanceof HardwareError) return error.asc === blockProtectionAsc ? "block" : "drive";
  const isPositionOpen =
    error instanceof UnitAttentionError ||
    error instanceof AbortedCommandError ||
    error instanceof NotReadyError ||
    (error instanceof StatusError && openStatuses.includes(error.scsiStatus)) ||
    (error instanceof TransportError && error.outcome === "unknown") ||
    (error instanceof DeviceError && openCodes.includes(error.code));
  return isPositionOpen ? "position" : undefined;
}
