// SPDX-License-Identifier: Apache-2.0
/** What a failed command of a writing session says about where the job can go on. */
import {
  AbortedCommandError,
  DataProtectError,
  DeviceError,
  HardwareError,
  MediumError,
  NotReadyError,
  StatusError,
  TransportError,
  UnitAttentionError,
  VolumeOverflowError,
} from "../errors.ts";

/**
 * `volume`: nothing more is written on it, the job goes on on the next one (W3, W4, W5, W14). `drive`: out of service,
 * another one takes over (W6). `position`: where the tape stands is open; the same volume, once it was looked at (PL).
 */
export type WriteFailureKind = "volume" | "drive" | "position";

/** TASK ABORTED (SAM-6 5.3). */
const taskAborted = 0x40;

/** @returns undefined where going on would meet the same again: a refused command, an error of this program */
export function writeFailureKind(error: unknown): WriteFailureKind | undefined {
  if (error instanceof MediumError || error instanceof VolumeOverflowError || error instanceof DataProtectError)
    return "volume";
  if (error instanceof HardwareError) return "drive";
  const isPositionOpen =
    error instanceof UnitAttentionError ||
    error instanceof AbortedCommandError ||
    error instanceof NotReadyError ||
    // A reservation conflict is another host's word: it is not argued with (U4).
    (error instanceof StatusError && error.scsiStatus === taskAborted) ||
    (error instanceof TransportError && error.outcome === "unknown") ||
    (error instanceof DeviceError && error.code === "ERR_TAPE_POSITION");
  return isPositionOpen ? "position" : undefined;
}
