// SPDX-License-Identifier: Apache-2.0
import type { MediaSetDescription } from "./media-set.ts";
import type { DurableMark, LoggedBlocks, Segment } from "./tape.ts";
import type { SourceVolume } from "./source-volume.ts";

export interface JobSettings {
  readonly pool: string;
  readonly recordSizeBytes: number;
  readonly crossMounts: boolean;
  /** Its stream is this job's, copied: it has segments of its own, and no objects. */
  readonly copyOfJobId?: string;
}

export interface NewJob {
  readonly jobId: string;
  readonly sources: readonly Uint8Array[];
  readonly settings: JobSettings;
}

/** Proof of the present start: frames of another epoch or nonce are dropped. */
export interface EpochToken {
  readonly jobId: string;
  readonly epoch: number;
  readonly nonce: Uint8Array;
}

/** A frame of persistent records (a CBOR sequence) from a data server. */
export interface RecordFrame {
  readonly token: EpochToken;
  readonly bytes: Uint8Array;
}

/** What survived in the temporary catalog, before the tape was asked. */
export interface JobRecords {
  readonly jobId: string;
  readonly startedAtMs: number;
  readonly settings: JobSettings;
  readonly epoch: number;
  readonly sourceVolumes: readonly SourceVolume[];
  readonly segments: readonly Segment[];
  /** The first segment number that no record has used, one that was voided included: its head may stand on the tape. */
  readonly nextSegment: number;
  /** Every volume that the job ever wrote on, those included on which it claims nothing any more. */
  readonly volumes: readonly { readonly volumeUuid: string; readonly volumeTag: string }[];
  /** The last durable mark of each volume, in order of first use. */
  readonly durableMarks: readonly DurableMark[];
  /** The volume that was being written; undefined where nothing was. */
  readonly currentVolumeUuid?: string;
  /** Digests of the current volume's records: those at and behind its durable mark, and those before it since the one
   * before that. */
  readonly loggedBlocks: readonly LoggedBlocks[];
  /** Stream offset of the last durable mark: everything before it is on tape for good. */
  readonly durableStreamOffset: bigint;
  /**
   * Where the stream goes on if no boundary is given: the durable offset; of a copy, whose stream must have no hole, the
   * first byte that is on no volume any more.
   */
  readonly resumableStreamOffset: bigint;
  /** Stream offset up to which blocks were announced for writing; never before the durable one. */
  readonly announcedStreamOffset: bigint;
  readonly frames: number;
  readonly bytes: bigint;
  /** Records that had been on the disk for sure are lost: no claim counts before it was proved. */
  readonly damaged: boolean;
  /** Of a damaged catalog: the highest epoch in what can still be read behind the damage. */
  readonly epochBehindDamage?: number;
  readonly interruptions: readonly Interruption[];
  readonly done?: "complete" | "completeWithExceptions" | "cancelled";
}

/** What a resume found and decided, as it is kept for people. */
export interface ResumeStory {
  /** Why the job had stopped, as far as anybody knows. */
  readonly cause: string;
  /** End of data on the volume that was looked at. */
  readonly endOfData?: bigint;
  /** Blocks and filemarks behind the boundary that do not count. */
  readonly discardedObjects: bigint;
  /** Stream bytes that had been announced for writing and come once more. */
  readonly repeatedBytes: bigint;
  /** The object that the boundary cuts and that is written again whole. */
  readonly restarted?: Uint8Array;
  /** One sentence per decision, in order. */
  readonly reasons: readonly string[];
}

/** One TRUNCATE of the job's history. */
export interface Interruption {
  readonly epoch: number;
  readonly volumeUuid: string;
  readonly boundaryBlock: bigint;
  readonly streamOffset: bigint;
  /** Stream bytes past the last durable mark that were on tape and were kept. */
  readonly adoptedBytes: bigint;
  /** Path of the object that went on at the boundary. */
  readonly continued?: Uint8Array;
  readonly resumedAtMs?: number;
  /** Absent in jobs of versions that did not record it. */
  readonly story?: ResumeStory;
}

/** What is told of a job that is over: all that its temporary catalog said of it, and that the catalog needs no more. */
export interface JobHistory {
  readonly epoch: number;
  /** Stream offset of the last durable mark. */
  readonly streamOffset: bigint;
  readonly sourceVolumes: readonly SourceVolume[];
  /** The last durable mark of each volume, in order of first use. */
  readonly durableMarks: readonly (Pick<DurableMark, "volumeUuid" | "position" | "durableBytes"> & {
    readonly volumeTag: string;
  })[];
  readonly interruptions: readonly Interruption[];
}

