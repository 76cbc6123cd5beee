// SPDX-License-Identifier: Apache-2.0
/**
 * The persistent records of a finished job's objects, made again from the catalog store in the order of the stream: a
 * copy's own temporary catalog and its segment footers are told by them what the copied stream holds.
 */
import type { CatalogStore, StoredExtent, StoredJob, StoredObject } from "../catalog/catalog-store.ts";
import { memberPath } from "../catalog/catalog-store.ts";
import { ContainerHasher } from "../catalog/container-hash.ts";
import type { Hash128 } from "../catalog/environment.ts";
import { decodeFingerprint, fingerprintBytes } from "../catalog/fingerprint.ts";
import { objectKind, objectOutcome } from "../catalog/persistent-record.ts";
import type { PersistentRecord } from "../catalog/persistent-record.ts";

interface OpenContainer {
  readonly id: number;
  readonly sourceIndex: number;
  readonly path: Buffer;
  readonly fingerprint: Buffer;
  readonly entries: number;
  readonly hash: Buffer;
  /** Entries, and the root's own member, that are still to come. */
  left: number;
}

export interface StreamRecordsOptions {
  readonly store: CatalogStore;
  readonly job: StoredJob;
  readonly hash128: Hash128;
  /** Objects that end at or before it have been recorded. */
  readonly from: bigint;
  readonly firstContainerId: number;
}

/** Told of every object in stream order; a container is open from its first entry to its last. */
export class StreamRecords {
  readonly #options: StreamRecordsOptions;
  readonly #roots: readonly Buffer[];
  readonly #open = new Map<string, OpenContainer>();
  #nextContainerId: number;

  constructor(options: StreamRecordsOptions) {
    this.#options = options;
    this.#roots = options.job.sources.map(({ path }) => rootOf(path));
    this.#nextContainerId = options.firstContainerId;
  }

  /** The records of one object, those of containers that it begins or ends included. */
  of(object: StoredObject): readonly PersistentRecord[] {
    const path = memberPath(object);
    const isRoot = this.#roots.some((root) => root.equals(path));
    const records: PersistentRecord[] = [];
    const container = this.#container(isRoot ? folderPath(path) : object.directory, object, isRoot, records);
    const name = isRoot ? Buffer.alloc(0) : object.name;
    const extents = this.#extents(object);
    // A reader of extents knows from it where the object's data begins.
    if (extents.length > 0) records.push(opening(object, container.id, name));
    for (const extent of extents) {
      records.push({ type: "extent", containerId: container.id, name, ...extent, digest: extent.digest ?? null });
    }
    records.push({
      type: "object",
      containerId: container.id,
      name,
      kind: object.kind,
      fingerprint: object.fingerprint,
      headerOffset: object.headerOffset,
      dataOffset: object.dataOffset,
      endOffset: object.endOffset,
      outcome: objectOutcome.ok,
      digest: object.digest ?? null,
      linkTarget: object.linkTarget ?? null,
      errno: 0,
    });
    container.left -= 1;
    if (container.left === 0) records.push(this.#close(container, object.endOffset));
    if (object.kind === objectKind.directory && !isRoot) records.push(...this.#emptyContainer(object, path));
    return records;
  }

  #extents(object: StoredObject): readonly StoredExtent[] {
    const hasData = object.kind === objectKind.file || object.kind === objectKind.sparseFile;
    return hasData ? this.#options.store.extents(object.jobId, object.headerOffset) : [];
  }

  #container(path: Buffer, object: StoredObject, isRoot: boolean, records: PersistentRecord[]): OpenContainer {
    const key = path.toString("latin1");
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const opened = this.#newContainer(path, object, isRoot);
    this.#open.set(key, opened);
    const { id: containerId, sourceIndex, fingerprint } = opened;
    records.push({
      type: "containerOpen",
      containerId,
      sourceIndex,
      path,
      fingerprint,
      streamOffset: object.headerOffset,
    });
    return opened;
  }

  #newContainer(path: Buffer, object: StoredObject, isRoot: boolean): OpenContainer {
    const { store, hash128, from } = this.#options;
    const hasher = new ContainerHasher();
    let left = isRoot ? 1 : 0;
    for (const entry of store.list(path, object.jobId)) {
      // The root of all file systems is an entry of itself.
      if (entry.name.length === 0) continue;
      hasher.add(entry.name, entry.fingerprint);
      if (entry.endOffset > from) left += 1;
    }
    const folder = isRoot ? object : store.objectByPath(object.jobId, path);
    return {
      id: this.#nextContainerId++,
      sourceIndex: this.#sourceIndex(object.headerOffset),
      path,
      fingerprint: folder?.fingerprint ?? Buffer.alloc(fingerprintBytes),
      entries: hasher.entries,
      hash: hasher.digest(hash128),
      left,
    };
  }

  #close(container: OpenContainer, endOffset: bigint): PersistentRecord {
    this.#open.delete(container.path.toString("latin1"));
    const { id: containerId, sourceIndex, path, entries, hash, fingerprint } = container;
    return {
      type: "containerClose",
      containerId,
      sourceIndex,
      path,
      entries,
      // The store keeps those of a whole source volume only.
      exceptions: 0,
      hash,
      endOffset,
      fingerprint,
      unchanged: true,
    };
  }

  /** A directory without entries is met in no entry. */
  #emptyContainer(directory: StoredObject, path: Buffer): readonly PersistentRecord[] {
    const folder = folderPath(path);
    for (const _entry of this.#options.store.list(folder, directory.jobId)) return [];
    const records: PersistentRecord[] = [];
    const container = this.#container(folder, { ...directory, headerOffset: directory.endOffset }, false, records);
    return [...records, this.#close(container, directory.endOffset)];
  }

  #sourceIndex(streamOffset: bigint): number {
    const { sources } = this.#options.job;
    const source = sources.find(
      ({ streamStart, streamEnd }) => streamStart <= streamOffset && streamOffset < streamEnd,
    );
    return source?.index ?? sources.at(-1)?.index ?? 0;
  }
}

/** The store knows neither map nor archived length of a sparse file: its data ends with the member at the latest. */
function opening(object: StoredObject, containerId: number, name: Buffer): PersistentRecord {
  const { dataOffset, endOffset, fingerprint, headerOffset, kind } = object;
  const isSparse = kind === objectKind.sparseFile;
  return {
    type: "objectOpen",
    containerId,
    name,
    kind,
    fingerprint,
    headerOffset,
    dataOffset,
    endOffset,
    archivedBytes: isSparse ? endOffset - dataOffset : decodeFingerprint(fingerprint).sizeBytes,
    sparseMap: null,
  };
}

/** Member path of a source volume's root, without a slash at its end. */
function rootOf(path: Uint8Array): Buffer {
  let text = Buffer.from(path.buffer, path.byteOffset, path.byteLength);
  while (text[0] === 0x2f) text = text.subarray(1);
  while (text.at(-1) === 0x2f) text = text.subarray(0, -1);
  return text;
}

/** The container of a directory: its path with a slash at the end; that of the root of everything is empty. */
function folderPath(path: Buffer): Buffer {
  return path.length === 0 ? path : Buffer.concat([path, Buffer.from("/")]);
}
