// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { FormatError, TransportError, senseError } from "../../../lib/errors.ts";
import { cutPieces, digestPieces } from "../../../lib/job-manager/cut-extents.ts";
import type { Cut } from "../../../lib/job-manager/cut-extents.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";

const recordSizeBytes = 16384;
const r = (records: number): bigint => BigInt(records * recordSizeBytes);
const dataOffset = r(1) + 1024n;

/** Of stream bytes [from, to); its head is block 3, its data begins at block 4. */
function segment(volumeUuid: string, from: bigint, to?: bigint): Segment {
  return {
    segment: 1,
    epoch: 1,
    volumeUuid,
    volumeTag: "TM0001L9",
    tapeFile: 1,
    headBlock: 3n,
    firstDataBlock: 4n,
    streamStart: from,
    ...(to === undefined ? {} : { streamEnd: to }),
  };
}

function pieces(cut: Partial<Cut> & { readonly digestedBytes?: bigint }): (bigint | number | undefined)[][] {
  const { digestedBytes = 0n } = cut;
  const object = { dataOffset, digestedBytes };
  return cutPieces({ streamOffset: r(9), segments: [], loadedUuid: "here", recordSizeBytes, ...cut, object }).map(
    ({ from, to, onTape }) => [from, to, onTape?.block, onTape?.skipBytes],
  );
}

const nowhere = [undefined, undefined];

