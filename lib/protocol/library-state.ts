// SPDX-License-Identifier: Apache-2.0
/** What must outlive a process that moves cartridges or uses drives. */

/**
 * A move of the robot. It is on disk before the command is sent, so that a process which dies in mid-move leaves word of
 * which cartridge was under way, from where and to where.
 */
export interface MoveEntry {
  readonly id: string;
  /** Barcode; absent where the cartridge has none. */
  readonly volumeTag?: string;
  readonly fromAddress: number;
  readonly toAddress: number;
  /** EXCHANGE MEDIUM: where the cartridge at `toAddress` goes, and which it is. */
  readonly secondAddress?: number;
  readonly secondVolumeTag?: string;
  readonly startedAtMs: number;
}

export interface MoveJournal {
  /** On disk when it returns. */
  begin(move: Omit<MoveEntry, "id">): MoveEntry;
  end(id: string): void;
  /** Moves whose end nobody has recorded, oldest first. */
  open(): readonly MoveEntry[];
}

/** A drive as it is known beyond one process. */
export interface DriveEntry {
  /** The address in the configuration, in text. */
  readonly name: string;
  readonly serialNumber?: string;
  readonly elementAddress?: number;
  readonly state: "inService" | "outOfService";
  /** Why it is out of service. */
  readonly reason?: string;
  readonly cleaning: "notNeeded" | "soon" | "now";
  readonly lastCleanedAtMs?: number;
  readonly lastError?: { readonly atMs: number; readonly text: string };
}

export interface DriveRegister {
  get(name: string): DriveEntry | undefined;
  list(): readonly DriveEntry[];
  put(drive: DriveEntry): void;
  /** Decides on the entry as it is then, whatever other processes write. @returns what it is afterwards, if there is one */
  change(name: string, decide: (now: DriveEntry | undefined) => DriveEntry | undefined): DriveEntry | undefined;
}
