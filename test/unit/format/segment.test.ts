// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { FormatError } from "../../../lib/errors.ts";
import { decodeSegmentFooter, footerRecords, segmentFooterLayout } from "../../../lib/format/segment-footer.ts";
import * as segmentHead from "../../../lib/format/segment-head.ts";
import type { SegmentHead } from "../../../lib/format/segment-head.ts";

const recordSizeBytes = 16384;
const head: SegmentHead = {
  volumeUuid: "5f0c",
  mediaSet: "every week = 50 %",
  jobId: "17",
  epoch: 3,
  segment: 7,
  streamOffset: 16384n * 99n,
};
const part = { volumeTag: "TM0001L9", tapeFile: 4, validRecords: 12n };

describe("a segment's head", () => {
  it("is exactly one record and gives back what was put in", () => {
    const path = fc
      .uint8Array({ minLength: 1, maxLength: 4000 })
      .map((array) => Buffer.from(array.map((byte) => byte || 1)));
    fc.assert(
      fc.property(fc.option(path, { nil: undefined }), fc.bigInt(1n, 2n ** 50n), (name, bytesLeft) => {
        const continuation = name === undefined ? {} : { continuation: { path: name, bytesLeft, offset: 512n, part } };
        const record = segmentHead.encodeSegmentHead({ ...head, ...continuation }, recordSizeBytes);
        expect(record.length).to.equal(recordSizeBytes);
        expect(segmentHead.decodeSegmentHead(record)).to.deep.equal({ ...head, ...continuation });
      }),
    );
  });

  it("is told from other records", () => {
    expect(segmentHead.decodeSegmentHead(Buffer.alloc(recordSizeBytes))).to.equal(undefined);
    expect(segmentHead.decodeSegmentHead(Buffer.alloc(3))).to.equal(undefined);
    const other = segmentHead.encodeSegmentHead(head, recordSizeBytes);
    other.write("Tidemark segmenu", other.indexOf("Tidemark segment"));
    expect(segmentHead.decodeSegmentHead(other)).to.equal(undefined);
  });

  it("refuses what it cannot read, and a newer major version", () => {
    const edited = (from: string, to: string): Buffer => {
      const record = segmentHead.encodeSegmentHead(
        { ...head, continuation: { path: Buffer.from("a"), bytesLeft: 5n, offset: 5n, part } },
        recordSizeBytes,
      );
      record.write(to, record.indexOf(from), "latin1");
      return record;
    };
    expect(() => segmentHead.decodeSegmentHead(edited("format=1", "format=2"))).to.throw(
      FormatError,
      "use a newer Tidemark",
    );
    for (const [from, to] of [
      ["epoch=3", "epoch=x"],
      ["epoch=3", "epocc=3"],
      ["%20", "%zz"],
      ["size=5", "size=x"],
    ] as const) {
      expect(() => segmentHead.decodeSegmentHead(edited(from, to)), from).to.throw(FormatError);
    }
    expect(() => segmentHead.encodeSegmentHead({ ...head, jobId: "../x" }, recordSizeBytes)).to.throw(
      FormatError,
      "job id",
    );
    const long = { path: Buffer.alloc(17000, "x"), bytesLeft: 5n, offset: 5n, part };
    expect(() => segmentHead.encodeSegmentHead({ ...head, continuation: long }, recordSizeBytes)).to.throw(
      FormatError,
      "longer than a record",
    );
  });

  it("continues a member from its first data byte to its last block", () => {
    const member = { path: Buffer.from("d/f"), dataOffset: 1024n, archivedBytes: 2000n };
    const at = (offset: bigint): readonly bigint[] | undefined => {
      const found = segmentHead.continuationOf(member, offset, part);
      return found && [found.bytesLeft, found.offset];
    };
    expect(at(512n)).to.equal(undefined);
    expect(at(1024n)).to.deep.equal([2000n, 0n]);
    expect(at(1024n + 1536n)).to.deep.equal([464n, 1536n]);
    expect(at(1024n + 2048n)).to.equal(undefined);
  });

  it("counts a sparse member by its real size, and not before its first data block is complete", () => {
    const member = {
      path: Buffer.from("s"),
      dataOffset: 0n,
      archivedBytes: 4096n,
      sparseRealBytes: 100000n,
      firstDataEndOffset: 1024n,
    };
    expect(segmentHead.continuationOf(member, 512n, part)).to.equal(undefined);
    expect(segmentHead.continuationOf(member, 1024n, part)).to.include({ bytesLeft: 3072n, offset: 96928n });
    expect(segmentHead.continuationOf({ ...member, sparseRealBytes: 100n }, 1024n, part)).to.equal(undefined);
  });

  it("counts the valid records of a part", () => {
    expect(segmentHead.validRecordsOf(0n, recordSizeBytes)).to.equal(1n);
    expect(segmentHead.validRecordsOf(32768n, recordSizeBytes)).to.equal(3n);
    expect(() => segmentHead.validRecordsOf(100n, recordSizeBytes)).to.throw(FormatError);
  });
});

async function collected(body: readonly Buffer[], declared: number): Promise<Buffer[]> {
  const layout = segmentFooterLayout({ jobId: "17", segment: 2, bodyBytes: BigInt(declared), recordSizeBytes });
  const records: Buffer[] = [];
  for await (const record of footerRecords(layout, body, recordSizeBytes)) records.push(Buffer.from(record));
  expect(records.length).to.equal(Number(layout.records));
  return records;
}

describe("a segment's footer", () => {
  it("is whole records, header in front, two zero blocks at least behind", async () => {
    for (const size of [
      0,
      1,
      511,
      recordSizeBytes - 1536,
      recordSizeBytes - 1535,
      recordSizeBytes - 512,
      recordSizeBytes,
      100000,
    ]) {
      const body = Buffer.alloc(size, 7);
      const pieces = [body.subarray(0, size >> 1), body.subarray(size >> 1)];
      const whole = Buffer.concat(await collected(pieces, size));
      const footer = decodeSegmentFooter(whole.subarray(0, recordSizeBytes));
      expect(footer).to.deep.equal({ jobId: "17", segment: 2, bodyBytes: BigInt(size), headerBytes: 512 });
      expect(whole.subarray(512, 512 + size).equals(body)).to.equal(true);
      expect(whole.subarray(512 + size).length).to.be.at.least(1024);
      expect(whole.subarray(512 + size).every((byte) => byte === 0)).to.equal(true);
    }
  });

  it("is told from other records", () => {
    expect(decodeSegmentFooter(Buffer.alloc(recordSizeBytes))).to.equal(undefined);
    expect(decodeSegmentFooter(segmentHead.encodeSegmentHead(head, recordSizeBytes))).to.equal(undefined);
  });

  it("notices a body that is not as long as declared", async () => {
    for (const body of [[Buffer.alloc(9)], [Buffer.alloc(5), Buffer.alloc(6)]]) {
      try {
        await collected(body, 10);
        expect.fail("must throw");
      } catch (error) {
        expect(error).to.be.instanceOf(FormatError);
      }
    }
  });
});
