// SPDX-License-Identifier: Apache-2.0
/** Blocks and filemarks: what is written is what is read, and everything between has its own result. */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { TapeDrive } from "../../lib/device/index.ts";
import { longBlockBytes, pattern } from "./bench.ts";
import type { Bench } from "./bench.ts";
import type { Case } from "./case.ts";

/** Reads the next block with a buffer of its own length and compares it. */
export async function expectBlock(drive: TapeDrive, number: number, bytes: number): Promise<void> {
  const outcome = await drive.read(bytes);
  if (outcome.kind !== "block") throw new Error(`block ${number}: ${outcome.kind} instead of ${bytes} bytes`);
  expect(outcome.data.equals(pattern(number, bytes)), `bytes of block ${number}`).to.equal(true);
}

export async function expectNext(drive: TapeDrive, kind: "filemark" | "endOfData"): Promise<void> {
  expect((await drive.read(longBlockBytes)).kind).to.equal(kind);
}

/** Writes blocks with the numbers from `first` on. */
export async function writeBlocks(drive: TapeDrive, first: number, lengths: readonly number[]): Promise<void> {
  for (const [index, bytes] of lengths.entries()) {
    const outcome = await drive.write(pattern(first + index, bytes), `block ${first + index}`);
    expect(outcome).to.include({ accepted: bytes, earlyWarning: false });
  }
}

async function blocksOfAnyLength(bench: Bench): Promise<void> {
  const lengths = [4, 5, 512, 10_001, 65_536, longBlockBytes, 1 << 20];
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, lengths);
  await drive.synchronise(1);
  await drive.rewind();
  for (const [number, bytes] of lengths.entries()) await expectBlock(drive, number, bytes);
  await expectNext(drive, "filemark");
}

async function shortBlock(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000, 50, 70_000, 10]);
  await drive.rewind();
  for (const [number, bytes] of [1000, 50, 70_000, 10].entries()) {
    const outcome = await drive.read(longBlockBytes);
    if (outcome.kind !== "block") throw new Error(`block ${number}: ${outcome.kind}`);
    expect(outcome.data.equals(pattern(number, bytes)), `block ${number}, ${outcome.data.length} bytes`).to.equal(true);
  }
}

async function slightlyShortBlock(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000, 65_536, 20]);
  await drive.rewind();
  // tgt delivers only as many bytes of such a block as the buffer is too long.
  for (const [number, bytes] of [1000, 65_536].entries()) {
    const outcome = await drive.read(bytes + 7);
    if (outcome.kind !== "block") throw new Error(`block ${number}: ${outcome.kind}`);
    expect(outcome.data.equals(pattern(number, bytes)), `block ${number}, ${outcome.data.length} bytes`).to.equal(true);
  }
  await expectBlock(drive, 2, 20);
}

async function longBlock(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [70_000, 512]);
  await drive.rewind();
  expect(await drive.read(1000)).to.include({ kind: "tooLong", blockBytes: 70_000 });
  // The tape stands behind the block.
  await expectBlock(drive, 1, 512);
}

async function filemarks(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 200]);
  await drive.synchronise(1);
  await writeBlocks(drive, 2, [300]);
  await drive.synchronise(2);
  await drive.rewind();
  await expectBlock(drive, 0, 100);
  await expectBlock(drive, 1, 200);
  await expectNext(drive, "filemark");
  await expectBlock(drive, 2, 300);
  await expectNext(drive, "filemark");
  await expectNext(drive, "filemark");
  await expectNext(drive, "endOfData");
}

async function endOfData(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100]);
  await drive.rewind();
  await expectBlock(drive, 0, 100);
  // It stays the end, however often it is read.
  await expectNext(drive, "endOfData");
  await expectNext(drive, "endOfData");
}

async function overwriting(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000, 1000, 1000]);
  await drive.synchronise(1);
  await drive.rewind();
  await expectBlock(drive, 0, 1000);
  await writeBlocks(drive, 7, [500]);
  await drive.rewind();
  await expectBlock(drive, 0, 1000);
  await expectBlock(drive, 7, 500);
  await expectNext(drive, "endOfData");
}

async function overwritingByFilemark(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000, 1000]);
  await drive.rewind();
  await drive.synchronise(1);
  await drive.rewind();
  await expectNext(drive, "filemark");
  await expectNext(drive, "endOfData");
}

async function synchronising(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  expect(await drive.synchronise(0)).to.include({ accepted: 0 });
  await writeBlocks(drive, 1, [1000]);
  expect(await drive.synchronise(3)).to.include({ accepted: 3 });
  await drive.rewind();
  await expectBlock(drive, 0, 1000);
  await expectBlock(drive, 1, 1000);
  for (let count = 0; count < 3; count++) await expectNext(drive, "filemark");
  await expectNext(drive, "endOfData");
}

