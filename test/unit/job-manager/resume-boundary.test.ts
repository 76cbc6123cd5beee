// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import {
  boundaryGivenUp,
  boundaryUnseen,
  decideBoundary as decideAt,
  durableMarkOf,
  moveBeforeHeaders,
} from "../../../lib/job-manager/resume-boundary.ts";
import type { BoundaryDecision } from "../../../lib/job-manager/resume-boundary.ts";
import type { JobRecords } from "../../../lib/protocol/catalog-manager.ts";
import type { DurableMark, Segment, TapeFacts, TapeObject } from "../../../lib/protocol/tape.ts";
import * as example from "./tape-of-a-job.ts";

const { block, facts, filemark, head, logged, markOf, nothingBefore, records, segment, size, volumeTag, volumeUuid } =
  example;

function decideBoundary(job: JobRecords, onTape: TapeFacts): BoundaryDecision {
  return decideAt(job, onTape, markOf(job));
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

  it("names an altered volume: the block before the mark is another one (*)", () => {
    const decision = decideBoundary(records(), facts([], { before: { digest: 5n, behindFilemark: false } }));
    expect(decision.mismatch).to.match(/not the one that was written/);
  });

  it("goes back before a header set that it would cut", () => {
    const decision = decideBoundary(records(), facts([block(102n), block(103n)]));
    const moved = moveBeforeHeaders(decision, 3n * size, example.recordSizeBytes);
    expect(moved.boundary).to.equal(7n);
    expect(moved.streamOffset).to.equal(3n * size);
    const whole = moveBeforeHeaders(decision, 0n, example.recordSizeBytes);
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

  const mark = (fields: Partial<DurableMark> = {}): DurableMark => ({
    volumeUuid,
    segment: 1,
    position: 6n,
    streamOffset: 2n * size,
    durableBytes: 0n,
    ...fields,
  });
  /** Segment 1 ends with its footer and filemark at 9; segment 2 has its head at 9, and data from 10 on. */
  const closed = segment({ streamEnd: 3n * size, ended: "closed", footerBlock: 7n, endPosition: 9n });
  const next = (fields: Partial<Segment> = {}): Segment =>
    segment({ segment: 2, tapeFile: 2, headBlock: 9n, firstDataBlock: 10n, streamStart: 3n * size, ...fields });

  describe("footer, filemark and head behind the mark", () => {
    const announced = [logged(6n, 2n * size, [102n]), logged(10n, 3n * size, [201n, 202n])];
    const through = [block(102n), block(7n), filemark, head(2), block(201n)];
    const reached = (objects: readonly TapeObject[], job: Partial<JobRecords> = {}): bigint =>
      decideBoundary(records({ segments: [closed, next()], loggedBlocks: announced, ...job }), facts(objects)).boundary;

    it("are adopted in front of adopted data of a known segment of the same epoch", () => {
      expect(reached(through)).to.equal(11n);
    });
    it("are discarded where no adopted data stands behind them", () => {
      for (const count of [1, 2, 3, 4]) expect(reached(through.slice(0, count))).to.equal(7n);
      expect(reached([...through.slice(0, 4), block(999n)])).to.equal(7n);
    });
    it("are discarded where the next segment is not known, or is of another epoch", () => {
      expect(reached(through, { segments: [closed] })).to.equal(7n);
      expect(reached(through, { epoch: 2 })).to.equal(7n);
      expect(reached(through, { segments: [closed, next({ epoch: 0 })] })).to.equal(7n);
    });
    it("are discarded behind a head that is not that segment's own, though the same data stands behind it", () => {
      for (const other of [head(3), head(2, 0), head(2, 1, "7"), block(7n), filemark])
        expect(reached([...through.slice(0, 3), other, block(201n)])).to.equal(7n);
    });
    it("are discarded where no filemark stands before the head", () => {
      expect(reached([block(102n), block(7n), block(7n), head(2), block(201n)])).to.equal(7n);
    });
    it("are discarded behind data that was not announced", () => {
      const segments = [closed, next({ streamStart: 4n * size })];
      expect(reached(through, { segments })).to.equal(7n);
    });
    it("are adopted from a mark that stands before the first head of a volume", () => {
      const job = records({
        segments: [segment()],
        durableMarks: [],
        loggedBlocks: [logged(4n, 0n, [201n])],
      });
      const onTape = nothingBefore(facts([head(1), block(201n)], { scannedFrom: 3n }));
      expect(decideBoundary(job, onTape)).to.include({ boundary: 5n, streamOffset: size, relation: "ahead" });
    });
  });

  describe("of a tape that ends before its durable mark", () => {
    const behind = (
      objects: readonly TapeObject[],
      scannedFrom: bigint,
      job: Partial<JobRecords> = {},
    ): BoundaryDecision =>
      decideBoundary(
        records({
          loggedBlocks: [logged(4n, 0n, [100n, 101n, 102n, 103n, 104n])],
          durableMarks: [mark({ position: 9n, streamOffset: 5n * size, lastDigest: 104n })],
          ...job,
        }),
        nothingBefore(facts(objects, { scannedFrom })),
      );

    it("is behind the last block that is proved, looked for downwards (*)", () => {
      const decision = behind([block(100n), block(1n), block(102n), block(1n)], 4n);
      expect(decision).to.include({ relation: "behind", boundary: 7n, streamOffset: 3n * size, lastDigest: 102n });
      expect(decision.cutSegment?.segment).to.equal(1);
      expect(decision.mismatch).to.equal(undefined);
      expect(decision.reasons.join("\n")).to.match(/were durable.*\n.*before object 7 is proved/);
    });
    it("is before the last head that is proved, where no block is", () => {
      const job = { segments: [segment({ streamEnd: 0n, endPosition: 6n, ended: "cut" }), next({ headBlock: 6n })] };
      const decision = behind([head(1), block(1n), filemark, head(2), block(1n)], 3n, job);
      expect(decision).to.include({ boundary: 6n, streamOffset: 3n * size, behindFilemark: true });
      expect(decision.cutSegment).to.equal(undefined);
    });
    it("is behind a block that lies farther than the last proved head", () => {
      expect(behind([head(1), block(100n)], 3n)).to.include({ boundary: 5n, streamOffset: size });
    });
    it("is before the head where the proved block lies before it", () => {
      const job = { segments: [segment({ endPosition: 6n }), next({ headBlock: 6n, firstDataBlock: 7n })] };
      expect(behind([block(100n), filemark, head(2)], 4n, job)).to.include({ boundary: 6n });
    });
    it("is nowhere where nothing is proved: the volume is altered", () => {
      const decision = behind([block(1n)], 4n);
      expect(decision.mismatch).to.match(/nothing on it can be proved/);
      expect(decision).to.include({ boundary: 3n, streamOffset: 0n });
      expect(behind([], 4n).mismatch).to.match(/ends at object 4/);
    });
  });

  describe("compared with what stands before it (step 6)", () => {
    const compared = (job: JobRecords, before: TapeFacts["before"]): string | undefined => {
      const onTape = facts([], { scannedFrom: markOf(job).position });
      return decideBoundary(job, before === undefined ? nothingBefore(onTape) : { ...onTape, before }).mismatch;
    };
    const behindClosed = records({
      segments: [closed],
      loggedBlocks: [],
      durableMarks: [mark({ position: 9n, streamOffset: 3n * size, lastDigest: 101n })],
    });

    it("needs a filemark where one was written, and the block before it", () => {
      expect(compared(behindClosed, { digest: 101n, behindFilemark: true })).to.equal(undefined);
      expect(compared(behindClosed, { digest: 101n, behindFilemark: false })).to.match(/object 8 is no filemark/);
      expect(compared(behindClosed, { digest: 5n, behindFilemark: true })).to.match(/not the one that was written/);
      expect(compared(behindClosed, undefined)).to.match(/cannot be read/);
    });
    it("needs no filemark where a block was written, though the one before it is the same", () => {
      const job = records({ loggedBlocks: [] });
      expect(compared(job, { digest: 101n, behindFilemark: true })).to.match(/object 5 is a filemark/);
      expect(compared(job, { digest: 101n, behindFilemark: false })).to.equal(undefined);
    });
    it("trusts the label directly behind it, and needs a filemark before a first head that stands farther", () => {
      const first = records({ durableMarks: [], loggedBlocks: [] });
      expect(compared(first, undefined)).to.equal(undefined);
      const farther = { ...first, segments: [segment({ headBlock: 8n, firstDataBlock: 9n })] };
      expect(compared(farther, { digest: 5n, behindFilemark: true })).to.equal(undefined);
      expect(compared(farther, { digest: 5n, behindFilemark: false })).to.match(/no filemark/);
    });
    it("expects nothing of void objects on WORM, and of a volume without segments", () => {
      const worm = records({ durableMarks: [mark({ position: 8n, lastDigest: 9n })], loggedBlocks: [] });
      for (const behindFilemark of [true, false])
        expect(compared(worm, { digest: 9n, behindFilemark })).to.equal(undefined);
      const without = records({ segments: [], loggedBlocks: [] });
      expect(compared(without, { digest: 101n, behindFilemark: true })).to.equal(undefined);
    });
  });

  it("R4: says how far a tape without a valid end was read", () => {
    const decision = decideBoundary(records(), facts([block(102n)], { isEndLost: true }));
    expect(decision.reasons[0]).to.match(/no valid end of data: it was read forward to the last good object, 6$/);
    expect(decideBoundary(records(), facts([], { isEndLost: true })).reasons).to.have.length(2);
  });

  it("is the last durable mark of a volume that is not looked at", () => {
    expect(boundaryUnseen(records(), mark({ lastDigest: 101n }), volumeTag)).to.deep.include({
      boundary: 6n,
      streamOffset: 2n * size,
      lastDigest: 101n,
      cutSegment: segment(),
      filemarks: 1,
    });
    const behind = boundaryUnseen(records({ segments: [closed] }), mark({ position: 9n }), volumeTag);
    expect(behind).to.include({ boundary: 9n, behindFilemark: true, filemarks: 2 });
    expect(behind).to.not.have.any.keys("cutSegment", "lastDigest");
    const empty = boundaryUnseen(records(), mark({ position: 4n, streamOffset: 0n }), volumeTag);
    expect(empty).to.include({ boundary: 3n, streamOffset: 0n });
  });

  it("is in front of all that was written on a volume that is given up", () => {
    const other = segment({ volumeUuid: "uuid-0", volumeTag: "LTO000L9", streamEnd: 2n * size });
    const job = records({ segments: [other, segment({ segment: 2, streamStart: 2n * size }), next()] });
    expect(boundaryGivenUp(job, mark(), volumeTag)).to.include({ boundary: 3n, streamOffset: 2n * size, filemarks: 1 });
    const without = boundaryGivenUp(records({ segments: [] }), mark(), volumeTag);
    expect(without).to.include({ boundary: 6n, streamOffset: 2n * size, behindFilemark: true });
  });

  it("needs a volume that was written on", () => {
    const { currentVolumeUuid: _none, ...without } = records();
    expect(durableMarkOf(without)).to.equal(undefined);
    expect(durableMarkOf(records({ durableMarks: [], segments: [] }))).to.equal(undefined);
  });

  it("does not go back before headers where no segment is cut", () => {
    const decision = boundaryUnseen(records({ segments: [closed] }), mark({ position: 9n }), volumeTag);
    expect(moveBeforeHeaders(decision, 0n, example.recordSizeBytes)).to.equal(decision);
  });

  it("keeps of a tape that was cut off exactly what is proved, wherever that was (property)", () => {
    const digests = [100n, 101n, 102n, 103n, 104n];
    const job = records({
      loggedBlocks: [logged(4n, 0n, digests)],
      durableMarks: [mark({ position: 9n, streamOffset: 5n * size, lastDigest: 104n })],
    });
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4 }), fc.array(fc.bigInt(0n, 3n), { maxLength: 3 }), (whole, foreign) => {
        const left = [...digests.slice(0, whole), ...foreign].slice(0, 4).map(block);
        const decision = decideBoundary(job, nothingBefore(facts(left, { scannedFrom: 4n })));
        const kept = Math.min(whole, left.length);
        expect(decision.streamOffset).to.equal(BigInt(kept) * size);
        expect(decision.mismatch === undefined).to.equal(kept > 0);
      }),
    );
  });
});
