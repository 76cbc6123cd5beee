// SPDX-License-Identifier: Apache-2.0
/** Where finished jobs, volumes and every version of every object are kept. One interface; SQLite first. */
import type { JobRegister } from "../protocol/job.ts";
import type { VolumeRegister } from "../protocol/volume.ts";
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

/** A digested stretch of an object's archived data before its last extent. */
export interface StoredExtent {
  readonly headerOffset: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly digest: Buffer;
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
  readonly segments: readonly Segment[];
}

/** Catalog of all jobs and volumes. Paths are member paths: bytes, relative, directories with a slash at the end. */
export interface CatalogStore {
  readonly jobs: JobRegister;
  readonly volumes: VolumeRegister;
  /** Takes a finished job in; doing it again replaces what an interrupted fold left. */
  fold(job: FinishedJob): void;
  finishedJob(jobId: string): StoredJob | undefined;
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
