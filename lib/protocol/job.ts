// SPDX-License-Identifier: Apache-2.0
import type { JobTime, JobWait } from "./job-time.ts";
import type { MediaNotice } from "./media-server.ts";
import type { ByteCounts } from "./tape.ts";
import type { SourceVolume } from "./source-volume.ts";

export type JobStatus =
  "queued" | "running" | "interrupted" | "resuming" | "complete" | "completeWithExceptions" | "failed" | "cancelled";

/** What `job resume` will do, decided without doing it. */
export interface ResumePlan {
  readonly jobId: string;
  readonly epoch: number;
  /** All of the job's minus the completely backed-up ones, the partially backed-up one first. */
  readonly sourceVolumes: readonly SourceVolume[];
  readonly partialSourceVolume?: { readonly index: number; readonly path: Uint8Array; readonly why: string };
  readonly tapeVolumesWanted: readonly string[];
  readonly tape?: {
    readonly volumeTag: string;
    readonly durablePosition: bigint;
    readonly endOfData: bigint;
    readonly boundaryBlock: bigint;
    readonly streamOffset: bigint;
    readonly adoptedBlocks: bigint;
    readonly discardedBlocks: bigint;
    /** As the tape and the persistent records say now; `verified` is what was read back and identified. */
    readonly counts: ByteCounts;
    /** `behind`: the tape ends before the durable mark; `ahead`: behind it. */
    readonly relation: "behind" | "equal" | "ahead";
  };
  readonly continued?: { readonly path: Uint8Array; readonly fromByte: bigint; readonly archivedBytes: bigint };
  readonly restarted?: { readonly path: Uint8Array; readonly reason: string };
  readonly containersComplete: bigint;
  readonly containersPartial: bigint;
  readonly objectsDurable: bigint;
  readonly bytesSaved: bigint;
  /** Stream bytes that had been announced for writing, and come once more. */
  readonly bytesRepeated: bigint;
  /** One sentence per decision, in order. */
  readonly reasons: readonly string[];
}

export interface JobProgress {
  readonly type: "progress";
  readonly jobId: string;
  readonly phase: "preparing" | "writing" | "checkpoint" | "closing" | "restoring" | "verifying" | "copying";
  readonly objects: bigint;
  readonly bytes: bigint;
  readonly bytesPerSecond: number;
  /** Present stream offset on tape, and what is accepted but not yet durable. */
  readonly streamOffset: bigint;
  readonly bytesAtRisk: bigint;
  readonly volumeTag?: string;
  readonly tapePosition?: bigint;
  readonly currentPath: Uint8Array;
  /** What the job has waited for since the last report, where that is one thing. */
  readonly waitsFor?: JobWait;
  /** Of this run, up to now. */
  readonly time?: JobTime;
  /** Threads that read the source. */
  readonly readers?: number;
}

export interface JobResult {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly objectsWritten: bigint;
  readonly objectsSkipped: bigint;
  readonly objectsContinued: bigint;
  readonly objectsUnreadable: bigint;
  readonly containersSkipped: bigint;
  readonly filesOpened: bigint;
  /** Stream bytes that this run put on tape (heads, footers and labels not counted). */
  readonly bytesWritten: bigint;
  /** Stream bytes that an earlier run had put there and that were kept. */
  readonly bytesSaved: bigint;
  readonly counts: ByteCounts;
  readonly time: JobTime;
  readonly plan?: ResumePlan;
}

/** Something that a person who watches wants to hear: a drive is waited for, a cartridge is asked for, a volume is full. */
export interface JobNotice {
  readonly type: "notice";
  readonly jobId: string;
  readonly kind: MediaNotice["kind"] | "goesOn" | "recordsLost" | "writtenAgain";
  readonly text: string;
}

export interface RunOptions {
  readonly onProgress?: (progress: JobProgress) => void;
  readonly onNotice?: (notice: JobNotice) => void;
  /** Higher is served first where drives are short. */
  readonly priority?: number;
  /** Aborting asks for a checkpoint and a stop; the job is then `interrupted`. */
  readonly signal?: AbortSignal;
}

/** A job as the job manager keeps it beside its temporary catalog. */
export interface JobEntry {
  readonly jobId: string;
  readonly status: JobStatus;
  readonly startedAtMs: number;
  readonly endedAtMs?: number;
  readonly pool: string;
  readonly sources: readonly Uint8Array[];
  readonly interruptions: number;
  /** The media set whose volumes it writes; absent until it has written on one. */
  readonly mediaSet?: string;
  /** A part of another job, which writes some of its source volumes through a drive of its own. */
  readonly parentJobId?: string;
  /** Its stream is another job's, copied. */
  readonly copyOfJobId?: string;
  /** Why its last run ended before it was done, where that run lived to say so. */
  readonly interruptionCause?: string;
  /** Of all its runs that lived to say so. */
  readonly time?: JobTime;
  /** No rule of its pool's retention keeps it any more. */
  readonly expiredAtMs?: number;
}

/** Where job entries persist. */
export interface JobRegister {
  /** Gives the job its number. */
  create(job: Omit<JobEntry, "jobId">): JobEntry;
  get(jobId: string): JobEntry | undefined;
  list(): readonly JobEntry[];
  /** Of a job that was dealt, in order of their numbers. */
  parts(jobId: string): readonly JobEntry[];
  /** By whoever has locked the job. */
  update(job: JobEntry): void;
  /** By anybody: as {@link update}, of the entry as it is then. */
  change(jobId: string, decide: (now: JobEntry) => JobEntry | undefined): JobEntry | undefined;
}
