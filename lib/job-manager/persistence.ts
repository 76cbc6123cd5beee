// SPDX-License-Identifier: Apache-2.0
/** Whether a job that met an error goes on by itself, and how. */
import { CatalogError, HardwareError, JobError, OperatorError } from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { LeaveBehind } from "./tape-decision.ts";

/** How far a job has come. */
export interface Standing {
  readonly offset: bigint;
  /** Barcode of the volume that it was writing. */
  readonly volumeTag?: string;
}

export interface NextAttempt {
  /** For people. */
  readonly how: string;
  readonly leave?: LeaveBehind;
}

/** So often in a row a job goes on by itself without having come further. */
const attemptsWithoutProgress = 3;

export class Persistence {
  #furthest = -1n;
  #attempts = 0;
  #driveFailed = false;

  /** @returns undefined where the error is the job's end, for now */
  decide(error: unknown, standing: Standing | undefined): NextAttempt | undefined {
    if (standing === undefined) return undefined;
    if (isDiskError(error)) return this.#mayTryAgain(standing) ? { how: "its records go on in a new file" } : undefined;
    if (isInterruption(error)) {
      this.#driveFailed = error.cause instanceof HardwareError && !isMediumFault(error.cause);
      return this.#mayTryAgain(standing) ? { how: "the tape is looked at, and written on or changed" } : undefined;
    }
    if (isMediumFault(error) && standing.volumeTag !== undefined) {
      // Places on it are not found, behind a reload either: nothing more is written on it (R6).
      const reason = `${standing.volumeTag} cannot be read where the job stopped`;
      const leave = { volumeTag: standing.volumeTag, reason };
      return this.#mayTryAgain(standing) ? { how: "on another cartridge", leave } : undefined;
    }
    // The cartridge is stuck in the drive that failed: what is durable on it counts, and the next one is written. One
    // that was looked at and found to be another one is not stuck, nor is one that was written on since.
    if (!this.#driveFailed || !isStuck(error) || standing.volumeTag === undefined) return undefined;
    if (standing.offset > this.#furthest) return undefined;
    this.#driveFailed = false;
    const reason = `${standing.volumeTag} cannot be taken out of a drive that has failed`;
    return { how: "without that cartridge", leave: { volumeTag: standing.volumeTag, reason } };
  }

  #mayTryAgain({ offset }: Standing): boolean {
    this.#attempts = offset > this.#furthest ? 1 : this.#attempts + 1;
    if (offset > this.#furthest) this.#furthest = offset;
    return this.#attempts <= attemptsWithoutProgress;
  }
}

/** The drive, or the robot at it, does not give the cartridge back, or it cannot be had. */
function isStuck(error: unknown): boolean {
  if (error instanceof HardwareError) return true;
  if (!(error instanceof OperatorError)) return false;
  return error.code === "ERR_TAPE_CARTRIDGE_MISSING" || error.cause instanceof HardwareError;
}

/** A write or an fsync has failed: that file is not believed any more (H5). */
function isDiskError(error: unknown): boolean {
  return error instanceof CatalogError && error.code === "ERR_TAPE_CATALOG_IO";
}

function isInterruption(error: unknown): error is JobError {
  return error instanceof JobError && error.code === "ERR_TAPE_JOB_INTERRUPTED";
}
