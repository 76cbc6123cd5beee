// SPDX-License-Identifier: Apache-2.0
/** Errors that speak of a place of the medium: what the media server and who asked it for that place go by. */
import { HardwareError, MediumError } from "../errors.ts";

/** MECHANICAL POSITIONING ERROR and RANDOM POSITIONING ERROR (SPC-5 annex F). */
const positioningAsc = 0x15;
/** Commands whose positioning error speaks of the place that was looked for. One of a WRITE is the drive's. */
const placeCommands = /^(?:LOCATE\(|SPACE\(|READ\(|REWIND$)/;

/**
 * A place of the medium that cannot be found or read. Drives report it under the key of the hardware too (R6): taken for
 * the drive's fault, one cartridge would put every drive that it is tried in out of service.
 */
export function isMediumFault(error: unknown): error is MediumError | HardwareError {
  if (error instanceof MediumError) return true;
  if (!(error instanceof HardwareError) || error.asc !== positioningAsc) return false;
  // A deferred one is of what was written before.
  return !error.deferred && placeCommands.test(error.command ?? "");
}
