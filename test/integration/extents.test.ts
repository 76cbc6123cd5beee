// SPDX-License-Identifier: Apache-2.0
/** Digests of a large object's extents, from the packer to the extractor, without a catalog between them. */
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ObjectRecord } from "../../lib/catalog/persistent-record.ts";
import { objectOutcome } from "../../lib/catalog/persistent-record.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { ContinuedObject, RestoreSummary } from "../../lib/native/binding.ts";
import { Noise } from "../../scripts/make-tree.ts";
import type { ExpectedObject } from "./packed-objects.ts";
import { packObjects } from "./packed-objects.ts";
import { PackingRun, objectsByPath, pack, recordsOf } from "./packing.ts";
import type { Packing } from "./packing.ts";
import { SimulatedTape } from "./simulated-tape.ts";

const recordSizeBytes = 16384;
const extentBytes = 65536n;

interface Extent {
  readonly from: bigint;
  readonly to: bigint;
  readonly digest: Buffer;
}

describe("extents of large objects", () => {
  let folder: string;
  let source: string;
  let streamPath: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-extents-"));
    source = join(folder, "source");
    mkdirSync(source);
    streamPath = join(folder, "stream");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const memberPath = (name: string): string => `${source.slice(1)}/${name}`;
  const packed = (): Promise<Packing> => pack({ source: Buffer.from(source), streamPath, extentBytes });

  function objectOf(packing: Packing, name: string): ObjectRecord {
    const object = objectsByPath(packing).get(memberPath(name));
    if (object === undefined) throw new Error(`${name} was not packed`);
    return object;
  }
  /** In the order in which they were recorded. */
  function extentsOf(packing: Packing, headerOffset: bigint): Extent[] {
    return recordsOf(packing, "extent")
      .filter((extent) => extent.headerOffset === headerOffset)
      .map(({ from, to, digest }) => ({ from, to, digest: digest ?? Buffer.alloc(0) }));
  }
  /** As they must be for archived data that is read from `from` on, but for the last, which the object carries. */
  function extentsFor(archived: Buffer, from = 0n): Extent[] {
    const extents: Extent[] = [];
    for (let at = from; at < archived.length;) {
      const to = (at / extentBytes + 1n) * extentBytes;
      if (to >= archived.length) break;
      extents.push({ from: at, to, digest: nativeBinding().xxh3_128(archived.subarray(Number(at), Number(to))) });
      at = to;
    }
    return extents;
  }
  function lastDigest(archived: Buffer, extents: readonly Extent[], from = 0n): Buffer {
    return nativeBinding().xxh3_128(archived.subarray(Number(extents.at(-1)?.to ?? from)));
  }

  it("are recorded one for each full stretch but the last, which stands in the object's own record", async () => {
    const sizes = [1, 65_535, 65_536, 65_537, 131_072, 200_001];
    for (const size of sizes) writeFileSync(join(source, `file-${size}`), new Noise(size).bytes(size));
    const packing = await packed();
    for (const size of sizes) {
      const content = readFileSync(join(source, `file-${size}`));
      const object = objectOf(packing, `file-${size}`);
      const extents = extentsOf(packing, object.headerOffset);
      expect(extents, String(size)).to.deep.equal(extentsFor(content));
      expect(extents.length).to.equal(Math.ceil(size / 65_536) - 1);
      expect(object.digest).to.deep.equal(lastDigest(content, extents));
    }
  });

  it("stand before their object's record, and after its opening", async () => {
    writeFileSync(join(source, "large"), new Noise(3).bytes(500_000));
    const { records } = await packed();
    const kinds = records
      .filter((record) => "name" in record && record.name.toString() === "large")
      .map(({ type }) => type);
    expect(kinds).to.deep.equal(["objectOpen", ...Array<string>(7).fill("extent"), "object"]);
  });

  for (const kind of ["dense", "sparse"]) {
    it(`go on from where a ${kind} object is continued`, async () => {
      const content = new Noise(4).bytes(300_000);
      const descriptor = openSync(join(source, "large"), "w");
      writeSync(descriptor, content, 0, 200_000, 0);
      writeSync(descriptor, content, 200_000, 100_000, kind === "sparse" ? 8_000_000 : 200_000);
      closeSync(descriptor);
      const whole = await packed();
      const object = objectOf(whole, "large");
      const stream = readFileSync(streamPath);
      const open = recordsOf(whole, "objectOpen").find(({ headerOffset }) => headerOffset === object.headerOffset);
      if (open === undefined) throw new Error("no opening");
      expect(open.sparseMap !== null).to.equal(kind === "sparse");
      const archived = stream.subarray(Number(open.dataOffset), Number(open.dataOffset + open.archivedBytes));
      expect(extentsOf(whole, object.headerOffset)).to.deep.equal(extentsFor(archived));
      const continued: ContinuedObject = {
        containerPath: Buffer.from(memberPath("")),
        name: Buffer.from("large"),
        fingerprint: object.fingerprint,
        headerOffset: object.headerOffset,
        dataOffset: object.dataOffset,
        endOffset: object.endOffset,
        ...(open.sparseMap === null ? {} : { sparseMap: open.sparseMap }),
      };
      // Cut in the second extent, and in the last.
      for (const streamOffset of [6n, 17n].map((records) => records * BigInt(recordSizeBytes))) {
        const rest = await pack({ source: Buffer.from(source), streamPath, extentBytes, streamOffset, continued });
        const again = objectOf(rest, "large");
        expect(again.outcome).to.equal(objectOutcome.ok);
        const from = streamOffset - object.dataOffset;
        const extents = extentsOf(rest, object.headerOffset);
        expect(extents).to.deep.equal(extentsFor(archived, from));
        expect(again.digest).to.deep.equal(lastDigest(archived, extents, from));
      }
    });
  }

  it("cannot be of no bytes", () => {
    const options = { source: Buffer.from(source), streamPath, extentBytes: 0n };
    expect(() => new PackingRun(options)).to.throw("expected options.extentBytes to be more than 0");
  });

  describe("on a tape", () => {
    let tape: SimulatedTape;
    let object: ExpectedObject;
    let content: Buffer;
    let blocks: bigint;

    beforeEach(async () => {
      content = new Noise(8).bytes(300_001);
      writeFileSync(join(source, "large"), content);
      writeFileSync(join(source, "other"), "other");
      const packing = await packed();
      const { headerOffset, endOffset, kind, digest } = objectOf(packing, "large");
      const extents = extentsOf(packing, headerOffset);
      const path = Buffer.from("large");
      object = { headerOffset, endOffset, kind, digest: digest ?? undefined, path, extents };
      object = { ...object, lastExtentFrom: extents.at(-1)?.to ?? 0n };
      tape = await SimulatedTape.create();
      const stream = readFileSync(streamPath);
      await tape.writeRecords(stream, recordSizeBytes);
      blocks = BigInt(stream.length / recordSizeBytes);
    });
    afterEach(() => tape.remove());

    async function restored(expected: ExpectedObject): Promise<RestoreSummary> {
      const targetFolder = Buffer.from(mkdtempSync(join(folder, "target-")));
      const extractor = new (nativeBinding().Extractor)({ targetFolder, numericOwner: true, overwrite: true });
      extractor.expect(packObjects([expected]));
      await tape.drive.rewind(false);
      await extractor.extract({ drive: tape.drive, streamOffset: 0n, blocks, recordSizeBytes });
      return extractor.finish();
    }
    async function flip(at: number): Promise<void> {
      const medium = await tape.medium();
      const place = medium.indexOf(content.subarray(64, 128)) - 64 + at;
      const descriptor = openSync(tape.mediumPath, "r+");
      writeSync(descriptor, Buffer.of((medium[place] ?? 0) ^ 1), 0, 1, place);
      closeSync(descriptor);
    }

    it("one flipped bit is found in each of them, its first byte and its last", async () => {
      expect((await restored(object)).damaged).to.deep.equal([]);
      const places = [...(object.extents ?? []), { from: object.lastExtentFrom ?? 0n, to: BigInt(content.length) }];
      expect(places.length).to.equal(5);
      for (const { from, to } of places) {
        for (const at of [from, to - 1n]) {
          await flip(Number(at));
          const { damaged, damagedCount } = await restored(object);
          expect(damagedCount).to.equal(1n);
          const reason = `digest mismatch in its archived bytes ${from} to ${to}`;
          expect(damaged).to.deep.equal([{ path: Buffer.from("large"), reason }]);
          await flip(Number(at));
        }
      }
    });

    it("what has none is passed over and counted, and does not hide what the others say", async () => {
      const [first, , ...others] = object.extents ?? [];
      if (first === undefined) throw new Error("no extents");
      const known = { ...object, extents: [first, ...others] };
      await flip(70_000);
      const summary = await restored(known);
      expect(summary).to.deep.include({ damaged: [], bytesUnproved: extentBytes, bytesRestored: 300_001n });
      // Nothing but the last.
      expect(await restored({ ...known, extents: [] })).to.deep.include({ damaged: [], bytesUnproved: 262_144n });
      await flip(131_072);
      expect((await restored(known)).damaged.map(({ reason }) => reason)).to.deep.equal([
        "digest mismatch in its archived bytes 131072 to 196608",
      ]);
    });
  });
});
