// SPDX-License-Identifier: Apache-2.0
/** What a copy of a finished job needs to go on from a stream offset, in the order of the stream, piece by piece. */
import type { CatalogStore, StoredJob, StoredObject } from "../catalog/catalog-store.ts";
import type { Hash128 } from "../catalog/environment.ts";
import { encodeRecords } from "../catalog/persistent-record.ts";
import { goesOn, holdsStream } from "../format/segment-end.ts";
import type { CopyBatch, CopyStart, MemberPlace, StoredSource } from "../protocol/catalog-server.ts";
import { StreamRecords } from "./stream-records.ts";
import { stretchesOf } from "./stretches.ts";

/** A batch costs one locate of the drive that reads, and memory for the records of its objects. */
const batchBytes = 1n << 30n;
const batchObjects = 65_536;
const offsetBytes = 8;

/** Objects one by one; one that ends behind a batch is looked at again in the next. */
class ObjectCursor {
  readonly #objects: IterableIterator<StoredObject>;
  current: StoredObject | undefined;
  /** Its headers have been announced. */
  announced = false;
  /** Where the last object ended that was passed. */
  behind = 0n;

  constructor(objects: IterableIterator<StoredObject>, from: bigint) {
    this.#objects = objects;
    do this.advance();
    while (this.current !== undefined && this.current.endOffset <= from);
    // The headers of the one that the copy goes on inside have passed by.
    this.announced = this.current !== undefined && this.current.headerOffset < from;
  }

  /** The store's query ends. */
  close(): void {
    this.#objects.return?.();
  }

  advance(): void {
    if (this.current !== undefined) this.behind = this.current.endOffset;
    const next = this.#objects.next();
    this.current = next.done === true ? undefined : next.value;
    this.announced = false;
  }
}

export function* copyBatches(
  store: CatalogStore,
  job: StoredJob,
  hash128: Hash128,
  start: CopyStart,
): Generator<CopyBatch> {
  const { from, firstContainerId } = start;
  const recordSize = BigInt(job.recordSizeBytes);
  const records = new StreamRecords({ store, job, hash128, from, firstContainerId });
  const cursor = new ObjectCursor(store.objectsInStreamOrder(job.jobId, []), from);
  const ends = segmentEnds(job);
  try {
    for (let at = from; at < job.endOffset;) {
      const end = ends.find(({ streamOffset }) => streamOffset > at) ?? { streamOffset: job.endOffset, how: "closed" };
      const segmentEnd = end.streamOffset;
      const limit = segmentEnd < at + batchBytes ? segmentEnd : at + batchBytes;
      const taken = takeObjects(cursor, records, limit, recordSize);
      const members =
        end.how === "givenUp" ? [...taken.members, ...givenUpMember(cursor, at, taken.to)] : taken.members;
      yield {
        streamStart: at,
        streamEnd: taken.to,
        records: taken.records,
        objects: taken.objects,
        endsJob: taken.to === job.endOffset,
        members: packOffsets(members),
        stretches: stretchesOf({ from: at, to: taken.to }, job.segments, job.recordSizeBytes),
        ...(taken.to === segmentEnd ? { endsSegment: end.how } : {}),
      };
      at = taken.to;
    }
  } finally {
    cursor.close();
  }
}

interface Taken {
  readonly to: bigint;
  readonly records: Uint8Array;
  readonly objects: number;
  readonly members: readonly bigint[];
}

function takeObjects(cursor: ObjectCursor, records: StreamRecords, limit: bigint, recordSize: bigint): Taken {
  const frame: Buffer[] = [];
  const members: bigint[] = [];
  let to = limit;
  for (let count = 0; cursor.current !== undefined; cursor.advance()) {
    const { headerOffset, endOffset } = cursor.current;
    if (headerOffset >= to) break;
    if (!cursor.announced && headerOffset / recordSize !== (endOffset - 1n) / recordSize) members.push(headerOffset);
    cursor.announced = true;
    if (endOffset > to) break;
    frame.push(encodeRecords(records.of(cursor.current)));
    count += 1;
    if (count !== batchObjects) continue;
    const full = ((endOffset + recordSize - 1n) / recordSize) * recordSize;
    if (full < to) to = full;
  }
  return { to, records: Buffer.concat(frame), objects: frame.length, members };
}

/** In a header's offset: the members behind it are looked at too, one after the other. */
const andThoseBehind = 1n << 63n;

/**
 * The catalog knows nothing of a member that was given up, but its part is in the stream and may be cut again: it stands
 * somewhere behind the last object, perhaps behind members that were written again.
 */
function givenUpMember(cursor: ObjectCursor, from: bigint, to: bigint): readonly bigint[] {
  const isBehindAll = cursor.current === undefined || cursor.current.headerOffset >= to;
  return isBehindAll && cursor.behind >= from && cursor.behind < to ? [cursor.behind | andThoseBehind] : [];
}

interface SegmentEnd {
  readonly streamOffset: bigint;
  readonly how: "closed" | "givenUp";
}

/**
 * Where the copy's segments end: where those of the job were closed (at boundaries of members, and at the end of every
 * source volume), and where they were cut and not continued. Cuts that were continued are no ends: the stream goes on.
 */
function segmentEnds(job: StoredJob): readonly SegmentEnd[] {
  const holding = job.segments.filter(holdsStream);
  return holding.flatMap((segment, index): readonly SegmentEnd[] => {
    const { ended, streamEnd } = segment;
    if (streamEnd === undefined) return [];
    if (ended === "closed") return [{ streamOffset: streamEnd, how: "closed" }];
    const next = holding[index + 1];
    return next === undefined || goesOn(next, segment) ? [] : [{ streamOffset: streamEnd, how: "givenUp" }];
  });
}

export function storedSources(store: CatalogStore, job: StoredJob): readonly StoredSource[] {
  return job.sources.map(({ path, ...source }) => ({ ...source, containers: containersOf(store, job, path) }));
}

/** Each directory is a container, the root of the source volume among them. */
function containersOf(store: CatalogStore, job: StoredJob, source: Uint8Array): bigint {
  let count = 0n;
  const relative = Buffer.from(source).toString("latin1").replace(/^\/+/, "");
  for (const _directory of store.directoriesDeepestFirst(job.jobId, [Buffer.from(relative, "latin1")])) count += 1n;
  return count;
}

/** The object that begins before a stream offset and ends behind it; or the part there of one that was given up later. */
export function memberAcross(store: CatalogStore, job: StoredJob, streamOffset: bigint): MemberPlace | undefined {
  let behind = 0n;
  for (const { headerOffset, dataOffset, endOffset } of store.objectsInStreamOrder(job.jobId, [])) {
    if (headerOffset >= streamOffset) break;
    behind = endOffset;
    if (endOffset > streamOffset) return { headerOffset, dataOffset };
  }
  const wasGivenUp = segmentEnds(job).some(
    (end) => end.how === "givenUp" && end.streamOffset > behind && end.streamOffset <= streamOffset,
  );
  return behind < streamOffset && !wasGivenUp ? { headerOffset: behind, dataOffset: behind } : undefined;
}

function packOffsets(offsets: readonly bigint[]): Buffer {
  const packed = Buffer.alloc(offsets.length * offsetBytes);
  offsets.forEach((offset, index) => packed.writeBigUInt64BE(offset, index * offsetBytes));
  return packed;
}
