// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { behindVoid, filemarksBefore, segmentAt } from "../../../lib/job-manager/boundary-place.ts";
import { decideBoundary } from "../../../lib/job-manager/resume-boundary.ts";
import type { BoundaryDecision } from "../../../lib/job-manager/resume-boundary.ts";
import type { TapeFacts } from "../../../lib/protocol/tape.ts";
import * as example from "./tape-of-a-job.ts";

const { block, facts, filemark, head, markOf, nothingBefore, records, segment, size, volumeUuid } = example;

function onWorm(onTape: TapeFacts, job = records()): BoundaryDecision | undefined {
  return behindVoid(decideBoundary(job, onTape, markOf(job)), onTape);
}

describe("the place of a boundary", () => {
  it("is in the segment that stands before it, unless that has ended there", () => {
    const ended = segment({ endPosition: 9n });
    expect(segmentAt([], 5n)).to.equal(undefined);
    expect(segmentAt([segment()], 3n)).to.equal(undefined);
    expect(segmentAt([ended], 8n)).to.equal(ended);
    expect(segmentAt([ended], 9n)).to.equal(undefined);
    expect(segmentAt([segment()], 99n)).to.deep.equal(segment());
  });

  it("has the filemarks of all tape files before it", () => {
    expect(filemarksBefore([], 9n)).to.equal(1);
    expect(filemarksBefore([segment({ tapeFile: 4 })], 3n)).to.equal(4);
    expect(filemarksBefore([segment({ tapeFile: 4, endPosition: 9n })], 9n)).to.equal(5);
    expect(filemarksBefore([segment({ tapeFile: 4 })], 9n)).to.equal(4);
  });

  describe("W8: where nothing can be written over", () => {
    it("is the boundary where the tape ends there", () => {
      expect(onWorm(facts([block(102n)]))).to.include({ boundary: 7n, streamOffset: 3n * size });
      expect(onWorm(facts([block(102n)]))).to.not.have.property("voidObjects");
    });
    it("is the end of data, with what lies between as void, its filemarks counted", () => {
      const decision = onWorm(facts([block(102n), block(9n), filemark, head(5), filemark]));
      expect(decision).to.include({
        boundary: 11n,
        streamOffset: 3n * size,
        voidObjects: 4n,
        filemarks: 3,
        behindFilemark: true,
        lastDigest: 7n,
      });
      expect(decision?.cutSegment?.segment).to.equal(1);
      expect(decision?.reasons.at(-1)).to.match(/objects 7 to 10 stay on it as void/);
      expect(onWorm(facts([filemark, block(9n)]))).to.include({ behindFilemark: false, filemarks: 2 });
    });
    it("takes the digest before the mark where only filemarks are void", () => {
      expect(onWorm(facts([filemark]))).to.include({ lastDigest: 101n, behindFilemark: true });
    });
    it("is behind what was there before the mark where the head itself is void", () => {
      const mark = { volumeUuid, segment: 1, position: 4n, streamOffset: 0n, durableBytes: 0n, lastDigest: 7n };
      const job = records({ durableMarks: [mark], loggedBlocks: [] });
      const before = { digest: 7n, behindFilemark: false };
      expect(onWorm(facts([], { scannedFrom: 4n, before }), job)).to.include({
        boundary: 4n,
        streamOffset: 0n,
        voidObjects: 1n,
        filemarks: 1,
        behindFilemark: false,
        lastDigest: 7n,
      });
    });
    it("is behind the label's filemark, where nothing of the tape is a block", () => {
      const job = records({ durableMarks: [], loggedBlocks: [], segments: [segment()] });
      const onTape = nothingBefore(facts([filemark], { scannedFrom: 3n }));
      expect(onWorm(onTape, job)).to.not.have.property("lastDigest");
      const nothing = nothingBefore(facts([], { scannedFrom: 3n }));
      const decided = onWorm(nothing, job);
      if (decided === undefined) throw new Error("nothing was decided");
      expect(behindVoid({ ...decided, boundary: 2n }, nothing)).to.include({ behindFilemark: true });
    });
    it("is nowhere without a valid end of data, or where objects before it cannot be read and counted", () => {
      expect(onWorm(facts([block(9n)], { isEndLost: true }))).to.equal(undefined);
      expect(onWorm(facts([block(9n)], { endOfData: 20n }))).to.equal(undefined);
    });
  });
});
