// SPDX-License-Identifier: Apache-2.0
/** A session's place at a drive: the lease, and the cartridge that it has in there. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, HardwareError } from "../errors.ts";
import type { SessionRequest } from "../protocol/media-server.ts";
import type { DriveLease, DriveQueue, DriveQueueEntry } from "./drive-queue.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import type { Library } from "./library.ts";

const priorities: Readonly<Record<SessionRequest["purpose"], number>> = {
  restore: 10,
  backup: 0,
  verify: -10,
  copy: -10,
};

type SeatEnvironment = Pick<MediaServerEnvironment, "drives" | "library" | "nowMs">;

export class DriveSeat {
  readonly #environment: SeatEnvironment;
  readonly #library: Library;
  readonly #queue: Pick<DriveQueue, "acquire">;
  readonly #request: SessionRequest;
  /** Drives that turned out to be in use by somebody who does not ask the queue. */
  readonly #foreign = new Set<number>();
  #lease: DriveLease | undefined;
  #volumeTag: string | undefined;

  constructor(environment: SeatEnvironment, queue: Pick<DriveQueue, "acquire">, request: SessionRequest) {
    this.#environment = environment;
    this.#library = environment.library;
    this.#queue = queue;
    this.#request = request;
  }

  /** A more urgent job waits for what this one has. */
  get isWanted(): boolean {
    return this.#lease?.isWanted() ?? false;
  }

  get isTaken(): boolean {
    return this.#lease !== undefined;
  }

  /** Name of the drive. */
  get driveName(): string {
    const drive = this.#lease?.drives[0];
    return drive === undefined ? "no drive" : (this.#library.driveNames[drive] ?? `drive ${drive}`);
  }

  /** Waits for a drive, best one that suits the cartridge; nothing is mounted. */
  async take(volumeTag?: string): Promise<void> {
    if (this.#lease !== undefined) return;
    await this.#acquire(volumeTag, []);
  }

  /** The drive with this cartridge in it, ready. Waits for a drive, and for the cartridge where another job has it. */
  async mount(volumeTag: string): Promise<TapeDrive> {
    for (;;) {
      // Waiting for a cartridge with a drive in hand could be for ever: whoever has it may wait for this drive.
      if (this.#lease !== undefined && !this.#claim(volumeTag)) await this.leave();
      if (this.#lease === undefined) await this.#acquire(volumeTag, [volumeTag]);
      const drive = await this.#mountHere(volumeTag);
      if (drive !== undefined) return drive;
    }
  }

  /** As {@link mount}, with the drive taken before; undefined where another job has the cartridge. Never waits for one. */
  async tryMount(volumeTag: string): Promise<TapeDrive | undefined> {
    for (;;) {
      await this.take(volumeTag);
      if (!this.#claim(volumeTag)) return undefined;
      const drive = await this.#mountHere(volumeTag);
      if (drive !== undefined) return drive;
    }
  }

  /** Barcode of what is in the drive, which is taken first. */
  async loadedTag(): Promise<string | undefined> {
    await this.take();
    const drive = this.#lease?.drives[0];
    return drive === undefined ? undefined : this.#library.loadedTag(drive);
  }

  /** Gives drive and cartridge back. The cartridge stays in the drive until somebody needs the drive. */
  async leave(): Promise<void> {
    const lease = this.#lease;
    if (lease === undefined) return;
    this.#lease = undefined;
    this.#volumeTag = undefined;
    try {
      for (const drive of lease.drives) await this.#library.closeDrive(drive);
    } finally {
      lease.release();
    }
  }

  /** Puts the cartridge away first: its next load begins anew, whatever state the drive is in. */
  async unloadAndLeave(): Promise<void> {
    const drive = this.#lease?.drives[0];
    try {
      if (drive !== undefined) await this.#library.unmount(drive);
    } finally {
      await this.leave();
    }
  }

  async #acquire(volumeTag: string | undefined, volumeTags: readonly string[]): Promise<void> {
    const { jobId, purpose, signal, onNotice } = this.#request;
    const among = (await this.#library.drivesFor(volumeTag)).filter((drive) => !this.#foreign.has(drive));
    if (among.length === 0) {
      throw new DeviceError("every drive is used by another program: try again when it has ended", {
        code: "ERR_TAPE_DEVICE_LOCKED",
      });
    }
    this.#lease = await this.#queue.acquire(
      { jobId, purpose, priority: this.#request.priority ?? priorities[purpose], drives: 1, among, volumeTags },
      {
        ...(signal === undefined ? {} : { signal }),
        onWaiting: (before) =>
          onNotice?.({ kind: "waitingForDrive", text: waitingText(before, this.#library.driveNames) }),
      },
    );
    this.#volumeTag = volumeTags[0];
  }

  #claim(volumeTag: string): boolean {
    const lease = this.#lease;
    if (lease === undefined) return false;
    if (this.#volumeTag === volumeTag) return true;
    if (!lease.claim(volumeTag)) return false;
    if (this.#volumeTag !== undefined) lease.unclaim(this.#volumeTag);
    this.#volumeTag = volumeTag;
    return true;
  }

  /** @returns undefined where the drive is used by somebody who does not ask the queue: it was given back */
  async #mountHere(volumeTag: string): Promise<TapeDrive | undefined> {
    const drive = this.#lease?.drives[0];
    if (drive === undefined) return undefined;
    try {
      const mounted = await this.#library.mount(drive, volumeTag, { jobId: this.#request.jobId });
      const driveName = this.#library.driveNames[drive] ?? `drive ${drive}`;
      this.#request.onNotice?.({
        kind: "volumeMounted",
        volumeTag,
        drive: driveName,
        text: `${volumeTag} is in ${driveName}`,
      });
      return mounted;
    } catch (error) {
      if (error instanceof HardwareError) this.#takeOutOfService(drive, error);
      else if (error instanceof DeviceError && error.code === "ERR_TAPE_DEVICE_LOCKED") this.#foreign.add(drive);
      else throw error;
      await this.leave();
      return undefined;
    }
  }

  /** It could not even change its cartridge (W6): another one takes its place. */
  #takeOutOfService(drive: number, error: HardwareError): void {
    const name = this.#library.driveNames[drive] ?? `drive ${drive}`;
    const { drives, nowMs } = this.#environment;
    const lastError = { atMs: nowMs(), text: error.message };
    const known = drives.get(name) ?? { name, cleaning: "notNeeded" };
    drives.put({ ...known, state: "outOfService", reason: error.message, lastError });
  }
}

function waitingText(before: readonly DriveQueueEntry[], driveNames: readonly string[]): string {
  const users = before.map(({ jobId, purpose, drives, state }) => {
    const who = jobId === undefined ? `a ${purpose}` : `job ${jobId} (${purpose})`;
    const what = state === "waiting" ? "waits too" : `has ${drives.map((drive) => driveNames[drive]).join(" and ")}`;
    return `${who} ${what}`;
  });
  return users.length === 0 ? "waiting for a drive" : `waiting for a drive: ${users.join(", ")}`;
}
