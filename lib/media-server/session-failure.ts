// SPDX-License-Identifier: Apache-2.0
/** Notes whose fault an error of a writing session was, so that the job can go on elsewhere, and says it. */
import { HardwareError, JobError, OperatorError, SenseError, TapeError } from "../errors.ts";
import type { SessionRequest } from "../protocol/media-server.ts";
import type { VolumeState } from "../protocol/volume.ts";
import { isEjectWanted } from "./attention-news.ts";
import { takeOutOfService } from "./drive-handles.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { writeFailureKind } from "./write-failure.ts";

/** Drive and volume that were in hand. */
export interface AtFault {
  readonly driveName: string;
  readonly volumeUuid: string;
  readonly volumeTag: string;
}

/** WRITE PROTECTED and its sorts (SPC-5 annex F). */
const writeProtectedAsc = 0x27;
const unitAttentionKey = 6;

/**
 * Drives through which a block came damaged to the tape, with the jobs that wrote it: the second time it is the drive's
 * fault (W11). As long as the process.
 */
export class DamagedBlocks {
  readonly #met = new Set<string>();

  isFirst(driveName: string, jobId: string): boolean {
    const key = `${driveName} ${jobId}`;
    const isFirst = !this.#met.has(key);
    this.#met.add(key);
    return isFirst;
  }
}

export class SessionFailure {
  readonly #environment: Pick<MediaServerEnvironment, "volumes" | "cartridges" | "drives" | "nowMs">;
  readonly #request: SessionRequest;
  readonly #damagedBlocks: DamagedBlocks;

  constructor(
    environment: Pick<MediaServerEnvironment, "volumes" | "cartridges" | "drives" | "nowMs">,
    request: SessionRequest,
    damagedBlocks: DamagedBlocks,
  ) {
    this.#environment = environment;
    this.#request = request;
    this.#damagedBlocks = damagedBlocks;
  }

  /** What the job is told; ERR_TAPE_JOB_INTERRUPTED where it may go on by itself. */
  explain(at: AtFault, error: unknown): Error {
    if (!(error instanceof TapeError)) return error instanceof Error ? error : new Error(String(error));
    if (error instanceof SenseError && error.senseKey === unitAttentionKey && isEjectWanted(error)) {
      return this.ejectWanted(at, error);
    }
    const kind = writeFailureKind(error);
    if (kind === undefined) return error;
    if (kind === "volume" || kind === "protected") this.closeVolume(at, error);
    const isDriveAtFault =
      kind === "drive" || (kind === "block" && !this.#damagedBlocks.isFirst(at.driveName, this.#request.jobId));
    if (isDriveAtFault && error instanceof HardwareError) {
      const lastError = { atMs: this.#environment.nowMs(), text: error.message };
      takeOutOfService(this.#environment.drives, at.driveName, error.message, lastError);
    }
    return this.interrupted(error);
  }

  /** The same volume, in whatever drive, once it was looked at. */
  interrupted(error: TapeError): JobError {
    return new JobError(`${error.message}. ${this.#howToResume()}`, { code: "ERR_TAPE_JOB_INTERRUPTED", cause: error });
  }

  /** A person wants the cartridge: the job does not go on by itself (U7). */
  ejectWanted({ driveName, volumeTag }: AtFault, cause?: unknown): OperatorError {
    return new OperatorError(
      `somebody has pressed the eject button of ${driveName}: the job has stopped, ${volumeTag} may be taken out. ${this.#howToResume()}`,
      { code: "ERR_TAPE_OPERATOR", ...(cause === undefined ? {} : { cause }) },
    );
  }

  /** Nothing more is written on it. */
  closeVolume({ volumeUuid, volumeTag }: Pick<AtFault, "volumeUuid" | "volumeTag">, error: TapeError): void {
    const { volumes, cartridges, nowMs } = this.#environment;
    volumes.change(volumeUuid, (entry) => ({ ...entry, state: closedState(error) }));
    if (error.code !== "ERR_TAPE_VOLUME_OVERFLOW") {
      const isProtected = error instanceof SenseError && error.asc === writeProtectedAsc;
      const lastError = { atMs: nowMs(), text: error.message };
      const noted = { lastError, ...(isProtected ? { writeProtected: true } : {}) };
      cartridges.change(volumeTag, (cartridge) => ({ ...cartridge, ...noted }));
    }
    const text = `nothing more is written on ${volumeTag}: ${error.message}`;
    this.#request.onNotice?.({ kind: "volumeClosed", volumeTag, text });
  }

  #howToResume(): string {
    return `The job can be resumed: tidemark job resume ${this.#request.jobId}`;
  }
}

/** A volume that only refuses to be written is as good as it was; no job goes on on it. */
function closedState(error: TapeError): VolumeState {
  return writeFailureKind(error) === "volume" && error.code !== "ERR_TAPE_VOLUME_OVERFLOW" ? "damaged" : "full";
}
