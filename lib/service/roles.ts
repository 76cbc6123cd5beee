// SPDX-License-Identifier: Apache-2.0
/** Makes the roles and connects them; the only place that knows them all. */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { LocalCatalogManager } from "../catalog-manager/catalog-manager.ts";
import type { CatalogManagerEnvironment } from "../catalog-manager/catalog-manager.ts";
import { LocalCatalogServer } from "../catalog-server/catalog-server.ts";
import { LocalDataServer } from "../data-server/data-server.ts";
import type { DataServerEnvironment } from "../data-server/environment.ts";
import { ConfigError, JobError } from "../errors.ts";
import type { JobManagerEnvironment } from "../job-manager/environment.ts";
import { JobManager } from "../job-manager/job-manager.ts";
import { LocalMediaServer } from "../media-server/media-server.ts";
import { LocalStreamFeed } from "../media-server/stream-feed.ts";
import type { DriveQueue } from "../media-server/drive-queue.ts";
import type { Library } from "../media-server/library.ts";
import { chooseStream } from "../media/stream-choice.ts";
import { nativeBinding } from "../native/binding.ts";
import type { NativeFileLock, NativeRing } from "../native/binding.ts";
import { connectInProcess } from "../protocol/connection.ts";
import type { TraceListener } from "../protocol/connection.ts";
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { MediaServer, MediaSession, SessionRequest } from "../protocol/media-server.ts";
import type { TidemarkConfig } from "./config.ts";
import { tracedQueue } from "./drive-queue-trace.ts";
import { libraryAddresses } from "./library-access.ts";
import { mediaBasics, openLibrary } from "./media-basics.ts";
import { realWorld } from "./world.ts";
import type { World } from "./world.ts";

/** Ten times a second: a drive of our day writes less than a hundred megabytes between two reports. */
const reportIntervalMs = 100;

const lockAttempts = 5;
const lockPauseMs = 4;

export interface Roles {
  readonly store: CatalogStore;
  readonly library: Library;
  readonly queue: DriveQueue;
  readonly mediaServer: MediaServer;
  readonly catalogManager: CatalogManager;
  readonly jobManager: JobManager;
  readonly jobEnvironment: JobManagerEnvironment;
  readonly isJobLocked: (jobId: string) => boolean;
  close(): Promise<void>;
}

export function openRoles(config: TidemarkConfig, trace?: TraceListener, world: World = realWorld): Roles {
  const jobsFolder = join(config.stateFolder, "jobs");
  makeStateFolder(jobsFolder);
  const store = world.openStore(join(config.stateFolder, "catalog.sqlite"));
  const driveCount = libraryAddresses(config.library).drives.length;
  const queue = tracedQueue(world.openQueue({ stateFolder: config.stateFolder, driveCount }), trace);
  const library = openLibrary(config, world, store, queue);
  const catalogEnvironment = { ...catalogBasics(world), jobsFolder, store };
  const catalogManager = new LocalCatalogManager(catalogEnvironment);
  const catalogServer = new LocalCatalogServer({
    ...catalogEnvironment,
    reconciled: (jobId) => catalogManager.reconciled(jobId),
  });
  const mediaServer = new LocalMediaServer({
    ...mediaBasics(config, world, store),
    library,
    queue,
    catalogManager: connectInProcess("mediaServer", "catalogManager", catalogManager, trace),
  });
  const dataEnvironment: DataServerEnvironment = {
    ...dataBasics(),
    catalogManager: connectInProcess("dataServer", "catalogManager", catalogManager, trace),
    catalogServer: connectInProcess("dataServer", "catalogServer", catalogServer, trace),
  };
  const lockPath = (jobId: string): string => join(jobsFolder, `${jobId}.lock`);
  const jobEnvironment: JobManagerEnvironment = {
    ...jobBasics(config, world),
    catalogManager: connectInProcess("jobManager", "catalogManager", catalogManager, trace),
    catalogServer: connectInProcess("jobManager", "catalogServer", catalogServer, trace),
    mediaServer: connectMediaServer(mediaServer, trace),
    connectDataServer: () => connectInProcess("jobManager", "dataServer", new LocalDataServer(dataEnvironment), trace),
    jobs: store.jobs,
    lockJob: (jobId) => lockJob(world, lockPath(jobId), jobId),
    chooseStream: (jobId) => chooseRecording(store, library, jobId),
  };
  return {
    store,
    library,
    queue,
    mediaServer,
    catalogManager,
    jobManager: new JobManager(jobEnvironment),
    jobEnvironment,
    isJobLocked: (jobId) => isLocked(world, lockPath(jobId)),
    close: async () => {
      await mediaServer.close();
      queue.close();
      await catalogManager.close();
      store.close();
    },
  };
}

