// SPDX-License-Identifier: Apache-2.0
/** A session's place at a drive: the lease, and the cartridge that it has in there. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, HardwareError, OperatorError } from "../errors.ts";
import type { SessionRequest } from "../protocol/media-server.ts";
import { takeOutOfService } from "./drive-handles.ts";
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
  /** Drives that turned out to be in use by somebody who does not ask the queue, and what they said. */
  readonly #foreign = new Map<number, DeviceError | OperatorError>();
  /** Drives in which this session could not read what it wanted. */
  readonly #avoided = new Set<number>();
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

  /**
   * The drive has failed (W6): it goes out of service, and is given back. Another one takes its place.
   * @throws the error where no drive was taken: begun anew without a drive less, it would come again for ever
   */
  async giveUpDrive(error: HardwareError): Promise<void> {
    if (this.#lease === undefined) throw error;
    const { drives, nowMs } = this.#environment;
    const lastError = { atMs: nowMs(), text: error.message };
    takeOutOfService(drives, this.driveName, error.message, lastError);
    await this.leave();
  }

  /**
   * Puts the cartridge away for another drive, and does not take this one any more. False where there is no other one
   * that could be had without a person, or where both drives of a pair are in use.
   */
  async avoidDrive(): Promise<boolean> {
    const drive = this.#lease?.drives[0];
    if (drive === undefined || this.#library.isFedAtDrive || this.#request.purpose === "copy") return false;
    const others = (await this.#library.drivesFor()).filter(
      (each) => each !== drive && !this.#foreign.has(each) && !this.#avoided.has(each),
    );
    if (others.length === 0) return false;
    this.#avoided.add(drive);
    await this.unloadAndLeave();
    return true;
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

  /** The tape out of the drive's path and in again: a drive that has met an error may refuse everything until then. */
  async reload(): Promise<void> {
    const drive = this.#lease?.drives[0];
    if (drive === undefined) return;
    const opened = await this.#library.openDrive(drive);
    await opened.unload();
    await opened.load();
  }

  /** Puts the cartridge away first: its next load begins anew, whatever state the drive is in. */
  async unloadAndLeave(): Promise<void> {
    const drive = this.#lease?.drives[0];
    try {
      if (drive !== undefined) await this.#library.unmount(drive);
    } catch (error) {
      await this.#givenUp(error);
    } finally {
      await this.leave();
    }
  }

  async #acquire(volumeTag: string | undefined, volumeTags: readonly string[]): Promise<void> {
    const { jobId, purpose, signal, onNotice } = this.#request;
    const own = (await this.#library.drivesFor(volumeTag)).filter((drive) => !this.#foreign.has(drive));
    if (own.length === 0) throw this.#allForeign();
    // A drive that could not read something is taken again before none is.
    const better = own.filter((drive) => !this.#avoided.has(drive));
    const among = better.length === 0 ? own : better;
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

  /** @returns undefined where the drive is no use, or used by somebody who does not ask the queue: it was given back */
  async #mountHere(volumeTag: string): Promise<TapeDrive | undefined> {
    const drive = this.#lease?.drives[0];
    if (drive === undefined) return undefined;
    const { jobId } = this.#request;
    try {
      // By itself first: what is then in use is another drive, where the cartridge is.
      await this.#library.openDrive(drive, { jobId });
    } catch (error) {
      if (!isForeign(error)) return this.#givenUp(error);
      this.#foreign.set(drive, error);
      await this.leave();
      return undefined;
    }
    try {
      const mounted = await this.#library.mount(drive, volumeTag, { jobId });
      const driveName = this.#library.driveNames[drive] ?? `drive ${drive}`;
      this.#request.onNotice?.({
        kind: "volumeMounted",
        volumeTag,
        drive: driveName,
        text: `${volumeTag} is in ${driveName}`,
      });
      return mounted;
    } catch (error) {
      return this.#givenUp(error);
    }
  }

  /** A drive that cannot change its cartridge (W6): another one takes its place. */
  async #givenUp(error: unknown): Promise<undefined> {
    if (!(error instanceof HardwareError)) throw error;
    await this.giveUpDrive(error);
    return undefined;
  }

  #allForeign(): Error {
    const [error] = this.#foreign.values();
    if (error instanceof OperatorError) return error;
    return new DeviceError("every drive is used by another program: try again when it has ended", {
      code: "ERR_TAPE_DEVICE_LOCKED",
      ...(error === undefined ? {} : { cause: error }),
    });
  }
}

/** Another program of this host has it, or another host. */
function isForeign(error: unknown): error is DeviceError | OperatorError {
  return (
    (error instanceof DeviceError && error.code === "ERR_TAPE_DEVICE_LOCKED") ||
    (error instanceof OperatorError && error.code === "ERR_TAPE_DEVICE_RESERVED")
  );
}

function waitingText(before: readonly DriveQueueEntry[], driveNames: readonly string[]): string {
  const users = before.map(({ jobId, purpose, drives, state }) => {
    const who = jobId === undefined ? `a ${purpose}` : `job ${jobId} (${purpose})`;
    const what = state === "waiting" ? "waits too" : `has ${drives.map((drive) => driveNames[drive]).join(" and ")}`;
    return `${who} ${what}`;
  });
  return users.length === 0 ? "waiting for a drive" : `waiting for a drive: ${users.join(", ")}`;
}