async function earlyWarning(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const blocksMax = bench.description.cartridgeBytes / longBlockBytes;
  let blocks = 0;
  for (let warned = false; !warned; blocks++) {
    expect(blocks, "blocks without an early warning").to.be.at.most(blocksMax);
    const outcome = await drive.write(pattern(blocks, longBlockBytes), `block ${blocks}`);
    // The block at which the drive warns has been written.
    expect(outcome.accepted).to.equal(longBlockBytes);
    warned = outcome.earlyWarning;
  }
  expect(blocks).to.be.greaterThan(blocksMax / 2);
  // There is still room for what closes the tape, and the drive goes on warning; tgt does not at filemarks.
  expect(await drive.write(pattern(blocks, 1000), "the last block")).to.include({ accepted: 1000, earlyWarning: true });
  expect(await drive.synchronise(1)).to.include({ accepted: 1 });
  await drive.rewind();
  for (let number = 0; number < blocks; number++) await expectBlock(drive, number, longBlockBytes);
  await expectBlock(drive, blocks, 1000);
  await expectNext(drive, "filemark");
}

async function digests(bench: Bench): Promise<void> {
  const lengths = [100, 1000, 65_536];
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, lengths);
  await drive.synchronise(1);
  await drive.rewind();
  const scan = await drive.digestBlocks(10, longBlockBytes);
  expect(scan.stoppedAt).to.equal("filemark");
  const { xxh3_64: digest } = nativeBinding();
  const expected = lengths.map((bytes, number) => digest(pattern(number, bytes)));
  expect(expected.map((_, index) => scan.digests.readBigUInt64BE(index * 8))).to.deep.equal(expected);
  expect(lengths.map((_, index) => scan.lengths.readUInt32BE(index * 4))).to.deep.equal(lengths);
}

async function digestOfAStretch(bench: Bench): Promise<void> {
  const lengths = [1000, 65_536, 500];
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, lengths);
  await drive.rewind();
  const stream = Buffer.concat(lengths.map((bytes, number) => pattern(number, bytes)));
  const { xxh3_128: digest } = nativeBinding();
  const stretch = await drive.digestBytes(900, 66_000n, longBlockBytes);
  expect(stretch?.toString("hex")).to.equal(digest(stream.subarray(900, 66_900)).toString("hex"));
  await drive.rewind();
  // More than there is.
  expect(await drive.digestBytes(0, BigInt(stream.length) + 1n, longBlockBytes)).to.equal(undefined);
}

async function copiedTapeFile(bench: Bench): Promise<void> {
  const lengths = [1000, 65_536, 500];
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, lengths);
  await drive.synchronise(1);
  await writeBlocks(drive, 3, [100]);
  await drive.rewind();
  const folder = mkdtempSync(join(tmpdir(), "tidemark-conformance-"));
  try {
    const fd = openSync(join(folder, "copy"), "w");
    const copied = await drive.copyTapeFile(fd, longBlockBytes);
    closeSync(fd);
    expect(copied).to.include({ bytes: 67_036n, blocks: 3n, stoppedAt: "filemark" });
    const stream = Buffer.concat(lengths.map((bytes, number) => pattern(number, bytes)));
    expect(readFileSync(join(folder, "copy")).equals(stream), "bytes of the tape file").to.equal(true);
  } finally {
    rmSync(folder, { recursive: true });
  }
  // The tape stands behind the filemark.
  await expectBlock(drive, 3, 100);
}

export const blockCases: readonly Case[] = [
  { name: "blocks of any length are read as they were written", run: blocksOfAnyLength },
  { name: "a block shorter than the buffer is read whole", run: shortBlock },
  { name: "a block slightly shorter than the buffer is read whole", run: slightlyShortBlock },
  { name: "a block longer than the buffer tells its length", run: longBlock },
  { name: "filemarks are met where they were written", run: filemarks },
  { name: "the end of data is met and stays", run: endOfData },
  { name: "writing over a block makes it the last", run: overwriting },
  { name: "writing a filemark over a block makes it the last", run: overwritingByFilemark },
  { name: "synchronising writes what it is told to and nothing else", run: synchronising },
  { name: "early warning comes before the end, and the block counts", run: earlyWarning },
  { name: "digests of blocks are those of their bytes", run: digests },
  { name: "the digest of a stretch goes over blocks", run: digestOfAStretch },
  { name: "a tape file is copied whole, up to its filemark", run: copiedTapeFile },
];