async function chooseRecording(store: CatalogStore, library: Library, jobId: string): Promise<string> {
  const job = store.finishedJob(jobId);
  // Nothing to choose from: nobody needs to look into the library.
  if (job === undefined || job.copies.length === 0) return jobId;
  const present = await library.presentTags();
  const chosen = chooseStream([job, ...job.copies], {
    stateOf: (volumeUuid) => store.volumes.get(volumeUuid)?.state,
    isPresent: (volumeTag) => present.has(volumeTag),
  });
  return chosen?.jobId ?? jobId;
}

/** A session is a connection of its own. */
function connectMediaServer(mediaServer: MediaServer, trace: TraceListener | undefined): MediaServer {
  const connection = connectInProcess("jobManager", "mediaServer", mediaServer, trace);
  const connect = (session: MediaSession): MediaSession =>
    connectInProcess("jobManager", "mediaServer", session, trace);
  return Object.assign(Object.create(connection) as MediaServer, {
    openSession: (request: SessionRequest) => connect(mediaServer.openSession(request)),
    openPair: (request: SessionRequest) => {
      const { reading, writing } = mediaServer.openPair(request);
      return { reading: connect(reading), writing: connect(writing) };
    },
  });
}

function makeStateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`the state folder ${path} cannot be made: ${reason}. Name another one as stateFolder`, {
      cause,
    });
  }
}

/** The world as the catalog sees it. */
function catalogBasics({
  fileSystem,
  clock,
  random,
  reserveBytes,
}: World): Omit<CatalogManagerEnvironment, "jobsFolder" | "store"> {
  return {
    fileSystem,
    clock,
    random,
    hash128: (bytes) => nativeBinding().xxh3_128(bytes),
    newSieve: () => new (nativeBinding().RecordSieve)(),
    ...(reserveBytes === undefined ? {} : { reserveBytes }),
  };
}

function dataBasics(): Omit<DataServerEnvironment, "catalogManager" | "catalogServer"> {
  const binding = nativeBinding();
  return {
    createPacker: (options) => new binding.Packer(options),
    checkContinued: (sourcePath, object) => binding.checkContinued(sourcePath, object),
    createExtractor: (options) => new binding.Extractor(options),
    nativeRing: (ring) => ring as NativeRing,
  };
}

function jobBasics(
  config: TidemarkConfig,
  { clock, createRing, every }: World,
): Pick<JobManagerEnvironment, "nowMs" | "everyReport" | "createRing" | "createFeed" | "settings"> {
  const binding = nativeBinding();
  return {
    nowMs: () => clock.nowMs(),
    everyReport: (callback) => every(reportIntervalMs, callback),
    createRing,
    createFeed: (ring, streamOffset) => new LocalStreamFeed(new binding.StreamReader({ ring, streamOffset })),
    settings: {
      pool: config.backup.pool,
      drives: config.backup.drives,
      ringBytes: config.pipeline.ringBytes,
      ...(config.pipeline.readers === undefined ? {} : { readers: config.pipeline.readers }),
      crossMounts: config.backup.crossMounts,
      segmentBytes: config.tape.segmentBytes,
      checkpointBytes: config.checkpoint.bytes,
      checkpointMs: config.checkpoint.intervalMs,
    },
  };
}

/** The kernel drops the lock with the process: a job without a lock is a job without a process. */
function lockJob(world: World, path: string, jobId: string): NativeFileLock {
  for (let attempt = 1; ; attempt++) {
    try {
      return world.lockFile(path);
    } catch (error) {
      const { code, holder } = error as { readonly code?: string; readonly holder?: number };
      if (code !== "EWOULDBLOCK") throw error;
      // A process that asks whether the job is locked has the lock itself for a moment.
      if (attempt < lockAttempts) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, lockPauseMs);
      else throw lockedBy(holder, jobId);
    }
  }
}

function lockedBy(holder: number | undefined, jobId: string): JobError {
  const who = holder === undefined ? "another process" : `process ${holder}`;
  return new JobError(`job ${jobId} is being run by ${who}: wait for it, or stop it`, { code: "ERR_TAPE_JOB_LOCKED" });
}

function isLocked(world: World, path: string): boolean {
  // No file, no lock: asking makes none.
  if (!existsSync(path)) return false;
  try {
    world.lockFile(path).release();
    return false;
  } catch (error) {
    if ((error as { readonly code?: string }).code === "EWOULDBLOCK") return true;
    throw error;
  }
}
