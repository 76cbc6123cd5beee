// SPDX-License-Identifier: Apache-2.0
import type { StreamStretch } from "./media-server.ts";

/** Summary of a disk-based catalog. */
export interface DiskBasedCatalogSummary {
  readonly containersComplete: bigint;
  readonly containersPartial: bigint;
  readonly objectsDurable: bigint;
}

/** Answers what is already on tape. */
export interface CatalogServer {
  /** A new job: nothing is listed. */
  openEmpty(jobId: string): Promise<void>;
  /** Generates the disk-based catalog that holds the partially backed-up source volume. */
  generate(jobId: string): Promise<DiskBasedCatalogSummary>;
  /** Packed answers, in the order of the paths: is this container object listed, partial or complete. */
  judgeContainers(jobId: string, paths: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Packed targets of hard links that are claimed. */
  linkTargets(jobId: string): Promise<Uint8Array>;
  /** The wanted objects of a finished job in stream order, batch by batch, with the tape that holds them. */
  restoreBatches(jobId: string, paths: readonly Uint8Array[]): AsyncIterable<RestoreBatch>;
  /** All objects of a finished job, or those on one volume, in stream order, with the tape that holds them. */
  verificationBatches(jobId: string, volumeUuid?: string): AsyncIterable<VerificationBatch>;
  /** Packed directories, deepest first, whose metadata is set at the end. */
  directoriesToFinish(jobId: string, paths: readonly Uint8Array[]): AsyncIterable<Uint8Array>;
  /** A finished job's stream, as it can be copied. */
  storedStream(jobId: string): Promise<StoredStream>;
  /** Where a range of whole records is on tape. */
  streamStretches(jobId: string, from: bigint, to: bigint): Promise<readonly StreamStretch[]>;
  /** What a copy of a finished job needs from a stream offset on. */
  copyBatches(jobId: string, start: CopyStart): AsyncIterable<CopyBatch>;
  /** The object of a finished job that lies across a stream offset. */
  memberAcross(jobId: string, streamOffset: bigint): Promise<MemberPlace | undefined>;
  /** How many objects of a finished job end at or before a stream offset. */
  objectsBefore(jobId: string, streamOffset: bigint): Promise<bigint>;
  close(jobId: string): Promise<void>;
}

export interface RestoreBatch {
  /** Packed restore objects. */
  readonly objects: Uint8Array;
  readonly stretches: readonly StreamStretch[];
}

export interface VerificationBatch extends RestoreBatch {
  /** Objects of which only a part lies on the wanted volume; they are not among `objects`. */
  readonly parts: readonly Uint8Array[];
}

export interface StoredStream {
  readonly jobId: string;
  readonly recordSizeBytes: number;
  readonly endOffset: bigint;
  readonly sources: readonly StoredSource[];
}

/** A source volume of a finished job; one of which nothing could be read holds nothing of the stream. */
export interface StoredSource {
  readonly index: number;
  readonly streamStart: bigint;
  readonly streamEnd: bigint;
  readonly containers: bigint;
  readonly objects: bigint;
  readonly exceptions: bigint;
}

export interface CopyStart {
  /** A record boundary; records of objects that end at or before it are in the copy's temporary catalog. */
  readonly from: bigint;
  readonly firstContainerId: number;
}

/** A piece of the stream, from one record boundary to another. */
export interface CopyBatch {
  readonly streamStart: bigint;
  readonly streamEnd: bigint;
  /**
   * A segment ends here. `closed`: at a boundary of members. `givenUp`: in the job that is copied an interrupted member was
   * given up here, and nothing may follow its part in one tape file.
   */
  readonly endsSegment?: "closed" | "givenUp";
  readonly endsJob: boolean;
  /** Persistent records of what ends in this piece, a CBOR sequence; they are appended before its blocks are written. */
  readonly records: Uint8Array;
  readonly objects: number;
  /** Header offsets of members that begin in this piece and lie across a record boundary. */
  readonly members: Uint8Array;
  /** Where it is read. */
  readonly stretches: readonly StreamStretch[];
}

/** Where the headers of a member are in the stream. */
export interface MemberPlace {
  readonly headerOffset: bigint;
  /** Behind them; the same where it is a member that was given up, which stands there or a few members behind. */
  readonly dataOffset: bigint;
}
