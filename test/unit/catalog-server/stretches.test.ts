// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { joinRanges, stretchesOf } from "../../../lib/catalog-server/stretches.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";

const size = 16384;
const record = BigInt(size);

function segment(number: number, volumeTag: string, headBlock: bigint, from: bigint, to: bigint): Segment {
  return {
    segment: number,
    epoch: 1,
    volumeUuid: volumeTag,
    volumeTag,
    tapeFile: number,
    headBlock,
    firstDataBlock: headBlock + 1n,
    streamStart: from * record,
    streamEnd: to * record,
    ended: "closed",
  };
}

describe("stretches of stream on tape", () => {
  it("are whole records, joined where they touch or nearly touch", () => {
    const ranges = [
      { from: 10n, to: 600n },
      { from: 1000n, to: record + 1n },
      { from: 100n * record, to: 100n * record + 512n },
    ];
    expect(joinRanges(ranges, size, [segment(1, "A", 3n, 0n, 101n)])).to.deep.equal([
      { from: 0n, to: 2n * record },
      { from: 100n * record, to: 101n * record },
    ]);
  });

  it("are not joined across what is not there: a volume was given up", () => {
    const ranges = [
      { from: 0n, to: record },
      { from: 3n * record, to: 4n * record },
    ];
    const near = [{ from: 0n, to: 4n * record }];
    expect(joinRanges(ranges, size, [segment(1, "A", 3n, 0n, 9n)])).to.deep.equal(near);
    const hole = [segment(1, "A", 3n, 0n, 2n), segment(2, "B", 3n, 3n, 9n)];
    expect(joinRanges(ranges, size, hole)).to.deep.equal(ranges);
  });

  it("follow an object over segments and volumes", () => {
    const segments = [segment(1, "A", 3n, 0n, 5n), segment(2, "A", 20n, 5n, 5n), segment(3, "B", 3n, 5n, 9n)];
    expect(stretchesOf({ from: 3n * record, to: 7n * record }, segments, size)).to.deep.equal([
      { volumeUuid: "A", volumeTag: "A", firstBlock: 7n, blocks: 2n, streamOffset: 3n * record, recordSizeBytes: size },
      { volumeUuid: "B", volumeTag: "B", firstBlock: 4n, blocks: 2n, streamOffset: 5n * record, recordSizeBytes: size },
    ]);
  });

  it("say where the catalog has a hole", () => {
    expect(() => stretchesOf({ from: 0n, to: 2n * record }, [segment(1, "A", 3n, 0n, 1n)], size)).to.throw(
      /no segment holds stream offset 16384/,
    );
  });
});
