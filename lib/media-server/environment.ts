// SPDX-License-Identifier: Apache-2.0
import type { TapeLibrary } from "./tape-library.ts";
import type { MediumChanger } from "../device/medium-changer.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import type { NativeRing, NativeTapeWriter, TapeWriterOptions } from "../native/binding.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { VolumeRegister } from "../protocol/volume.ts";

/** A library as the media server reaches it. */
export interface LibraryAccess {
  openChanger(): MediumChanger;
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
