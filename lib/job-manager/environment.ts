// SPDX-License-Identifier: Apache-2.0
import type { CatalogManager } from "../protocol/catalog-manager.ts";
import type { CatalogServer } from "../protocol/catalog-server.ts";
import type { DataServer } from "../protocol/data-server.ts";
import type { JobRegister } from "../protocol/job.ts";
import type { MediaServer, StreamFeed } from "../protocol/media-server.ts";
import type { RecordRing } from "../protocol/record-ring.ts";

export interface JobLock {
  release(): void;
}

/** Everything the job manager needs from outside, injected. */
export interface JobManagerEnvironment {
  readonly catalogManager: CatalogManager;
  readonly catalogServer: CatalogServer;
  readonly mediaServer: MediaServer;
  /** A connection of its own for each job: the data server serves one job on each. */
  readonly connectDataServer: () => DataServer;
  readonly jobs: JobRegister;
  readonly nowMs: () => number;
  /** Calls back whenever progress is to be reported, until the returned function is called. */
  readonly everyReport: (callback: () => void) => () => void;
  /** @throws JobError where another process runs the job. */
  readonly lockJob: (jobId: string) => JobLock;
  readonly createRing: (recordSizeBytes: number, capacityBytes: number) => RecordRing;
  /** Nobody else fills the ring until the feed is closed. */
  readonly createFeed: (ring: RecordRing, streamOffset: bigint) => StreamFeed;
  /** The recording of a finished job's stream that is best read now: its own, or a copy's. Gives a job id. */
  readonly chooseStream: (jobId: string) => Promise<string>;
  readonly settings: {
    readonly pool: string;
    readonly drives: number;
    readonly ringBytes: number;
    /** As many as the source needs where it is not said. */
    readonly readers?: number;
    readonly crossMounts: boolean;
    readonly segmentBytes: bigint;
    readonly checkpointBytes: bigint;
    readonly checkpointMs: number;
  };
}