describe("extents of a cut object", () => {
  it("are one that is read back where all of it lies on the loaded volume", () => {
    const segments = [segment("here", 0n)];
    expect(pieces({ segments })).to.deep.equal([[0n, r(9) - dataOffset, 5n, 1024]]);
    // Behind the last recorded extent only, which need not end with a record.
    const digestedBytes = r(3) + 512n;
    expect(pieces({ segments, digestedBytes })).to.deep.equal([[digestedBytes, r(9) - dataOffset, 8n, 1536]]);
  });

  it("are none where all of it has its extents", () => {
    const segments = [segment("here", 0n)];
    expect(pieces({ segments, digestedBytes: r(9) - dataOffset })).to.deep.equal([]);
    expect(pieces({ segments, streamOffset: dataOffset })).to.deep.equal([]);
  });

  it("have no digest where the part lies on an earlier cartridge", () => {
    const segments = [segment("there", 0n, r(5)), segment("there", r(5), r(5)), segment("here", r(5))];
    expect(pieces({ segments })).to.deep.equal([
      [0n, r(5) - dataOffset, ...nowhere],
      [r(5) - dataOffset, r(9) - dataOffset, 4n, 0],
    ]);
  });

  it("have none at all directly behind a volume change, whether the next segment has a head or not", () => {
    const segments = [segment("there", 0n, r(9)), segment("there", r(9), r(9))];
    const expected = [[0n, r(9) - dataOffset, ...nowhere]];
    expect(pieces({ segments })).to.deep.equal(expected);
    expect(pieces({ segments: [...segments, segment("here", r(9))] })).to.deep.equal(expected);
  });

  it("are read back where the cut segment is closed and nothing follows it yet", () => {
    const segments = [segment("here", 0n, r(9)), segment("here", r(9), r(9))];
    expect(pieces({ segments })).to.deep.equal([[0n, r(9) - dataOffset, 5n, 1024]]);
  });

  it("are one where several cartridges in a row cannot be read, and more where one between can", () => {
    const segments = [
      segment("a", 0n, r(3)),
      segment("b", r(3), r(5)),
      segment("here", r(5), r(6)),
      segment("c", r(6)),
    ];
    expect(pieces({ segments })).to.deep.equal([
      [0n, r(5) - dataOffset, ...nowhere],
      [r(5) - dataOffset, r(6) - dataOffset, 4n, 0],
      [r(6) - dataOffset, r(9) - dataOffset, ...nowhere],
    ]);
    expect(pieces({ segments, loadedUuid: undefined })).to.deep.equal([[0n, r(9) - dataOffset, ...nowhere]]);
  });

  it("take the end of a segment from the next one's beginning, and lie nowhere where no segment was recorded", () => {
    expect(pieces({ segments: [segment("here", 0n), segment("there", r(4))] })).to.deep.equal([
      [0n, r(4) - dataOffset, 5n, 1024],
      [r(4) - dataOffset, r(9) - dataOffset, ...nowhere],
    ]);
    expect(pieces({ segments: [segment("here", 0n, r(4)), segment("here", r(6), r(8))] })).to.deep.equal([
      [0n, r(4) - dataOffset, 5n, 1024],
      [r(4) - dataOffset, r(6) - dataOffset, ...nowhere],
      [r(6) - dataOffset, r(8) - dataOffset, 4n, 0],
      [r(8) - dataOffset, r(9) - dataOffset, ...nowhere],
    ]);
  });

  it("cover what has no extent, in order and without gaps, whatever the segments", () => {
    const lengths = fc.array(fc.tuple(fc.nat({ max: 4 }), fc.constantFrom("here", "there"), fc.boolean()));
    fc.assert(
      fc.property(lengths, fc.nat({ max: 12 }), fc.nat({ max: 200_000 }), (each, end, digested) => {
        let at = 0;
        const segments = each.map(([records, volume, known]) => {
          const from = r(at);
          at += records;
          return segment(volume, from, known ? r(at) : undefined);
        });
        const [streamOffset, digestedBytes] = [r(end), BigInt(digested)];
        const object = { dataOffset, digestedBytes };
        const found = cutPieces({ object, streamOffset, segments, loadedUuid: "here", recordSizeBytes });
        let covered = digestedBytes;
        for (const { from, to } of found) {
          expect(from).to.equal(covered);
          expect(to > from).to.equal(true);
          covered = to;
        }
        const whole = streamOffset - dataOffset;
        expect(covered).to.equal(whole > digestedBytes ? whole : digestedBytes);
        const unread = found.map(({ onTape }) => onTape === undefined);
        expect(unread.some((is, index) => is && unread[index + 1] === true)).to.equal(false);
      }),
    );
  });

  describe("when they are read back", () => {
    const both = [
      { from: 0n, to: 512n, onTape: { block: 7n, skipBytes: 1024 } },
      { from: 512n, to: 900n },
    ];
    const sense = (senseKey: number) =>
      senseError("read of block 7", { senseKey, asc: 0x11, ascq: 0, deferred: false });

    it("get the digest of those bytes", async () => {
      const asked: unknown[] = [];
      const digest = Buffer.alloc(16, 5);
      const digestStream = (request: unknown) => {
        asked.push(request);
        return Promise.resolve(digest);
      };
      expect(await digestPieces({ digestStream }, both, recordSizeBytes)).to.deep.equal([
        { from: 0n, to: 512n, digest },
        { from: 512n, to: 900n },
      ]);
      expect(asked).to.deep.equal([{ firstBlock: 7n, skipBytes: 1024, bytes: 512n, recordSizeBytes }]);
    });

    it("get none where the medium does not give them", async () => {
      for (const error of [sense(3), sense(8), new FormatError("it ends before")]) {
        const digestStream = () => Promise.reject(error);
        expect(await digestPieces({ digestStream }, both, recordSizeBytes)).to.deep.equal([
          { from: 0n, to: 512n },
          { from: 512n, to: 900n },
        ]);
      }
    });

    it("end the resume where the drive failed: the next one reads them", async () => {
      for (const error of [sense(4), new TransportError("it is gone", "unknown")]) {
        const reading = digestPieces({ digestStream: () => Promise.reject(error) }, both, recordSizeBytes);
        const failed = await reading.then(
          () => undefined,
          (reason: unknown) => reason,
        );
        expect(failed).to.equal(error);
      }
    });
  });
});
