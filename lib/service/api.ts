// SPDX-License-Identifier: Apache-2.0
/**
 * What the service offers to those who drive it: the command line today, an HTTP API later.
 * Readonly data in, readonly data out; counts, offsets and positions are bigint, paths are bytes.
 */
import type { SimulatedBehaviour } from "../native/binding.ts";
import type { JobTime, JobWait } from "../protocol/job-time.ts";
import type { JobNotice, JobProgress, JobResult, JobStatus, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { UnreadableBlocks } from "../protocol/media-server.ts";
import type { OperatorRequest } from "../protocol/operator-request.ts";
import type { ByteCounts } from "../protocol/tape.ts";
import type { CartridgeEntry } from "../protocol/volume.ts";
import type { TidemarkConfig } from "./config.ts";
import type { CopyService } from "./copy-api.ts";
import type { MediaService } from "./media-api.ts";

export type { OperatorRequest, SimulatedBehaviour, UnreadableBlocks };

export type { ByteCounts, JobNotice, JobProgress, JobResult, JobStatus, JobTime, JobWait, ResumePlan, RunOptions };

export interface ElementStatus {
  readonly address: number;
  readonly type: "transport" | "storage" | "importExport" | "dataTransfer";
  readonly full: boolean;
  readonly volumeTag?: string;
  readonly sourceAddress?: number;
  readonly driveSerialNumber?: string;
  /** What is wrong with the element. */
  readonly exception?: string;
  /** What the catalog knows of the cartridge. */
  readonly volumeState?: string;
  readonly pool?: string;
}

/** A drive of the configuration, and who uses it. */
export interface LibraryDriveStatus {
  /** Its place in the configuration, from 0 on. */
  readonly number: number;
  readonly name: string;
  readonly serialNumber?: string;
  readonly elementAddress?: number;
  readonly state: "inService" | "outOfService";
  /** Why it is out of service. */
  readonly reason?: string;
  readonly volumeTag?: string;
  readonly usedBy?: { readonly jobId?: string; readonly purpose: string; readonly processId: number };
  readonly cleaning: "notNeeded" | "soon" | "now";
  readonly lastCleanedAtMs?: number;
  readonly lastError?: { readonly atMs: number; readonly text: string };
}

/** A cartridge that is in the library or that the catalog knows. */
export interface CartridgeStatus {
  readonly volumeTag: string;
  readonly kind: CartridgeEntry["kind"];
  /** `slot 3`, `mail slot 1`, `drive 0`, `vault bank`, `outside`. */
  readonly place: string;
  readonly pool?: string;
  /** State of the volume; of other cartridges what they are. */
  readonly state: string;
  readonly mediaSet?: string;
  readonly setNumber?: number;
  /** Written by us, and how much goes on it where that is known. */
  readonly bytes?: bigint;
  readonly capacityBytes?: bigint;
  readonly writeProtected: boolean;
  readonly worm: boolean;
  readonly cleanings?: { readonly used: number; readonly limit: number };
  readonly loads?: number;
  readonly lastError?: { readonly atMs: number; readonly text: string };
}

export interface LibraryStatus {
  /** Absent where there is no changer. */
  readonly vendor?: string;
  readonly product?: string;
  readonly serialNumber?: string;
  readonly elements: readonly ElementStatus[];
  readonly drives: readonly LibraryDriveStatus[];
  readonly cartridges: readonly CartridgeStatus[];
  /** Jobs that wait for a drive, in order. */
  readonly waiting: readonly { readonly jobId?: string; readonly purpose: string; readonly processId: number }[];
  /** How many requests to the operator are open. */
  readonly requests: number;
}

export interface ImportOutcome {
  /** Barcodes that are in slots now. */
  readonly imported: readonly string[];
  /** Left in the mail slots: no slot is free. */
  readonly left: readonly string[];
}

export interface ExportRequest {
  readonly volumeTags: readonly string[];
  /** All cartridges of a set in place of named ones. */
  readonly mediaSet?: string;
  /** Where they are taken. */
  readonly vault?: string;
}

export interface ExportOutcome {
  /** In the mail slots now, to be taken out. */
  readonly exported: readonly string[];
  /** Still inside: no mail slot is free. */
  readonly left: readonly string[];
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
  /** Jobs that it was carried out as, each on a drive of its own. */
  readonly parts?: readonly string[];
  /** Where the time of its runs went, of those that lived to say so. */
  readonly time?: JobTime;
  /** No rule of its pool keeps it: its cartridges may be written over. */
  readonly expiredAtMs?: number;
  /** One of them was: it cannot be read any more. */
  readonly writtenOver?: boolean;
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
  readonly ended?: "closed" | "cut" | "givenUp";
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
  readonly volumeUuid: string;
  readonly volumeTag?: string;
  /** From here on absent in jobs of versions that did not record it. When the job went on. */
  readonly resumedAtMs?: number;
  /** Why it had stopped. */
  readonly cause?: string;
  /** End of data on the volume that was looked at. */
  readonly endOfData?: bigint;
  /** Blocks and filemarks behind the boundary that do not count. */
  readonly discardedObjects?: bigint;
  /** Stream bytes that had been announced for writing, and were written once more. */
  readonly repeatedBytes?: bigint;
  /** The object that was cut and was written again whole. */
  readonly restarted?: Uint8Array;
  /** One sentence per decision, in order. */
  readonly reasons?: readonly string[];
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
  /** Absent once the job is over: the catalog has all of it then. */
  readonly temporaryCatalog?: { readonly frames: number; readonly bytes: bigint; readonly damaged: boolean };
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
  /** Of those: restored without a digest to compare them with. */
  readonly bytesUnproved: bigint;
  readonly damagedCount: bigint;
  readonly damaged: readonly { readonly path: Uint8Array; readonly reason: string }[];
  /** Why objects are damaged, where a cartridge could not be read. */
  readonly unreadable: readonly UnreadableBlocks[];
}

export interface InitRequest {
  readonly folder: string;
  readonly simulated: boolean;
  readonly overwrite: boolean;
  /** Simulated cartridges' capacity; the default is large enough for the demo. */
  readonly capacityBytes?: bigint;
  /** How simulated drives behave. */
  readonly profile?: SimulatedBehaviour;
}

export interface BackupOptions extends RunOptions {
  readonly pool?: string;
  /** Into how many parts the sources are dealt, each with a drive of its own. */
  readonly drives?: number;
}

export interface ResumeOptions extends RunOptions {
  readonly trustCatalog?: boolean;
  /** Barcode of a cartridge that is not waited for: the job goes on on another one, behind its last durable mark. */
  readonly leave?: string;
  /** Barcode of a cartridge that is lost or was altered: nothing on it counts any more, and that is written again. */
  readonly giveUp?: string;
  /** Barcode of a cartridge that is written on although it ends before its last durable mark. */
  readonly appendTo?: string;
}

/**
 * A Tidemark installation. Failures are the classes of `lib/errors.ts`, with a code and an exit code.
 * Status calls never move tape.
 */
export interface Service {
  readonly config: TidemarkConfig;
  /** Pools, media sets and volumes. */
  readonly media: MediaService;
  /** Verification and duplication of what is on tape. */
  readonly copies: CopyService;
  libraryStatus(): Promise<LibraryStatus>;
  /** What only a person can do, oldest first. */
  operatorRequests(): Promise<readonly OperatorRequest[]>;
  /** An operator has seen to it, or it is not wanted any more. @throws ConfigError where there is no such request */
  closeRequest(id: string): Promise<void>;
  importCartridges(): Promise<ImportOutcome>;
  exportCartridges(request: ExportRequest): Promise<ExportOutcome>;
  /** Cleans a drive now; its place in the configuration. */
  cleanDrive(drive: number): Promise<void>;
  /** Takes a drive out of service, with a reason, or puts it back. */
  setDriveService(drive: number, outOfService: string | undefined): Promise<void>;
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
  backup(sources: readonly Uint8Array[], options: BackupOptions): Promise<JobResult>;
  listJobs(): Promise<readonly JobSummary[]>;
  showJob(jobId: string): Promise<JobDetails>;
  /** One plan; of a job in parts, one for each part that is not complete. */
  planResume(jobId: string, options?: ResumeOptions): Promise<readonly ResumePlan[]>;
  /** `trustCatalog`: do not look whether complete directories changed since. */
  resumeJob(jobId: string, options: ResumeOptions): Promise<JobResult>;
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
