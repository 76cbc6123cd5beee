// SPDX-License-Identifier: Apache-2.0
/** Where finished jobs, volumes and every version of every object are kept. One interface; SQLite first. */
import type { JobHistoryRegister } from "../protocol/catalog-manager.ts";
import type { JobRegister } from "../protocol/job.ts";
import type { DriveRegister, MoveJournal } from "../protocol/library-state.ts";
import type { MediaSetRegister } from "../protocol/media-set.ts";
import type { OperatorRequestRegister } from "../protocol/operator-request.ts";
import type { CartridgeRegister, VolumeRegister } from "../protocol/volume.ts";
import type { Segment } from "../protocol/tape.ts";

/** An object of a finished job. */
export interface StoredObject {
  readonly jobId: string;
  /** Member path of the directory, with its slash at the end; empty for the root of everything. */
  readonly directory: Buffer;
  readonly name: Buffer;
  /** Numbers of `objectKind`. */
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly digest: Buffer | undefined;
  readonly linkTarget: Buffer | undefined;
}

/** A stretch of an object's archived data before its last extent. */
export interface StoredExtent {
  readonly headerOffset: bigint;
  readonly from: bigint;
  readonly to: bigint;
  /** Undefined where the bytes could not be read back when the object was cut there. */
  readonly digest: Buffer | undefined;
}

export interface FinishedJob {
  readonly jobId: string;
  readonly recordSizeBytes: number;
  readonly endOffset: bigint;
  readonly sources: readonly {
    readonly index: number;
    readonly path: Uint8Array;
    readonly streamStart: bigint;
    readonly streamEnd: bigint;
    readonly objects: bigint;
    readonly exceptions: bigint;
  }[];
  readonly segments: readonly Segment[];
  readonly objects: Iterable<Omit<StoredObject, "jobId">>;
  readonly extents: Iterable<StoredExtent>;
}

export interface StoredJob {
  readonly jobId: string;
  readonly recordSizeBytes: number;
  readonly endOffset: bigint;
  readonly objects: bigint;
  readonly sources: FinishedJob["sources"];
  /** In order of the stream; those of the oldest copy where the job's own cartridges were written over. */
  readonly segments: readonly Segment[];
  /** Where the same stream is a second time: finished copies, the oldest first. */
  readonly copies: readonly { readonly jobId: string; readonly segments: readonly Segment[] }[];
}

/** A segment of a finished job or copy, seen from the volume that it is on. */
export interface VolumeSegment extends Segment {
  readonly jobId: string;
}

/** Catalog of all jobs and volumes. Paths are member paths: bytes, relative, directories with a slash at the end. */
export interface CatalogStore {
  readonly jobs: JobRegister;
  readonly histories: JobHistoryRegister;
  readonly volumes: VolumeRegister;
  readonly cartridges: CartridgeRegister;
  readonly mediaSets: MediaSetRegister;
  readonly moves: MoveJournal;
  readonly requests: OperatorRequestRegister;
  readonly drives: DriveRegister;
  /** Carries out what reads several rows and writes by what it found, while no other process writes. */
  atomically<T>(work: () => T): T;
  /** Takes a finished job in; doing it again replaces what an interrupted fold left. */
  fold(job: FinishedJob): void;
  /** Of a copy: its own segments, and all else of the job that it is a copy of. */
  finishedJob(jobId: string): StoredJob | undefined;
  /** Segments of finished jobs and copies, in order of tape files. Those of unfinished jobs are not in the store. */
  segmentsOnVolume(volumeUuid: string): readonly VolumeSegment[];
  /**
   * Takes a finished copy in: `copyJobId` is a job whose entry says that it is a copy of `jobId`. From then on it can be
   * listed and restored under either number. Doing it again replaces the copy's segments.
   */
  addCopy(jobId: string, copyJobId: string, segments: readonly Segment[]): void;
  /**
   * Forgets where an expired job or copy is: one of its cartridges is about to be written over. Its objects go with the
   * last of the job's copies that is on tape. The job's entry stays. An interrupted call is done again by calling again.
   */
  forgetJob(jobId: string): void;
  /** Objects at or below the paths (all of the job's where none is given), in stream order. */
  objectsInStreamOrder(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject>;
  /** Directories at or below the paths, deepest first. */
  directoriesDeepestFirst(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject>;
  /** The object that begins at a stream offset of a job: a hard link's target by its place. */
  objectByPath(jobId: string, path: Uint8Array): StoredObject | undefined;
  extents(jobId: string, headerOffset: bigint): readonly StoredExtent[];
  /** Entries of a directory, the newest version of each, or those of one job. */
  list(directory: Uint8Array, jobId: string | undefined): IterableIterator<StoredObject>;
  /** Newest versions whose path matches a glob (`*`, `?`, `[...]`). */
  find(glob: Uint8Array, limit: number): IterableIterator<StoredObject>;
  /** All versions of one path, newest first. */
  versions(path: Uint8Array): IterableIterator<StoredObject>;
  close(): void;
}

/** A member path as the store keeps it: directory and name. The slash at a directory's end belongs to neither. */
export function splitPath(path: Uint8Array): { readonly directory: Buffer; readonly name: Buffer } {
  const bytes = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  const trimmed = bytes.at(-1) === 0x2f ? bytes.subarray(0, -1) : bytes;
  const slash = trimmed.lastIndexOf(0x2f);
  return { directory: trimmed.subarray(0, slash + 1), name: trimmed.subarray(slash + 1) };
}

/** The member path of a stored object. */
export function memberPath(object: Pick<StoredObject, "directory" | "name">): Buffer {
  return Buffer.concat([object.directory, object.name]);
}
