// SPDX-License-Identifier: Apache-2.0
/**
 * The library as the media server works with it: an autoloader with a robot, a stacker that brings the next cartridge by
 * itself, or a single drive that a person loads. Drives are named by their places in the configuration; whoever mounts
 * or unmounts in a drive holds its lease (drive-queue.ts).
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import type { Element } from "../native/binding.ts";

export interface LibraryElement {
  readonly address: number;
  readonly type: Element["type"];
  readonly full: boolean;
  readonly volumeTag?: string;
  readonly sourceAddress?: number;
  readonly driveSerialNumber?: string;
  /** Of a data transfer element: which of the configured drives stands in it. */
  readonly drive?: number;
  /** The element reports an exception, in words. */
  readonly exception?: string;
}

export interface LibraryInventory {
  /** Absent where there is no changer. */
  readonly changer?: { readonly vendor: string; readonly product: string; readonly serialNumber: string };
  readonly elements: readonly LibraryElement[];
}

export interface Library {
  /** Their addresses in text, in the order of the configuration. */
  readonly driveNames: readonly string[];
  /** Cartridges are brought to the drive itself: who waits for one there keeps the drive meanwhile. */
  readonly isFedAtDrive: boolean;
  /** What is where; moves nothing. */
  inventory(): Promise<LibraryInventory>;
  /** Barcodes of the cartridges that can be mounted without asking anybody. */
  presentTags(): Promise<ReadonlySet<string>>;
  /**
   * Drives in service that will do for the cartridge, best first: the one that holds it, empty ones, others.
   * @throws DeviceError where no drive is in service
   */
  drivesFor(volumeTag?: string): Promise<readonly number[]>;
  /**
   * Brings the cartridge into the leased drive, waits until it is ready, and gives the drive, open.
   * @throws OperatorError ERR_TAPE_CARTRIDGE_MISSING where only a person can bring it; a request for it stands in the register then
   */
  mount(drive: number, volumeTag: string, options?: { readonly jobId?: string }): Promise<TapeDrive>;
  /** Barcode of what is in the leased drive; undefined where that is nothing, or nothing that is known. */
  loadedTag(drive: number): Promise<string | undefined>;
  /** The leased drive, open, with whatever is in it. */
  openDrive(drive: number, options?: { readonly jobId?: string }): Promise<TapeDrive>;
  /** Unloads the leased drive and puts its cartridge away. */
  unmount(drive: number): Promise<void>;
  /** Closes the leased drive, with its cartridge in it: the next lease may be another process's. */
  closeDrive(drive: number): Promise<void>;
  close(): Promise<void>;
}
