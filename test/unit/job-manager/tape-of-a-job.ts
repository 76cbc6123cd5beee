// SPDX-License-Identifier: Apache-2.0
/** A job's records and what its tape says, small enough to be written down: record 0 of the stream is block 4. */
import { durableMarkOf } from "../../../lib/job-manager/resume-boundary.ts";
import type { JobRecords } from "../../../lib/protocol/catalog-manager.ts";
import type { DurableMark, LoggedBlocks, Segment, TapeFacts, TapeObject } from "../../../lib/protocol/tape.ts";

export const recordSizeBytes = 16384;
export const size = BigInt(recordSizeBytes);
export const volumeUuid = "uuid-1";
export const volumeTag = "LTO001L9";

/** Label 0..2, head of segment 1 at 3, its data from 4 on. */
export function segment(fields: Partial<Segment> = {}): Segment {
  return {
    segment: 1,
    epoch: 1,
    volumeUuid,
    volumeTag,
    tapeFile: 1,
    headBlock: 3n,
    firstDataBlock: 4n,
    streamStart: 0n,
    ...fields,
  };
}

export function logged(firstBlock: bigint, streamOffset: bigint, digests: readonly bigint[]): LoggedBlocks {
  const bytes = Buffer.alloc(digests.length * 8);
  digests.forEach((digest, index) => bytes.writeBigUInt64BE(digest, index * 8));
  return { epoch: 1, firstBlock, streamOffset, digests: bytes };
}

/** Durable up to block 6, two records of the stream; three more were announced. */
export function records(fields: Partial<JobRecords> = {}): JobRecords {
  return {
    jobId: "1",
    startedAtMs: 0,
    settings: { pool: "default", recordSizeBytes, crossMounts: false },
    epoch: 1,
    sourceVolumes: [],
    segments: [segment()],
    durableMarks: [
      { volumeUuid, segment: 1, position: 6n, streamOffset: 2n * size, durableBytes: 0n, lastDigest: 101n },
    ],
    volumes: [{ volumeUuid, volumeTag }],
    currentVolumeUuid: volumeUuid,
    loggedBlocks: [logged(6n, 2n * size, [102n, 103n, 104n])],
    durableStreamOffset: 2n * size,
    resumableStreamOffset: 2n * size,
    nextSegment: 2,
    announcedStreamOffset: 5n * size,
    frames: 9,
    bytes: 900n,
    damaged: false,
    interruptions: [],
    ...fields,
  };
}

/** The mark of the volume that it was writing. */
export function markOf(job: JobRecords): DurableMark {
  const mark = durableMarkOf(job);
  if (mark === undefined) throw new Error("the job has no mark");
  return mark;
}

export function block(digest: bigint): TapeObject {
  return { kind: "block", lengthBytes: recordSizeBytes, digest };
}

export const filemark: TapeObject = { kind: "filemark" };

export function head(number: number, epoch = 1, jobId = "1", streamOffset = 0n): TapeObject {
  const told = { jobId, epoch, segment: number, volumeUuid, streamOffset };
  return { kind: "block", lengthBytes: recordSizeBytes, digest: 7n, head: told };
}

export function facts(objects: readonly TapeObject[], fields: Partial<TapeFacts> = {}): TapeFacts {
  const scannedFrom = fields.scannedFrom ?? 6n;
  return {
    volume: { volumeUuid, volumeTag, pool: "default", recordSizeBytes, labelBytes: 10320n, labelObjects: 3n },
    endOfData: scannedFrom + BigInt(objects.length),
    scannedFrom,
    objects,
    highestEpoch: 0,
    before: { digest: 101n, behindFilemark: false },
    ...fields,
  };
}

/** Nothing but the label stands before what was scanned, or the tape ends before. */
export function nothingBefore({ before: _none, ...rest }: TapeFacts): TapeFacts {
  return rest;
}
