// SPDX-License-Identifier: Apache-2.0
/**
 * Two drives for one job: what one session reads, the other writes. Both are granted at once: two copies that had one
 * drive each and waited for another would wait for ever.
 */
import { DeviceError, JobError } from "../errors.ts";
import type { DriveLease, DriveQueue, DriveRequest } from "./drive-queue.ts";

type AcquireOptions = Parameters<DriveQueue["acquire"]>[1];

/** Gives each of two seats one drive of a lease of two; the lease ends when neither has one. */
export class PairedQueue implements Pick<DriveQueue, "acquire"> {
  readonly #queue: DriveQueue;
  readonly #taken = new Set<number>();
  /** The lease does not tell one seat from the other; one cartridge cannot be in both drives. */
  readonly #claimed = new Set<string>();
  #lease: DriveLease | undefined;
  #acquiring: Promise<DriveLease> | undefined;

  constructor(queue: DriveQueue) {
    this.#queue = queue;
  }

  async acquire(request: DriveRequest, options?: AcquireOptions): Promise<DriveLease> {
    if (request.among.length < 2) {
      throw new DeviceError("a copy needs two drives, one to read and one to write: the library has one that is free", {
        code: "ERR_TAPE_DEVICE_UNKNOWN",
      });
    }
    const lease = await this.#both(request, options);
    const drive = request.among.find((each) => lease.drives.includes(each) && !this.#taken.has(each));
    if (drive === undefined) {
      // The pair was granted while both would do: a new one is granted to the attempt that follows.
      throw new JobError("a drive of this copy is out of service, or in use elsewhere: two others are needed", {
        code: "ERR_TAPE_JOB_INTERRUPTED",
      });
    }
    this.#taken.add(drive);
    for (const volumeTag of request.volumeTags) {
      if (this.#claim(lease, volumeTag)) continue;
      this.#release(drive);
      throw new DeviceError(`cartridge ${volumeTag} is used by another job: try again when it has ended`, {
        code: "ERR_TAPE_DEVICE_LOCKED",
      });
    }
    return this.#half(lease, drive, request.volumeTags);
  }

  async #both(request: DriveRequest, options: AcquireOptions): Promise<DriveLease> {
    if (this.#lease !== undefined) return this.#lease;
    this.#acquiring ??= this.#queue.acquire({ ...request, drives: 2, volumeTags: [] }, options);
    try {
      this.#lease = await this.#acquiring;
    } finally {
      this.#acquiring = undefined;
    }
    return this.#lease;
  }

  #half(lease: DriveLease, drive: number, volumeTags: readonly string[]): DriveLease {
    const claimed = new Set(volumeTags);
    const unclaim = (volumeTag: string): void => {
      if (!claimed.delete(volumeTag)) return;
      this.#claimed.delete(volumeTag);
      lease.unclaim(volumeTag);
    };
    let isReleased = false;
    return {
      drives: [drive],
      claim: (volumeTag) => {
        if (!this.#claim(lease, volumeTag)) return false;
        claimed.add(volumeTag);
        return true;
      },
      unclaim,
      // One drive alone is of no use to anybody who waits for this pair.
      isWanted: () => false,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        for (const volumeTag of claimed) unclaim(volumeTag);
        this.#release(drive);
      },
    };
  }

  #claim(lease: DriveLease, volumeTag: string): boolean {
    if (this.#claimed.has(volumeTag) || !lease.claim(volumeTag)) return false;
    this.#claimed.add(volumeTag);
    return true;
  }

  #release(drive: number): void {
    this.#taken.delete(drive);
    if (this.#taken.size > 0) return;
    this.#lease?.release();
    this.#lease = undefined;
  }
}
