// SPDX-License-Identifier: Apache-2.0
import type { TapeLibrary } from "./tape-library.ts";
import type { MediumChanger } from "../device/medium-changer.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import type { NativeRing, NativeTapeWriter, TapeWriterOptions } from "../native/binding.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { VolumeRegister } from "../protocol/volume.ts";

/** The devices of a library as the media server reaches them. Opened means: nothing was sent yet. */
export interface LibraryAccess {
  /** Addresses in text, in the order of the configuration. */
  readonly driveNames: readonly string[];
  openChanger(): MediumChanger;
  /** The drive at this place in the configuration, for this process alone. */
  openDrive(drive: number): TapeDrive;
  /** All drives that this host can use, opened but untouched. */
  openDrives(): readonly TapeDrive[];
}

/** Everything the media server needs from outside, injected. */
export interface MediaServerEnvironment {
  readonly library: TapeLibrary;
  readonly volumes: VolumeRegister;
  readonly catalogManager: CatalogManager;
  readonly nowMs: () => number;
  readonly newUuid: () => string;
  /** Calls back once after a time unless cancelled by the returned function. */
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly createWriter: (options: TapeWriterOptions) => NativeTapeWriter;
  readonly nativeRing: (ring: object) => NativeRing;
  readonly digest64: (bytes: Uint8Array) => bigint;
}
