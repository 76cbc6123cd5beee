// SPDX-License-Identifier: Apache-2.0
import type { MediumChanger } from "../device/medium-changer.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import type { VolumeSegment } from "../catalog/catalog-store.ts";
import type { NativeRing, NativeTapeWriter, TapeWriterOptions } from "../native/binding.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { JobRegister } from "../protocol/job.ts";
import type { DriveRegister } from "../protocol/library-state.ts";
import type { MediaSetRegister, PoolPolicy } from "../protocol/media-set.ts";
import type { OperatorRequestRegister } from "../protocol/operator-request.ts";
import type { CartridgeRegister, VolumeRegister } from "../protocol/volume.ts";
import type { DriveQueue } from "./drive-queue.ts";
import type { Library } from "./library.ts";

/** The devices of a library as the media server reaches them. Opened means: nothing was sent yet. */
export interface LibraryAccess {
  /** Addresses in text, in the order of the configuration. */
  readonly driveNames: readonly string[];
  openChanger(): MediumChanger;
  /** The drive at this place in the configuration, for this process alone. */
  openDrive(drive: number): TapeDrive;
}

/** Everything the media server needs from outside, injected. */
export interface MediaServerEnvironment {
  readonly library: Library;
  readonly queue: DriveQueue;
  readonly volumes: VolumeRegister;
  readonly cartridges: CartridgeRegister;
  readonly mediaSets: MediaSetRegister;
  readonly drives: DriveRegister;
  readonly requests: OperatorRequestRegister;
  readonly jobs: JobRegister;
  /** Carries out what reads several of these and writes by what it found, while no other process writes. */
  readonly atomically: <T>(work: () => T) => T;
  readonly poolPolicy: (pool: string) => PoolPolicy;
  /** Segments of finished jobs and copies, in order of tape files. */
  readonly segmentsOnVolume: (volumeUuid: string) => readonly VolumeSegment[];
  /** Takes an expired job out of the catalog: a cartridge of it is about to be written over. */
  readonly forgetJob: (jobId: string) => void;
  /** How long a session waits for a person before it gives up. */
  readonly operatorWaitMs: number;
  readonly catalogManager: CatalogManager;
  readonly nowMs: () => number;
  readonly newUuid: () => string;
  /** Calls back once after a time unless cancelled by the returned function. */
  readonly after: (ms: number, callback: () => void) => () => void;
  readonly createWriter: (options: TapeWriterOptions) => NativeTapeWriter;
  readonly nativeRing: (ring: object) => NativeRing;
  readonly digest64: (bytes: Uint8Array) => bigint;
}
