// SPDX-License-Identifier: Apache-2.0
/** Makes the roles and connects them; the only place that knows them all. */
import { mkdirSync } from "node:fs";
import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { SqliteCatalogStore } from "../catalog/sqlite/catalog-store.ts";
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { LocalCatalogManager } from "../catalog-manager/catalog-manager.ts";
import { LocalCatalogServer } from "../catalog-server/catalog-server.ts";
import { LocalDataServer } from "../data-server/data-server.ts";
import { JobError } from "../errors.ts";
import type { JobManagerEnvironment } from "../job-manager/environment.ts";
import { JobManager } from "../job-manager/job-manager.ts";
import { LocalMediaServer } from "../media-server/media-server.ts";
import { TapeLibrary } from "../media-server/tape-library.ts";
import { nativeBinding } from "../native/binding.ts";
import type { NativeFileLock, NativeRing } from "../native/binding.ts";
import { connectInProcess } from "../protocol/connection.ts";
import type { TraceListener } from "../protocol/connection.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { MediaServer } from "../protocol/media-server.ts";
import type { TidemarkConfig } from "./config.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { simulatedLibraryAccess } from "./simulated-library.ts";

/** Records of a segment above this much end it, so that its footer fits behind early warning. */
const segmentRecordBytes = 256n * 1024n * 1024n;

/** Ten times a second: a drive of our day writes less than a hundred megabytes between two reports. */
const reportIntervalMs = 100;

export interface Roles {
  readonly store: CatalogStore;
  readonly library: TapeLibrary;
  readonly mediaServer: MediaServer;
  readonly catalogManager: CatalogManager;
  readonly jobManager: JobManager;
  readonly jobEnvironment: JobManagerEnvironment;
  readonly isJobLocked: (jobId: string) => boolean;
  close(): Promise<void>;
}

export async function openRoles(config: TidemarkConfig, trace?: TraceListener): Promise<Roles> {
  const binding = nativeBinding();
  mkdirSync(join(config.stateFolder, "jobs"), { recursive: true, mode: 0o700 });
  const store = SqliteCatalogStore.open(join(config.stateFolder, "catalog.sqlite"));
  const catalogEnvironment = {
    fileSystem: nodeFileSystem,
    clock: { nowMs: () => Date.now() },
    random: { bytes: (count: number) => randomBytes(count) },
    hash128: (bytes: Uint8Array) => binding.xxh3_128(bytes),
  };
  const access = simulatedLibraryAccess(config.library.folder);
  const library = new TapeLibrary(access);
  const jobsFolder = join(config.stateFolder, "jobs");
  const catalogManager = new LocalCatalogManager({ ...catalogEnvironment, jobsFolder, store });
  const catalogServer = new LocalCatalogServer({ ...catalogEnvironment, jobsFolder, store, reconciled: (jobId) => catalogManager.reconciled(jobId) });
  const mediaServer = new LocalMediaServer({
    library,
    volumes: store.volumes,
    catalogManager: connectInProcess("mediaServer", "catalogManager", catalogManager, trace),
    nowMs: () => Date.now(),
    newUuid: () => randomUUID(),
    after: (ms, callback) => {
      const timer = setTimeout(callback, ms);
      return () => clearTimeout(timer);
    },
    createWriter: (options) => new binding.TapeWriter(options),
    nativeRing: (ring) => ring as NativeRing,
    digest64: (bytes) => binding.xxh3_64(bytes),
  });
  const dataServer = new LocalDataServer({
    catalogManager: connectInProcess("dataServer", "catalogManager", catalogManager, trace),
    catalogServer: connectInProcess("dataServer", "catalogServer", catalogServer, trace),
    createPacker: (options) => new binding.Packer(options),
    checkContinued: (sourcePath, object) => binding.checkContinued(sourcePath, object),
    createExtractor: (targetFolder, overwrite) => new binding.Extractor({ targetFolder, overwrite, numericOwner: true }),
    nativeRing: (ring) => ring as NativeRing,
  });
  const lockPath = (jobId: string): string => join(jobsFolder, `${jobId}.lock`);
  const jobEnvironment: JobManagerEnvironment = {
    catalogManager: connectInProcess("jobManager", "catalogManager", catalogManager, trace),
    catalogServer: connectInProcess("jobManager", "catalogServer", catalogServer, trace),
    mediaServer: connectInProcess("jobManager", "mediaServer", mediaServer, trace),
    dataServer: connectInProcess("jobManager", "dataServer", dataServer, trace),
    jobs: store.jobs,
    nowMs: () => Date.now(),
    everyReport: (callback) => {
      const timer = setInterval(callback, reportIntervalMs);
      return () => clearInterval(timer);
    },
    lockJob: (jobId) => lockJob(lockPath(jobId), jobId),
    createRing: (recordSizeBytes, capacityBytes) => new binding.Ring({ recordSizeBytes, capacityBytes }),
    settings: {
      pool: config.backup.pool,
      recordSizeBytes: config.tape.recordSizeBytes,
      ringBytes: config.pipeline.ringBytes,
      readers: config.pipeline.readers,
      crossMounts: config.backup.crossMounts,
      segmentBytes: config.tape.segmentBytes,
      segmentRecordBytes,
      checkpointBytes: config.checkpoint.bytes,
      checkpointMs: config.checkpoint.intervalMs,
    },
  };
  return {
    store,
    library,
    mediaServer,
    catalogManager,
    jobManager: new JobManager(jobEnvironment),
    jobEnvironment,
    isJobLocked: (jobId) => isLocked(lockPath(jobId)),
    close: async () => {
      await dataServer.close();
      await mediaServer.close();
      await catalogManager.close();
      store.close();
    },
  };
}

/** The kernel drops the lock with the process: a job without a lock is a job without a process. */
function lockJob(path: string, jobId: string): NativeFileLock {
  try {
    return nativeBinding().lockFile(path);
  } catch (error) {
    const { code, holder } = error as { readonly code?: string; readonly holder?: number };
    if (code !== "EWOULDBLOCK") throw error;
    const who = holder === undefined ? "another process" : `process ${holder}`;
    throw new JobError(`job ${jobId} is being run by ${who}: wait for it, or stop it`, { code: "ERR_TAPE_JOB_LOCKED" });
  }
}

function isLocked(path: string): boolean {
  try {
    nativeBinding().lockFile(path).release();
    return false;
  } catch {
    return true;
  }
}
