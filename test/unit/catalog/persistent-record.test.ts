// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { Encoder } from "cbor-x";
import fc from "fast-check";
import { CatalogError, FormatError } from "../../../lib/errors.ts";
import {
  decodeRecords,
  decodeRecordStream,
  encodeRecord,
  encodeRecords,
} from "../../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../../lib/catalog/persistent-record.ts";

const bytes = (minimum: number, maximum = minimum): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ minLength: minimum, maxLength: maximum }).map((array) => Buffer.from(array));
const offset = fc.bigInt(0n, 2n ** 53n - 1n);
const count = fc.maxSafeNat();
const small = fc.nat(1000);
const nullable = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null });
const name = bytes(1, 255);
const object = {
  containerId: count,
  name,
  kind: fc.nat(7),
  fingerprint: bytes(52),
  headerOffset: offset,
  dataOffset: offset,
  endOffset: offset,
};

const record: fc.Arbitrary<PersistentRecord> = fc.oneof(
  fc.record({
    type: fc.constant("job" as const),
    jobId: fc.string(),
    originalStartMs: offset,
    sources: fc.array(bytes(0, 20)),
    settings: fc.dictionary(fc.stringMatching(/^[a-z]{1,9}$/), fc.oneof(fc.string(), fc.boolean(), fc.nat())),
    formatVersion: fc.string(),
  }),
  fc.record({ type: fc.constant("sourceVolumeOpen" as const), index: small, path: bytes(0, 99), streamOffset: offset }),
  fc.record({
    type: fc.constant("sourceVolumeDone" as const),
    index: small,
    containers: offset,
    objects: offset,
    exceptions: offset,
    endOffset: offset,
    complete: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("segmentOpen" as const),
    segment: small,
    streamOffset: offset,
    volumeUuid: fc.string(),
    volumeTag: fc.string(),
    tapeFile: small,
    headBlock: offset,
    firstDataBlock: offset,
    epoch: small,
    continuedHeaderOffset: nullable(offset),
  }),
  fc.record({
    type: fc.constant("blocks" as const),
    volumeUuid: fc.string(),
    epoch: small,
    firstBlock: offset,
    streamOffset: offset,
    digests: fc.integer({ min: 1, max: 40 }).chain((blocks) => bytes(blocks * 8)),
  }),
  fc.record({
    type: fc.constant("containerOpen" as const),
    containerId: count,
    sourceIndex: small,
    path: bytes(0, 500),
    fingerprint: bytes(52),
    streamOffset: offset,
  }),
  fc.record({
    type: fc.constant("containerClose" as const),
    containerId: count,
    sourceIndex: small,
    path: bytes(0, 500),
    entries: count,
    exceptions: count,
    hash: bytes(16),
    endOffset: offset,
    fingerprint: bytes(52),
    unchanged: fc.boolean(),
  }),
  fc.record({
    type: fc.constant("objectOpen" as const),
    ...object,
    archivedBytes: offset,
    sparseMap: nullable(bytes(0, 900)),
  }),
  fc.record({
    type: fc.constant("object" as const),
    ...object,
    outcome: fc.nat(5),
    digest: nullable(bytes(16)),
    linkTarget: nullable(bytes(0, 90)),
    errno: small,
  }),
  fc.record({
    type: fc.constant("durable" as const),
    volumeUuid: fc.string(),
    segment: small,
    position: offset,
    streamOffset: offset,
    durableBytes: offset,
    epoch: small,
    lastDigest: nullable(bytes(8)),
  }),
  fc.record({
    type: fc.constant("truncate" as const),
    volumeUuid: fc.string(),
    boundaryBlock: offset,
    streamOffset: offset,
    epoch: small,
  }),
  fc.record({
    type: fc.constant("volumeClose" as const),
    volumeUuid: fc.string(),
    position: offset,
    streamOffset: offset,
    reason: fc.string(),
  }),
  fc.record({ type: fc.constant("volumeLost" as const), volumeUuid: fc.string(), fromBlock: offset }),
  fc.record({ type: fc.constant("jobDone" as const), status: fc.string(), endOffset: offset }),
  fc.record({
    type: fc.constant("segmentClose" as const),
    segment: small,
    streamOffset: offset,
    volumeUuid: fc.string(),
    tapeFile: small,
    how: fc.constantFrom("closed" as const, "cut" as const, "givenUp" as const),
    footerBlock: nullable(offset),
    endBlock: offset,
  }),
  fc.record({
    type: fc.constant("extent" as const),
    containerId: count,
    name,
    headerOffset: offset,
    from: offset,
    to: offset,
    digest: nullable(bytes(16)),
  }),
  fc.record({ type: fc.constant("epoch" as const), epoch: small, nonce: bytes(8) }),
);

