// SPDX-License-Identifier: Apache-2.0
/**
 * What a process finds around it: disk, clock, chance, timers, the files that processes share. Roles are made with one,
 * so that a simulation can give its own and replay a course exactly. Whoever names none has the real one.
 */
import { randomBytes, randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { CatalogStore } from "../catalog/catalog-store.ts";
import type { Clock, FileSystem, Random } from "../catalog/environment.ts";
import { SqliteCatalogStore } from "../catalog/sqlite/catalog-store.ts";
import type { LibraryAccess } from "../media-server/environment.ts";
import type { DriveQueue } from "../media-server/drive-queue.ts";
import { nativeBinding } from "../native/binding.ts";
import type { NativeFileLock, NativeRing } from "../native/binding.ts";
import type { LibraryConfig } from "./config.ts";
import { openDriveQueue } from "./drive-queue.ts";
import type { DriveQueueOptions } from "./drive-queue.ts";
import { libraryAccess } from "./library-access.ts";
import { nodeFileSystem } from "./node-file-system.ts";

export interface World {
  readonly fileSystem: FileSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly newUuid: () => string;
  /** One state folder of one host: its processes know of one another, and of nobody else. */
  readonly installationNumber: (stateFolder: string) => number;
  /** Calls back once after a time unless cancelled by the returned function. */
  readonly after: (ms: number, callback: () => void) => () => void;
  /** Calls back again and again until the returned function is called. */
  readonly every: (ms: number, callback: () => void) => () => void;
  /** Disk space kept back for a temporary catalog where it is not the usual. */
  readonly reserveBytes?: number;
  /** @throws Error with `code: 'EWOULDBLOCK'` where another process has it. */
  readonly lockFile: (path: string) => NativeFileLock;
  readonly openStore: (path: string) => CatalogStore;
  readonly openQueue: (options: DriveQueueOptions) => DriveQueue;
  readonly openLibrary: (library: LibraryConfig) => LibraryAccess;
  readonly createRing: (recordSizeBytes: number, capacityBytes: number) => NativeRing;
}

export const realWorld: World = {
  fileSystem: nodeFileSystem,
  clock: { nowMs: () => Date.now() },
  random: { bytes: (count) => randomBytes(count) },
  newUuid: () => randomUUID(),
  installationNumber: (stateFolder) =>
    nativeBinding()
      .xxh3_128(Buffer.from(`${hostname()}\0${stateFolder}`))
      .readUInt32BE(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  every: (ms, callback) => {
    const timer = setInterval(callback, ms);
    return () => clearInterval(timer);
  },
  lockFile: (path) => nativeBinding().lockFile(path),
  openStore: (path) => SqliteCatalogStore.open(path),
  openQueue: openDriveQueue,
  openLibrary: libraryAccess,
  createRing: (recordSizeBytes, capacityBytes) => new (nativeBinding().Ring)({ recordSizeBytes, capacityBytes }),
};
