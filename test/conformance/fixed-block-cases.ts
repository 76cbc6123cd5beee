// SPDX-License-Identifier: Apache-2.0
/** Blocks of one length, many in a command (SSC-5 4.2.9). */
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/index.ts";
import type { NativeBlocksRead } from "../../lib/native/binding.ts";
import { pattern } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";

const blockBytes = 1024;

function blocks(first: number, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, (_, index) => pattern(first + index, blockBytes)));
}

/** A tape at its beginning, with four blocks and a filemark on it, and the drive set to their length. */
async function fourBlocks(bench: Bench): Promise<TapeDrive> {
  const drive = await bench.loaded();
  await drive.setBlockBytes(blockBytes);
  expect((await drive.modeStatus()).blockBytes).to.equal(blockBytes);
  expect(await drive.writeBlocks(blocks(0, 4), blockBytes)).to.include({ kind: "written", accepted: 4 });
  await drive.synchronise(1);
  await drive.rewind();
  return drive;
}

/** Compares kinds before data: a failed read has no data that could tell more. */
function expectRead(read: NativeBlocksRead, kind: NativeBlocksRead["kind"], data: Buffer): void {
  expect([read.kind, read.data.length]).to.deep.equal([kind, data.length]);
  expect(read.data.equals(data), "bytes of the blocks").to.equal(true);
}

async function writtenAndRead(bench: Bench): Promise<void> {
  const drive = await fourBlocks(bench);
  expectRead(await drive.readBlocks(3, blockBytes), "block", blocks(0, 3));
  expectRead(await drive.readBlocks(1, blockBytes), "block", blocks(3, 1));
  expect(drive.countedPosition).to.equal(4n);
}

async function upToAFilemark(bench: Bench): Promise<void> {
  const drive = await fourBlocks(bench);
  expectRead(await drive.readBlocks(6, blockBytes), "filemark", blocks(0, 4));
  // The tape stands behind the filemark.
  expect(drive.countedPosition).to.equal(5n);
  await drive.writeBlocks(blocks(9, 1), blockBytes);
  await drive.rewind();
  await drive.spaceFilemarks(1);
  expectRead(await drive.readBlocks(1, blockBytes), "block", blocks(9, 1));
}

async function upToTheEndOfData(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.setBlockBytes(blockBytes);
  await drive.writeBlocks(blocks(0, 2), blockBytes);
  await drive.rewind();
  expectRead(await drive.readBlocks(5, blockBytes), "endOfData", blocks(0, 2));
  expectRead(await drive.readBlocks(5, blockBytes), "endOfData", Buffer.alloc(0));
}

/** A block of another length stops the reading behind it, and its bytes are not among those of the whole blocks. */
async function wrongLength(bench: Bench, otherBytes: number): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [blockBytes, otherBytes, blockBytes]);
  await drive.rewind();
  await drive.setBlockBytes(blockBytes);
  expectRead(await drive.readBlocks(3, blockBytes), "wrongLength", pattern(0, blockBytes));
  expect(drive.countedPosition).to.equal(2n);
  expectRead(await drive.readBlocks(1, blockBytes), "block", pattern(2, blockBytes));
}

async function shorterBlock(bench: Bench): Promise<void> {
  await wrongLength(bench, 1000);
}

async function longerBlock(bench: Bench): Promise<void> {
  await wrongLength(bench, 3000);
}

async function readAsVariable(bench: Bench): Promise<void> {
  const drive = await fourBlocks(bench);
  await drive.setVariableBlocks();
  for (let number = 0; number < 4; number++) await expectBlock(drive, number, blockBytes);
  await expectNext(drive, "filemark");
}

export const fixedBlockCases: readonly Case[] = [
  { name: "fixed blocks are read as they were written", run: writtenAndRead },
  { name: "a read of fixed blocks ends at a filemark", run: upToAFilemark },
  {
    name: "a read of fixed blocks ends at the end of data",
    needs: ["end of data with fixed blocks"],
    run: upToTheEndOfData,
  },
  {
    name: "a block shorter than the fixed length stops the reading",
    needs: ["other lengths among fixed blocks"],
    run: shorterBlock,
  },
  {
    name: "a block longer than the fixed length stops the reading",
    needs: ["other lengths among fixed blocks"],
    run: longerBlock,
  },
  { name: "fixed blocks are blocks like others", run: readAsVariable },
];
