// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { decideBoundary as decideAt, durableMarkOf, moveBeforeHeaders } from "../../../lib/job-manager/resume-boundary.ts";
import type { BoundaryDecision } from "../../../lib/job-manager/resume-boundary.ts";
import type { JobRecords } from "../../../lib/protocol/catalog-manager.ts";
import type { LoggedBlocks, Segment, TapeFacts, TapeObject } from "../../../lib/protocol/tape.ts";

const recordSizeBytes = 16384;
const size = BigInt(recordSizeBytes);
const volumeUuid = "uuid-1";

/** Label 0..2, head of segment 1 at 3, its data from 4 on. */
function segment(fields: Partial<Segment> = {}): Segment {
  return {
    segment: 1,
    epoch: 1,
    volumeUuid,
    volumeTag: "LTO001L9",
    tapeFile: 1,
    headBlock: 3n,
    firstDataBlock: 4n,
    streamStart: 0n,
    ...fields,
  };
}

function logged(firstBlock: bigint, streamOffset: bigint, digests: readonly bigint[]): LoggedBlocks {
  const bytes = Buffer.alloc(digests.length * 8);
  digests.forEach((digest, index) => bytes.writeBigUInt64BE(digest, index * 8));
  return { epoch: 1, firstBlock, streamOffset, digests: bytes };
}

function records(fields: Partial<JobRecords> = {}): JobRecords {
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
    volumes: [{ volumeUuid, volumeTag: "LTO001L9" }],
    currentVolumeUuid: volumeUuid,
    loggedBlocks: [logged(6n, 2n * size, [102n, 103n, 104n])],
    durableStreamOffset: 2n * size,
    announcedStreamOffset: 5n * size,
    frames: 9,
    bytes: 900n,
    damaged: false,
    interruptions: [],
    ...fields,
  };
}

function block(digest: bigint): TapeObject {
  return { kind: "block", lengthBytes: recordSizeBytes, digest };
}

function head(number: number, epoch = 1, jobId = "1"): TapeObject {
  return { kind: "block", lengthBytes: recordSizeBytes, digest: 7n, head: { jobId, epoch, segment: number } };
}

function facts(objects: readonly TapeObject[], fields: Partial<TapeFacts> = {}): TapeFacts {
  const scannedFrom = fields.scannedFrom ?? 6n;
  return {
    volume: {
      volumeUuid,
      volumeTag: "LTO001L9",
      pool: "default",
      recordSizeBytes,
      labelBytes: 10320n,
      labelObjects: 3n,
    },
    endOfData: scannedFrom + BigInt(objects.length),
    scannedFrom,
    objects,
    highestEpoch: 0,
    before: { digest: 101n, behindFilemark: false },
    ...fields,
  };
}

function decideBoundary(job: JobRecords, onTape: TapeFacts): BoundaryDecision {
  const mark = durableMarkOf(job);
  if (mark === undefined) throw new Error("the job has no mark");
  return decideAt(job, onTape, mark);
}

