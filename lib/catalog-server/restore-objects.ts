// SPDX-License-Identifier: Apache-2.0
/** Objects to restore, packed for the data server, and the tape that holds them. */
import { memberPath } from "../catalog/catalog-store.ts";
import type { CatalogStore, StoredJob, StoredObject } from "../catalog/catalog-store.ts";
import { objectKind } from "../catalog/persistent-record.ts";
import type { RestoreBatch } from "../protocol/catalog-server.ts";
import { joinRanges, stretchesOf } from "./stretches.ts";

/** Objects in one batch: each costs a hundred bytes of memory, each batch at most one locate. */
const batchObjects = 65_536;
const digestBytes = 16;

/** Batches in stream order. */
export function* restoreBatches(
  store: CatalogStore,
  job: StoredJob,
  paths: readonly Uint8Array[],
): Generator<RestoreBatch> {
  let batch: StoredObject[] = [];
  for (const object of wantedObjects(store, job.jobId, paths)) {
    batch.push(object);
    if (batch.length < batchObjects) continue;
    yield packBatch(store, job, batch);
    batch = [];
  }
  if (batch.length > 0) yield packBatch(store, job, batch);
}

/**
 * Everything below the paths. A hard link whose target is not wanted gets the target's own place on tape instead:
 * it is restored as a file.
 */
function* wantedObjects(store: CatalogStore, jobId: string, paths: readonly Uint8Array[]): Generator<StoredObject> {
  if (paths.length === 0) {
    yield* store.objectsInStreamOrder(jobId, paths);
    return;
  }
  const wanted = [...store.objectsInStreamOrder(jobId, paths)];
  const isWanted = new Set(wanted.map((object) => memberPath(object).toString("latin1")));
  const replaced = wanted.map((object) => {
    if (object.kind !== objectKind.hardLink || object.linkTarget === undefined) return object;
    if (isWanted.has(object.linkTarget.toString("latin1"))) return object;
    const target = store.objectByPath(jobId, object.linkTarget);
    return target === undefined ? object : { ...target, directory: object.directory, name: object.name };
  });
  yield* replaced.sort((left, right) => (left.headerOffset < right.headerOffset ? -1 : 1));
}

function packBatch(store: CatalogStore, job: StoredJob, objects: readonly StoredObject[]): RestoreBatch {
  const ranges = joinRanges(
    objects.map(({ headerOffset, endOffset }) => ({ from: headerOffset, to: endOffset })),
    job.recordSizeBytes,
    job.segments,
  );
  return {
    objects: Buffer.concat(objects.map((object) => packObject(store, job.jobId, object, { withFingerprint: false }))),
    stretches: ranges.flatMap((range) => stretchesOf(range, job.segments, job.recordSizeBytes)),
  };
}

/**
 * Extents without digest are left out: what no extent speaks of is passed over.
 *
 * u64 header offset, u64 end offset, u8 kind, u8 flags (bit 0: has digest, bit 1: has fingerprint), 16 bytes digest of
 * the last extent, u64 where the last extent begins, u16 n, n times (u64 from, u64 to, 16 bytes digest), u16 path
 * length, path; the fingerprint that the header must agree with, 52 bytes, where it is wanted.
 */
export function packObject(
  store: CatalogStore,
  jobId: string,
  object: StoredObject,
  { withFingerprint }: { readonly withFingerprint: boolean },
): Buffer {
  const isLarge = object.kind === objectKind.file || object.kind === objectKind.sparseFile;
  const all = isLarge ? store.extents(jobId, object.headerOffset) : [];
  const extents = all.flatMap(({ from, to, digest }) => (digest === undefined ? [] : [{ from, to, digest }]));
  const path = memberPath(object);
  const bytes = Buffer.alloc(
    8 + 8 + 1 + 1 + digestBytes + 8 + 2 + extents.length * (16 + digestBytes) + 2 + path.length,
  );
  bytes.writeBigUInt64BE(object.headerOffset, 0);
  bytes.writeBigUInt64BE(object.endOffset, 8);
  bytes.writeUInt8(object.kind, 16);
  bytes.writeUInt8((object.digest === undefined ? 0 : 1) | (withFingerprint ? 2 : 0), 17);
  object.digest?.copy(bytes, 18);
  bytes.writeBigUInt64BE(all.at(-1)?.to ?? 0n, 34);
  bytes.writeUInt16BE(extents.length, 42);
  let at = 44;
  for (const extent of extents) {
    bytes.writeBigUInt64BE(extent.from, at);
    bytes.writeBigUInt64BE(extent.to, at + 8);
    extent.digest.copy(bytes, at + 16);
    at += 16 + digestBytes;
  }
  bytes.writeUInt16BE(path.length, at);
  path.copy(bytes, at + 2);
  return withFingerprint ? Buffer.concat([bytes, object.fingerprint]) : bytes;
}

/** Directories, deepest first: u16 path length, path, 52 bytes fingerprint. */
export function* packedDirectories(
  store: CatalogStore,
  jobId: string,
  paths: readonly Uint8Array[],
): Generator<Buffer> {
  let batch: Buffer[] = [];
  for (const directory of store.directoriesDeepestFirst(jobId, paths)) {
    const path = memberPath(directory);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(path.length);
    batch.push(length, path, directory.fingerprint);
    if (batch.length < 3 * batchObjects) continue;
    yield Buffer.concat(batch);
    batch = [];
  }
  if (batch.length > 0) yield Buffer.concat(batch);
}
