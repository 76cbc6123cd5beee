// SPDX-License-Identifier: Apache-2.0
/** Tape volumes (labelled) and cartridges (the things), as the catalog store keeps them. */

/**
 * `damaged`: a write on it failed; what is on it can be read, nothing is written on it again. `altered`: it no longer
 * holds what was made durable on it. `retired`: an operator has taken it out of use.
 */
export type VolumeState = "empty" | "inUse" | "appendable" | "full" | "damaged" | "altered" | "retired";

/** A tape volume as the catalog store keeps it. */
export interface VolumeEntry {
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly pool: string;
  readonly state: VolumeState;
  readonly recordSizeBytes: number;
  readonly mediumSerial?: string;
  /** Bytes of the label's two blocks. */
  readonly labelBytes: bigint;
  /** Number of the object behind the last one, and bytes of all blocks before it. */
  readonly endPosition: bigint;
  readonly bytes: bigint;
  /** Tape files on it, the label included. */
  readonly tapeFiles: number;
  readonly lastJobId?: string;
  readonly labelledAtMs: number;
  /** The media set that it was taken into when it was first written, and which of its volumes it is, from 1 on. */
  readonly mediaSet?: string;
  readonly setNumber?: number;
}

export interface VolumeRegister {
  getByTag(volumeTag: string): VolumeEntry | undefined;
  get(volumeUuid: string): VolumeEntry | undefined;
  list(): readonly VolumeEntry[];
  /** A new one. */
  put(volume: VolumeEntry): void;
  /** Decides on the entry as it is then, whatever other processes write. @returns what it is afterwards, if there is one */
  change(volumeUuid: string, decide: (now: VolumeEntry) => VolumeEntry | undefined): VolumeEntry | undefined;
  /** Forgets a volume: its cartridge is about to be labelled anew. */
  remove(volumeUuid: string): void;
}

/** Where a cartridge was last seen. `outside`: it left the library and nobody has said where it is. */
export type CartridgeLocation =
  | { readonly kind: "library"; readonly elementAddress?: number }
  | { readonly kind: "vault"; readonly name: string }
  | { readonly kind: "outside" };

/** What a drive or the medium auxiliary memory told of a cartridge when it was last loaded. */
export interface CartridgeWear {
  readonly atMs: number;
  /** Loads over its whole life (MAM 0003h, or log page 17h). */
  readonly loads?: number;
  readonly capacityBytes?: bigint;
  readonly remainingBytes?: bigint;
  readonly lifetimeWrittenBytes?: bigint;
  readonly lifetimeReadBytes?: bigint;
  /** Names of the TapeAlert flags that concern the medium. */
  readonly alerts?: readonly string[];
}

/** A cartridge, labelled by us or not. */
export interface CartridgeEntry {
  readonly volumeTag: string;
  /** `unknown`: nobody has looked yet. `foreign`: it carries another product's label, or data without one. */
  readonly kind: "unknown" | "data" | "cleaning" | "foreign" | "blank";
  readonly location: CartridgeLocation;
  readonly worm: boolean;
  readonly writeProtected: boolean;
  /** Cleaning cartridges: how often it has cleaned, and after how often it is used up. */
  readonly cleanings?: { readonly used: number; readonly limit: number };
  readonly wear?: CartridgeWear;
  readonly lastError?: { readonly atMs: number; readonly text: string };
}

export interface CartridgeRegister {
  get(volumeTag: string): CartridgeEntry | undefined;
  list(): readonly CartridgeEntry[];
  /** A new one. */
  put(cartridge: CartridgeEntry): void;
  /** Decides on the entry as it is then, whatever other processes write. @returns what it is afterwards, if there is one */
  change(volumeTag: string, decide: (now: CartridgeEntry) => CartridgeEntry | undefined): CartridgeEntry | undefined;
}