describe("resume boundary", () => {
  it("goes on exactly at the durable mark where the tape ends there (the drive's buffer was lost)", () => {
    const decision = decideBoundary(records(), facts([]));
    expect(decision.relation).to.equal("equal");
    expect(decision.boundary).to.equal(6n);
    expect(decision.streamOffset).to.equal(2n * size);
    expect(decision.cutSegment?.segment).to.equal(1);
    expect(decision.behindFilemark).to.equal(false);
    expect(decision.mismatch).to.equal(undefined);
  });

  it("adopts blocks past the durable mark that carry the announced digests", () => {
    const decision = decideBoundary(records(), facts([block(102n), block(103n)]));
    expect(decision.relation).to.equal("ahead");
    expect(decision.boundary).to.equal(8n);
    expect(decision.streamOffset).to.equal(4n * size);
    expect(decision.adoptedBlocks).to.equal(2n);
    expect(decision.discardedBlocks).to.equal(0n);
    expect(decision.lastDigest).to.equal(103n);
  });

  it("ends the adopted prefix at the first block with another digest (*)", () => {
    const decision = decideBoundary(records(), facts([block(102n), block(999n), block(104n)]));
    expect(decision.boundary).to.equal(7n);
    expect(decision.discardedBlocks).to.equal(2n);
  });

  it("discards blocks that were never announced: the journal's tail was lost (*)", () => {
    const decision = decideBoundary(records({ loggedBlocks: [] }), facts([block(102n), block(103n)]));
    expect(decision.boundary).to.equal(6n);
    expect(decision.adoptedBlocks).to.equal(0n);
    expect(decision.discardedBlocks).to.equal(2n);
  });

  it("does not adopt a torn block of another length", () => {
    const torn: TapeObject = { kind: "block", lengthBytes: 512, digest: 102n };
    expect(decideBoundary(records(), facts([torn])).boundary).to.equal(6n);
  });

  it("adopts footer, filemark and head only in front of adopted data of a known segment", () => {
    const next = segment({ segment: 2, tapeFile: 2, headBlock: 8n, firstDataBlock: 9n, streamStart: 3n * size });
    const job = records({
      segments: [segment({ streamEnd: 3n * size, ended: "closed", endPosition: 8n }), next],
      durableMarks: [
        { volumeUuid, segment: 1, position: 6n, streamOffset: 2n * size, durableBytes: 0n, lastDigest: 101n },
      ],
      loggedBlocks: [logged(6n, 2n * size, [102n]), logged(9n, 3n * size, [201n])],
    });
    const through: readonly TapeObject[] = [block(102n), { kind: "filemark" }, head(2), block(201n)];
    expect(decideBoundary(job, facts(through)).boundary).to.equal(10n);
    expect(decideBoundary(job, facts(through)).filemarks).to.equal(2);
    // The head alone, with nothing adopted behind it, is discarded with the filemark before it.
    expect(decideBoundary(job, facts(through.slice(0, 3))).boundary).to.equal(7n);
  });

  it("writes a head without data again, in front of a filemark", () => {
    const job = records({
      durableMarks: [{ volumeUuid, segment: 1, position: 4n, streamOffset: 0n, durableBytes: 0n }],
      loggedBlocks: [],
    });
    const decision = decideBoundary(job, facts([], { scannedFrom: 4n, endOfData: 4n }));
    expect(decision.boundary).to.equal(3n);
    expect(decision.behindFilemark).to.equal(true);
    expect(decision.cutSegment).to.equal(undefined);
    expect(decision.filemarks).to.equal(1);
  });

  it("starts at the first head where the volume has no durable mark yet", () => {
    const decision = decideBoundary(
      records({ durableMarks: [], loggedBlocks: [] }),
      facts([], { scannedFrom: 3n, endOfData: 3n }),
    );
    expect(decision.boundary).to.equal(3n);
    expect(decision.streamOffset).to.equal(0n);
    expect(decision.filemarks).to.equal(1);
  });

  it("names a broken promise: the tape ends before the durable mark", () => {
    const decision = decideBoundary(records(), facts([], { scannedFrom: 6n, endOfData: 5n }));
    expect(decision.relation).to.equal("behind");
  });

  it("names an altered volume: the block before the mark is another one (*)", () => {
    const decision = decideBoundary(records(), facts([], { before: { digest: 5n, behindFilemark: false } }));
    expect(decision.mismatch).to.match(/not the one that was written/);
  });

  it("goes back before a header set that it would cut", () => {
    const decision = decideBoundary(records(), facts([block(102n), block(103n)]));
    const moved = moveBeforeHeaders(decision, 3n * size, recordSizeBytes);
    expect(moved.boundary).to.equal(7n);
    expect(moved.streamOffset).to.equal(3n * size);
    const whole = moveBeforeHeaders(decision, 0n, recordSizeBytes);
    expect(whole.boundary).to.equal(3n);
    expect(whole.behindFilemark).to.equal(true);
  });

  it("never adopts past the first difference, whatever stands behind (property)", () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 3 }), (same) => {
        const objects = same.map((good, index) => block(good ? 102n + BigInt(index) : 1n));
        const prefix = same.includes(false) ? same.indexOf(false) : same.length;
        const decision = decideBoundary(records(), facts(objects));
        expect(decision.boundary).to.equal(6n + BigInt(prefix));
        expect(decision.adoptedBlocks + decision.discardedBlocks).to.equal(BigInt(objects.length));
      }),
    );
  });
});