describe("persistent records", () => {
  it("give back what was put in, in order", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 6 }), (records) => {
        expect(decodeRecords(encodeRecords(records), "test")).to.deep.equal(records);
      }),
      { numRuns: 300 },
    );
  });

  it("are integers beyond 32 bits on the wire, never floats", () => {
    const encoded = encodeRecord({ type: "jobDone", status: "complete", endOffset: 2n ** 40n });
    expect(encoded.toString("hex")).to.equal("830e68636f6d706c6574651b0000010000000000");
    const container = encodeRecord({
      type: "extent",
      containerId: 2 ** 40,
      name: Buffer.from("a"),
      headerOffset: 5n,
      from: 0n,
      to: 1n,
      digest: Buffer.alloc(16),
    });
    expect(container.toString("hex")).to.match(/^87101b0000010000000000416105/);
  });

  it("cut anywhere are refused, and never read as fewer bytes", () => {
    fc.assert(
      fc.property(record, fc.nat(), (one, at) => {
        const encoded = encodeRecord(one);
        const cut = 1 + (at % (encoded.length - 1));
        expect(() => decodeRecords(encoded.subarray(0, cut), "test")).to.throw(CatalogError);
      }),
    );
  });

  it("of any other bytes fail with a CatalogError", () => {
    fc.assert(
      fc.property(bytes(1, 60), (noise) => {
        try {
          decodeRecords(noise, "test");
        } catch (error) {
          expect(error).to.be.instanceOf(CatalogError).with.property("code", "ERR_TAPE_RECORD");
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("say where and what is wrong", () => {
    const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
    const good = encodeRecord({ type: "jobDone", status: "complete", endOffset: 0n });
    const message = (...items: readonly unknown[]): string => {
      const sequence = Buffer.concat([good, ...items.map((item) => encoder.encode(item))]);
      try {
        decodeRecords(sequence, "frame 12 of job 17");
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    const prefix = "malformed persistent record 1 in frame 12 of job 17: ";
    expect(message(5)).to.equal(`${prefix}it is no array`);
    expect(message([99])).to.equal(`${prefix}there is no record 99; a newer version may have written it`);
    expect(message(["x"])).to.equal(`${prefix}there is no record of type string; a newer version may have written it`);
    expect(message([14, "complete"])).to.equal(`${prefix}jobDone has 3 elements, not 2`);
    expect(message([14, "complete", -1])).to.equal(`${prefix}jobDone: endOffset must be an unsigned integer`);
    expect(message([14, "complete", 1.5])).to.contain("unsigned integer");
    expect(message([14, "complete", 2n ** 63n])).to.contain("unsigned integer");
    expect(message([14, 1, 1])).to.contain("status must be a text");
    expect(message([17, 1, Buffer.alloc(7)])).to.contain("nonce must be a byte string of 8 bytes");
    expect(message([17, 2n ** 60n, Buffer.alloc(8)])).to.contain("below 2^53");
    expect(message([5, "u", 1, 1, 1, Buffer.alloc(7)])).to.contain("whole digests");
    expect(message([15, 1, 1, "u", 1, "torn", null, 1])).to.contain("how must be one of closed, cut");
    expect(message([15, 1, 1, "u", 1, "cut", "x", 1])).to.contain("footerBlock must be an unsigned integer, or null");
    expect(message([1, "j", 1, [1], {}, "1.0"])).to.contain("sources must be an array of byte strings");
    expect(message([1, "j", 1, [], [], "1.0"])).to.contain("settings must be a map");
    expect(message([3, 0, 0, 0, 0, 0, 1])).to.contain("complete must be true or false");
    expect(message([19, 1, 1, "killed", null, 0, 0, null, [1]])).to.contain("reasons must be an array of texts");
    expect(message([2, 0, "path", 0])).to.contain("path must be a byte string");
  });

  it("hold counts beyond 32 bits as integers", () => {
    const large = { type: "epoch", epoch: 2 ** 40, nonce: Buffer.alloc(8) } as const;
    expect(decodeRecords(encodeRecord(large), "a test")).to.deep.equal([large]);
    const otherBytes = { ...large, nonce: new Uint8Array(8) as Buffer };
    expect(decodeRecords(encodeRecord(otherBytes), "a test")).to.deep.equal([large]);
  });

  it("keep the story of an interruption", () => {
    const counts = { discardedObjects: 2n, repeatedBytes: 2n ** 40n };
    const told = { type: "interruption", epoch: 2, atMs: 1n, cause: "killed", endOfData: null, ...counts } as const;
    const story: PersistentRecord = { ...told, restarted: null, reasons: ["why", "and why else"] };
    expect(decodeRecords(encodeRecord(story), "a test")).to.deep.equal([story]);
  });

  it("are checked before they are written", () => {
    expect(() => encodeRecord({ type: "epoch", epoch: -1, nonce: Buffer.alloc(8) })).to.throw(
      CatalogError,
      "epoch must be",
    );
  });

  describe("H4: in the pieces of a segment's footer", () => {
    async function* inPieces(all: Uint8Array, pieceBytes: number): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < all.length; at += pieceBytes)
        yield await Promise.resolve(all.subarray(at, at + pieceBytes));
    }

    const examples: readonly PersistentRecord[] = Array.from({ length: 40 }, (_, index) => ({
      type: "sourceVolumeOpen",
      index,
      path: Buffer.alloc(index, 97),
      streamOffset: 2n ** BigInt(index),
    }));

    it("H4: are the same however they are cut", async () => {
      const encoded = encodeRecords(examples);
      for (const pieceBytes of [1, 7, 100, encoded.length]) {
        const found: PersistentRecord[] = [];
        for await (const each of decodeRecordStream(inPieces(encoded, pieceBytes), "a footer")) found.push(each);
        expect(found, String(pieceBytes)).to.deep.equal(examples);
      }
    });

    it("H4: end with what is wrong: a record, the bytes, or the tape", async () => {
      const read = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
        try {
          for await (const each of decodeRecordStream(pieces, "a footer")) expect(each).to.have.property("type");
        } catch (error) {
          return String(error);
        }
        return "nothing";
      };
      const encoded = encodeRecords(examples);
      expect(await read(inPieces(Buffer.concat([encoded, Buffer.from([0x81, 0x18, 99])]), 50))).to.match(
        /malformed persistent record \d+ in a footer: there is no record 99/,
      );
      expect(await read(inPieces(encoded.subarray(0, encoded.length - 1), 50))).to.match(
        /the bytes are no CBOR sequence/,
      );
      const torn = async function* (): AsyncGenerator<Uint8Array> {
        yield await Promise.resolve(encoded.subarray(0, 30));
        throw new FormatError("block 7 cannot be read");
      };
      expect(await read(torn())).to.match(/block 7 cannot be read/);
    });
  });
});