export interface JobHistoryRegister {
  /** In the place of what was kept of the job before. */
  keep(jobId: string, history: JobHistory): void;
  get(jobId: string): JobHistory | undefined;
}

/** An object that begins before a stream offset and ends behind it. */
export interface ObjectAcross {
  readonly sourceIndex: number;
  readonly containerId: number;
  readonly containerPath: Uint8Array;
  readonly name: Uint8Array;
  readonly sparse: boolean;
  readonly fingerprint: Uint8Array;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly archivedBytes: bigint;
  readonly sparseMap?: Uint8Array;
  readonly sparseRealBytes?: bigint;
  /** End of map and first data block of a sparse member: a cut before it cannot be continued. */
  readonly firstDataEndOffset?: bigint;
  /** End (in archived data) of the last recorded extent. */
  readonly digestedBytes: bigint;
}

/** What a resume writes into the temporary catalog before it writes the tape; one frame, fsynced. */
export interface Boundary {
  readonly durable: DurableMark;
  /** Why nothing more is written on the volume that the boundary lies on: it is closed there. */
  readonly closes?: string;
  /** The highest epoch met in the segment heads on tape. */
  readonly epochOnTape: number;
}

export interface FooterRecords {
  readonly bytes: bigint;
  /** The records, piece by piece; `bytes` in all. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** A segment as its tape file and its head tell of it. */
export type SegmentOnTape = Omit<Segment, "continuedHeaderOffset">;

/** The footer of a segment that is whole on tape and was closed behind the surviving records of a damaged catalog. */
export interface TapeFooter {
  /** Segments between the last one that counts and this one: they were cut, and this footer has their records. */
  readonly before: readonly SegmentOnTape[];
  readonly ending: SegmentOnTape;
  /** The place behind its filemark. */
  readonly mark: DurableMark;
  readonly recordSizeBytes: number;
  /** What it is, for messages. */
  readonly where: string;
  /** Its records, a CBOR sequence. */
  pieces(): AsyncIterable<Uint8Array>;
}

/** `refused`: why the footer is not believed, in the middle of a sentence. */
export type FooterVerdict = { readonly records: JobRecords; readonly objects: bigint } | { readonly refused: string };

/** The media set, described in the footer that ends a job. */
export interface SetOfFooter {
  readonly mediaSet: string;
  readonly pool: string;
  readonly description: MediaSetDescription;
}

/** The disk that has become too small for a job's records. */
export interface CatalogSpace {
  readonly folder: string;
  readonly neededBytes: bigint;
}

/** A job as its records tell of it at one moment. */
export interface JobOnRecord {
  readonly records: JobRecords;
  /** The last large object that was opened and not completed, if any. */
  readonly openObject?: ObjectAcross;
}

/** Objects that were recorded as written and do not count. */
export interface Casualties {
  readonly count: bigint;
  /** Of the first thousand, in the order in which they were recorded. */
  readonly paths: readonly Uint8Array[];
}

/** Appends persistent records, reconciles them with byte counts, folds finished jobs into the catalog store. */
export interface CatalogManager {
  createJob(job: NewJob): Promise<EpochToken>;
  /**
   * Was anything of the job recorded? Nothing is written on tape before. `lost`: records were on the disk, and the first
   * of them cannot be read any more: nothing can be gone on with, but tapes may hold what was written (H4).
   */
  hasRecords(jobId: string): Promise<"none" | "some" | "lost">;
  /** Opens its records, for whoever has the job's lock, until {@link closeJob}. */
  loadJob(jobId: string): Promise<JobRecords>;
  /**
   * What is on record, for whoever only looks: opens nothing, so that a job that is being written, by this process or
   * another one, notices nothing of it.
   */
  readJob(jobId: string): Promise<JobOnRecord>;
  objectAcross(jobId: string, streamOffset: bigint): Promise<ObjectAcross | undefined>;
  /** The job's segments as the records stand now, in stream order. */
  segments(jobId: string): Promise<readonly Segment[]>;
  /** The job's source volumes as the records stand now: what a boundary or a lost volume withdrew is partial again. */
  sourceVolumes(jobId: string): Promise<readonly SourceVolume[]>;
  /**
   * Withdraws what the job claims on a volume from a block on: the volume is gone, or no longer holds it. In memory
   * only, before the boundary is applied; {@link beginEpoch} makes it last, in the boundary's frame and before that in a
   * second file.
   */
  applyVolumeLost(jobId: string, volumeUuid: string, fromBlock: bigint): Promise<void>;
  /**
   * Of a damaged catalog: takes back from a footer what it has lost. The segment counts from then on, and its place is the
   * volume's durable mark. In memory, and for other passes over the records; {@link beginEpoch} makes it last.
   */
  takeFooter(jobId: string, footer: TapeFooter): Promise<FooterVerdict>;
  /**
   * Applies a boundary to what is known of the job: every record that ends past its stream offset is void.
   * In memory only; {@link beginEpoch} makes it last.
   */
  applyBoundary(jobId: string, boundary: Boundary | undefined): Promise<void>;
  /** What was recorded as ending behind this stream offset, as far as no earlier resume has voided it. */
  casualties(jobId: string, streamOffset: bigint): Promise<Casualties>;
  /** Starts a new epoch at the boundary applied before: one frame, fsynced when it resolves (*). */
  beginEpoch(jobId: string, story: ResumeStory): Promise<EpochToken>;
  /** Is the first frame of the token's epoch on the disk, and that epoch the present one? */
  hasBegun(token: EpochToken): boolean;
  /** The first container id that no record of the job has used. */
  nextContainerId(jobId: string): Promise<bigint>;
  appendFrame(frame: RecordFrame): Promise<void>;
  sourceVolumeOpened(token: EpochToken, index: number, streamOffset: bigint): Promise<void>;
  sourceVolumeDone(
    token: EpochToken,
    index: number,
    counts: {
      readonly containers: bigint;
      readonly objects: bigint;
      readonly exceptions: bigint;
      readonly endOffset: bigint;
    },
  ): Promise<void>;
  /** Fsynced when it resolves: it assigns the volume to the job. */
  segmentOpened(token: EpochToken, segment: Segment): Promise<void>;
  segmentEnded(token: EpochToken, segment: Segment): Promise<void>;
  blocksAnnounced(token: EpochToken, volumeUuid: string, blocks: LoggedBlocks): Promise<void>;
  /** Extents of an object up to where it goes on; those that could not be read back have no digest. */
  extentsCut(
    token: EpochToken,
    object: ObjectAcross,
    extents: readonly { readonly from: bigint; readonly to: bigint; readonly digest?: Uint8Array }[],
  ): Promise<void>;
  /** Fsynced when it resolves. */
  durable(token: EpochToken, mark: DurableMark): Promise<void>;
  volumeClosed(
    token: EpochToken,
    volumeUuid: string,
    position: bigint,
    streamOffset: bigint,
    reason: string,
  ): Promise<void>;
  /**
   * Of a damaged catalog: every volume that its claims name was identified again and its last claimed block read once
   * more. Before that {@link beginEpoch} refuses.
   */
  claimsProved(jobId: string): Promise<void>;
  /**
   * Settles when the disk is full and what was kept back is being used up: time for a last checkpoint. With nothing
   * where the job's records are closed before.
   */
  spaceLow(token: EpochToken): Promise<CatalogSpace | undefined>;
  /** Bytes of records appended since the last footer. */
  pendingFooterBytes(token: EpochToken): bigint;
  /** The records for the footer of `ending`, which is the segment that is about to end. */
  footerRecords(token: EpochToken, ending: Segment, set?: SetOfFooter): Promise<FooterRecords>;
  /** JOB_DONE, fsynced, then the fold into the catalog store. */
  finishJob(token: EpochToken, status: "complete" | "completeWithExceptions", endOffset: bigint): Promise<void>;
  /** Takes a job whose JOB_DONE is on disk into the catalog store; may be done again. */
  foldJob(jobId: string): Promise<void>;
  cancelJob(jobId: string): Promise<void>;
  closeJob(jobId: string): Promise<void>;
  /** Jobs that have a temporary catalog, or what is left of one. */
  recordedJobs(): Promise<readonly string[]>;
  /** Removes the temporary catalog of a job that is over and whose entry says so; may be done again. */
  retireJob(jobId: string): Promise<void>;
}
