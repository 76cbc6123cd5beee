// SPDX-License-Identifier: Apache-2.0
/** The drives that this process has open and reserved, and what their register says of them. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, TapeError } from "../errors.ts";
import type { Element } from "../native/binding.ts";
import type { DriveEntry, DriveRegister } from "../protocol/library-state.ts";
import { endProtection, setProtection } from "./block-protection.ts";
import { DriveFence } from "./drive-fence.ts";
import { pause } from "./library-environment.ts";
import type { LibraryEnvironment } from "./library-environment.ts";

/** Whoever asks for a drive's serial number has it open for a moment: so often, and after so long, it is tried again. */
const openAttempts = 10;
const openRetryMs = 500;

/** What is known of a drive; one that nobody has met yet is in service. */
export function driveEntry(register: Pick<DriveRegister, "get">, name: string): DriveEntry {
  return register.get(name) ?? unmet(name);
}

/** By the entry as it is then: another process may be writing down what it has found. */
export function changeDrive(
  register: Pick<DriveRegister, "change">,
  name: string,
  decide: (now: DriveEntry) => DriveEntry | undefined,
): void {
  register.change(name, (now) => decide(now ?? unmet(name)));
}

function unmet(name: string): DriveEntry {
  return { name, state: "inService", cleaning: "notNeeded" };
}

/** Nobody is given the drive any more until a person has put it into service again. */
export function takeOutOfService(
  register: DriveRegister,
  name: string,
  reason: string,
  lastError?: NonNullable<DriveEntry["lastError"]>,
): void {
  const failed = { state: "outOfService", reason, ...(lastError === undefined ? {} : { lastError }) } as const;
  changeDrive(register, name, (entry) => ({ ...entry, ...failed }));
}

export function putIntoService(register: DriveRegister, name: string): void {
  changeDrive(register, name, ({ reason: _former, ...entry }) => ({ ...entry, state: "inService" }));
}

interface OpenDrive {
  readonly drive: TapeDrive;
  /** Absent where the drive knows no reservations, or none are wanted. */
  readonly fence?: DriveFence;
  readonly isProtected: boolean;
}

export class DriveHandles {
  readonly #environment: LibraryEnvironment;
  readonly #open = new Map<number, OpenDrive>();
  /** Being opened: two sessions of this process, of which one only puts a cartridge away, share it. */
  readonly #opening = new Map<number, Promise<TapeDrive>>();
  /** Those that have told their serial number, or that they have none. */
  readonly #asked = new Set<number>();

  constructor(environment: LibraryEnvironment) {
    this.#environment = environment;
  }

  get names(): readonly string[] {
    return this.#environment.access.driveNames;
  }

  name(drive: number): string {
    return this.names[drive] ?? `drive ${drive}`;
  }

  entry(drive: number): DriveEntry {
    return driveEntry(this.#environment.drives, this.name(drive));
  }

  /** Writes down what has changed of a drive. */
  note(drive: number, changed: Partial<Omit<DriveEntry, "name">>): void {
    changeDrive(this.#environment.drives, this.name(drive), (entry) => ({ ...entry, ...changed }));
  }

  /**
   * The leased drive; stays open, and reserved against other hosts, until it is closed.
   * @throws OperatorError ERR_TAPE_DEVICE_RESERVED where another host has it
   */
  async open(drive: number, jobId?: string): Promise<TapeDrive> {
    const open = this.#open.get(drive);
    if (open !== undefined) return open.drive;
    const opening = this.#opening.get(drive) ?? this.#openAnew(drive, jobId).finally(() => this.#opening.delete(drive));
    this.#opening.set(drive, opening);
    return opening;
  }

  async #openAnew(drive: number, jobId: string | undefined): Promise<TapeDrive> {
    for (let attempt = 1; ; attempt++) {
      try {
        const opened = await this.#openOnce(drive);
        this.#open.set(drive, await this.#madeReady(opened, jobId));
        return opened;
      } catch (error) {
        if (!isInUse(error) || attempt === openAttempts) throw error;
        await pause(this.#environment, openRetryMs);
      }
    }
  }

  isOpen(drive: number): boolean {
    return this.#open.has(drive);
  }

  async close(drive: number): Promise<void> {
    const open = this.#open.get(drive);
    this.#open.delete(drive);
    if (open === undefined) return;
    if (open.isProtected) await endProtection(open.drive);
    await open.fence?.release();
    await open.drive.close();
  }

  async closeAll(): Promise<void> {
    for (const drive of this.#open.keys()) await this.close(drive);
  }

  /**
   * Asks drives that no process has leased for their serial numbers: those that nobody has met yet, and those that the
   * changer does not know by the number that they had. Each once; one that cannot be opened stays unknown.
   */
  async learnSerials(elements: readonly Element[]): Promise<void> {
    const told = elements.flatMap(({ driveSerialNumber }) => driveSerialNumber?.trim() ?? []);
    const held = new Set(
      this.#environment.queue.list().flatMap(({ state, drives }) => (state === "holding" ? drives : [])),
    );
    for (const drive of this.names.keys()) {
      const { serialNumber } = this.entry(drive);
      const isKnown =
        this.entry(drive).state === "outOfService" ||
        (serialNumber !== undefined && (told.length === 0 || told.some((each) => each.endsWith(serialNumber))));
      if (isKnown || this.#asked.has(drive) || this.#open.has(drive) || held.has(drive)) continue;
      try {
        const opened = await this.#openOnce(drive);
        await opened.close();
        this.#asked.add(drive);
      } catch (error) {
        // One dead drive does not stop the others: who needs it is told then.
        if (!(error instanceof TapeError)) throw error;
      }
    }
  }

  /** Fenced first: what is set behind it stays set. */
  async #madeReady(drive: TapeDrive, jobId: string | undefined): Promise<OpenDrive> {
    const { blockProtection, reservingInstallation } = this.#environment;
    let fence: DriveFence | undefined;
    try {
      if (reservingInstallation !== undefined) fence = await DriveFence.around(drive, reservingInstallation, jobId);
      const isProtected = await setProtection(drive, blockProtection);
      return { drive, isProtected, ...(fence === undefined ? {} : { fence }) };
    } catch (error) {
      // A reservation that stayed would keep other hosts out of a drive that nobody uses.
      await fence?.release();
      await drive.close();
      throw error;
    }
  }

  /** INQUIRY is the first command that a drive gets: it disturbs nobody, and tells who the drive is (C11). */
  async #openOnce(drive: number): Promise<TapeDrive> {
    const opened = this.#environment.access.openDrive(drive);
    try {
      const { serialNumber } = await opened.inquiry();
      const serial = serialNumber.trim();
      if (serial !== "" && this.entry(drive).serialNumber !== serial) {
        // Another drive stands at this address than last time: where the last one stood says nothing.
        const { drives } = this.#environment;
        changeDrive(drives, this.name(drive), ({ elementAddress: _, ...rest }) => ({ ...rest, serialNumber: serial }));
      }
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  }
}

function isInUse(error: unknown): boolean {
  return error instanceof DeviceError && error.code === "ERR_TAPE_DEVICE_LOCKED";
}
