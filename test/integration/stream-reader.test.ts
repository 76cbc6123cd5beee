// SPDX-License-Identifier: Apache-2.0
/** A stream copied from one tape to another: read into a ring by one drive, written from it by another. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeRing, NativeStreamReader, NativeTapeWriter } from "../../lib/native/binding.ts";
import { makeSmallFiles, makeSpecialObjects } from "../../scripts/make-tree.ts";
import { packToTape } from "./packed-tape.ts";
import { SimulatedTape } from "./simulated-tape.ts";

const recordSizeBytes = 16384;

describe("native stream reader", () => {
  let folder: string;
  let source: SimulatedTape;
  let target: SimulatedTape;
  let ring: NativeRing;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-copy-"));
    source = await SimulatedTape.create();
    target = await SimulatedTape.create();
    ring = newRing(64);
  });
  afterEach(async () => {
    ring.close();
    await source.remove();
    await target.remove();
    rmSync(folder, { recursive: true });
  });

  const newRing = (records: number): NativeRing =>
    new (nativeBinding().Ring)({ recordSizeBytes, capacityBytes: records * recordSizeBytes });
  const newReader = (of: NativeRing, streamOffset = 0n): NativeStreamReader =>
    new (nativeBinding().StreamReader)({ ring: of, streamOffset });
  const newWriter = (): NativeTapeWriter => {
    const writer: NativeTapeWriter = new (nativeBinding().TapeWriter)({
      drive: target.drive,
      ring,
      streamOffset: 0n,
      onBlocks: ({ streamOffset, digests }) =>
        writer.acknowledgeBlocks(streamOffset + BigInt((digests.length / 8) * recordSizeBytes)),
    });
    return writer;
  };

  it("a packed stream is the same on the other tape, byte for byte and block for block", async () => {
    makeSpecialObjects(join(folder, "special"));
    makeSmallFiles(join(folder, "small"), 300);
    const { blocks } = await packToTape(source, folder, recordSizeBytes);
    await source.drive.rewind(false);
    const reader = newReader(ring);
    const running = newWriter().run({ checkpointBytes: 1n << 50n, limit: blocks * BigInt(recordSizeBytes) });
    for (let left = blocks; left > 0n; left -= 50n) {
      const wanted = left < 50n ? left : 50n;
      const end = await reader.read({ drive: source.drive, blocks: wanted });
      expect([end.stoppedAt, end.blocksRead]).to.deep.equal(["count", wanted]);
    }
    const run = await running;
    expect([run.reason, run.blocksWritten]).to.deep.equal(["limit", blocks]);
    expect((await target.medium()).equals(await source.medium())).to.equal(true);
    expect(ring.filledBytes()).to.equal(0n);
  });

  it("says where the tape ended, and what is in the ring stays good", async () => {
    await source.writeRecords(Buffer.alloc(5 * recordSizeBytes, "five"), recordSizeBytes);
    await source.drive.rewind(false);
    const reader = newReader(ring);
    const end = await reader.read({ drive: source.drive, blocks: 9n });
    expect([end.stoppedAt, end.blocksRead]).to.deep.equal(["endOfData", 5n]);
    expect(reader.streamOffset()).to.equal(5n * BigInt(recordSizeBytes));
    expect(ring.filledBytes()).to.equal(5n * BigInt(recordSizeBytes));
  });

  it("a read that waits for room ends with the ring, and the drive is free again", async () => {
    await source.writeRecords(Buffer.alloc(100 * recordSizeBytes, "x"), recordSizeBytes);
    await source.drive.rewind(false);
    const reader = newReader(ring);
    const reading = reader.read({ drive: source.drive, blocks: 100n });
    reader.close();
    expect((await reading).stoppedAt).to.equal("stopped");
    expect((await source.drive.rewind(false)).outcome).to.equal("completed");
    const again = newReader(ring);
    expect((await again.read({ drive: source.drive, blocks: 3n })).blocksRead).to.equal(3n);
  });

  it("refuses what it cannot use, with a sentence", async () => {
    expect(() => newReader(ring, 5n)).to.throw("options.streamOffset");
    const reader = newReader(ring);
    expect(() => newReader(ring)).to.throw("a Ring that nobody fills");
    await source.writeRecords(Buffer.alloc(recordSizeBytes), recordSizeBytes);
    await source.drive.rewind(false);
    const reading = reader.read({ drive: source.drive, blocks: 1n });
    expect(() => reader.end()).to.throw("a read is under way");
    const second = await reader.read({ drive: source.drive, blocks: 1n }).catch((error: unknown) => error);
    expect(String(second)).to.contain("reading already");
    await reading;
  });
});
