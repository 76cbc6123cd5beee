// SPDX-License-Identifier: Apache-2.0
/**
 * What the service offers to those who drive it: the command line today, an HTTP API later.
 * Readonly data in, readonly data out; counts, offsets and positions are bigint, paths are bytes.
 */
import type { SimulatedProfile } from "../native/binding.ts";
import type { JobProgress, JobResult, JobStatus, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { ByteCounts } from "../protocol/tape.ts";
import type { TidemarkConfig } from "./config.ts";
import type { MediaService } from "./media-api.ts";

export type { SimulatedProfile };

export type { ByteCounts, JobProgress, JobResult, JobStatus, ResumePlan, RunOptions };

export interface ElementStatus {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly full: boolean;
  readonly volumeTag?: string;
  readonly sourceAddress?: number;
  readonly driveSerialNumber?: string;
  /** What the catalog knows of the cartridge. */
  readonly volumeState?: string;
  readonly pool?: string;
}

export interface LibraryStatus {
  readonly vendor: string;
  readonly product: string;
  readonly serialNumber: string;
  readonly elements: readonly ElementStatus[];
}

export interface VolumeSummary {
  readonly volumeTag: string;
  readonly volumeUuid: string;
  readonly pool: string;
  readonly state: string;
  readonly bytes: bigint;
  readonly recordSizeBytes: number;
  readonly lastJobId?: string;
}

export interface LabelRequest {
  readonly volumeTags: readonly string[] | "all";
  readonly pool: string;
  /** Asked for by the operator: relabel a cartridge that carries another product's label. */
  readonly overwriteForeign: boolean;
}

export interface LabelOutcome {
  readonly volumeTag: string;
  readonly outcome: "labelled" | "alreadyLabelled" | "skipped";
  readonly reason?: string;
  readonly volumeUuid?: string;
}

export interface JobSummary {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly sources: readonly Uint8Array[];
  readonly objects: bigint;
  readonly exceptions: bigint;
  readonly bytes: bigint;
  readonly interruptions: number;
}

export interface SourceVolumeStatus {
  readonly index: number;
  readonly path: Uint8Array;
  readonly status: "complete" | "partial" | "notStarted";
  readonly streamStart?: bigint;
  readonly streamEnd?: bigint;
  readonly objects: bigint;
  readonly exceptions: bigint;
}

export interface SegmentStatus {
  readonly segment: number;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly firstDataBlock: bigint;
  readonly streamStart: bigint;
  readonly streamEnd?: bigint;
  readonly ended?: "closed" | "cut";
}

export interface TapeVolumeStatus {
  readonly volumeTag: string;
  readonly volumeUuid: string;
  readonly counts: ByteCounts;
  /** Position at the last durable mark. */
  readonly durablePosition: bigint;
}

export interface InterruptionStatus {
  readonly epoch: number;
  readonly streamOffset: bigint;
  readonly boundaryBlock: bigint;
  readonly adoptedBytes: bigint;
  readonly continued?: Uint8Array;
}

export interface JobDetails extends JobSummary {
  readonly sourceVolumes: readonly SourceVolumeStatus[];
  readonly tapeVolumes: readonly TapeVolumeStatus[];
  readonly segments: readonly SegmentStatus[];
  readonly interruptionHistory: readonly InterruptionStatus[];
  readonly epoch: number;
  /** The object that was being written when the job was interrupted. */
  readonly openObject?: {
    readonly path: Uint8Array;
    readonly archivedBytes: bigint;
    readonly durableBytes: bigint;
    readonly recordedBytes: bigint;
  };
  readonly temporaryCatalog: { readonly frames: number; readonly bytes: bigint; readonly damaged: boolean };
}

export interface CatalogEntry {
  readonly path: Uint8Array;
  readonly kind:
    "file" | "directory" | "symlink" | "hardlink" | "fifo" | "characterDevice" | "blockDevice" | "sparseFile";
  readonly sizeBytes: bigint;
  readonly mtimeNs: bigint;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly jobId: string;
  readonly volumeTag?: string;
}

export interface RestoreRequest {
  readonly jobId: string;
  /** Empty: everything of the job. */
  readonly paths: readonly Uint8Array[];
  readonly targetFolder: Uint8Array;
  readonly overwrite: boolean;
}

export interface RestoreResult {
  readonly objectsRestored: bigint;
  readonly bytesRestored: bigint;
  readonly damagedCount: bigint;
  readonly damaged: readonly { readonly path: Uint8Array; readonly reason: string }[];
}

export interface InitRequest {
  readonly folder: string;
  readonly simulated: boolean;
  readonly overwrite: boolean;
  /** Simulated cartridges' capacity; the default is large enough for the demo. */
  readonly capacityBytes?: bigint;
  /** How simulated drives behave. */
  readonly profile?: SimulatedProfile;
}

/**
 * A Tidemark installation. Failures are the classes of `lib/errors.ts`, with a code and an exit code.
 * Status calls never move tape.
 */
export interface Service {
  readonly config: TidemarkConfig;
  /** Pools, media sets and volumes. */
  readonly media: MediaService;
  libraryStatus(): Promise<LibraryStatus>;
  labelVolumes(request: LabelRequest, onOutcome?: (outcome: LabelOutcome) => void): Promise<readonly LabelOutcome[]>;
  listVolumes(): Promise<readonly VolumeSummary[]>;
  /** Shell commands that read a job back with GNU tar. */
  recipe(
    jobId: string,
    options: { readonly targetFolder: string; readonly configPath?: string },
  ): Promise<readonly string[]>;
  /** Streams one tape file raw to a descriptor, as `dd if=/dev/nst0` would. File 0 is the label. */
  readTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }>;
  backup(sources: readonly Uint8Array[], options: RunOptions & { readonly pool?: string }): Promise<JobResult>;
  listJobs(): Promise<readonly JobSummary[]>;
  showJob(jobId: string): Promise<JobDetails>;
  planResume(jobId: string): Promise<ResumePlan>;
  /** `trustCatalog`: do not look whether complete directories changed since. */
  resumeJob(jobId: string, options: RunOptions & { readonly trustCatalog?: boolean }): Promise<JobResult>;
  cancelJob(jobId: string): Promise<JobSummary>;
  listCatalog(path: Uint8Array, options: { readonly jobId?: string }): AsyncIterable<CatalogEntry>;
  findInCatalog(pattern: Uint8Array, options: { readonly limit: number }): AsyncIterable<CatalogEntry>;
  versions(path: Uint8Array): AsyncIterable<CatalogEntry>;
  restore(request: RestoreRequest, options: RunOptions): Promise<RestoreResult>;
  close(): Promise<void>;
}

export interface ServiceModule {
  /** Writes a config file and, `simulated`, makes a library beside it. */
  initialise(request: InitRequest): Promise<{ readonly configPath: string; readonly libraryFolder?: string }>;
  openService(config: TidemarkConfig): Promise<Service>;
}
