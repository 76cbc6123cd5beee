// SPDX-License-Identifier: Apache-2.0
/** Getting somewhere on the tape, and knowing where that is. */
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";

/** Objects: block 0, block 1, filemark, block 2, filemark, filemark, block 3. */
async function threeTapeFiles(bench: Bench): Promise<TapeDrive> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 100]);
  await drive.synchronise(1);
  await writeBlocks(drive, 2, [100]);
  await drive.synchronise(2);
  await writeBlocks(drive, 3, [100]);
  await drive.synchronise(0);
  return drive;
}

async function objectNumber(drive: TapeDrive): Promise<bigint> {
  return (await drive.position()).objectNumber;
}

async function forwardOverFilemarks(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  await drive.spaceFilemarks(1);
  await expectBlock(drive, 2, 100);
  await drive.spaceFilemarks(2);
  await expectBlock(drive, 3, 100);
  await drive.rewind();
  await drive.spaceFilemarks(3);
  await expectBlock(drive, 3, 100);
}

async function beyondTheLastFilemark(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  // Whether the drive counts the missing filemarks as an error is its own affair; the tape stands at the end.
  await drive.spaceFilemarks(9).catch(() => undefined);
  await expectNext(drive, "endOfData");
}

async function toTheEndOfData(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  await drive.spaceToEndOfData();
  await writeBlocks(drive, 4, [200]);
  await drive.rewind();
  await drive.spaceFilemarks(3);
  await expectBlock(drive, 3, 100);
  await expectBlock(drive, 4, 200);
  await expectNext(drive, "endOfData");
}

async function rewinding(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  for (let count = 0; count < 2; count++) {
    await drive.rewind();
    await expectBlock(drive, 0, 100);
  }
}

async function locating(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  for (const [object, block] of [
    [6n, 3],
    [0n, 0],
    [3n, 2],
    [1n, 1],
  ] as const) {
    await drive.locate(object);
    await expectBlock(drive, block, 100);
  }
  await drive.locate(2n);
  await expectNext(drive, "filemark");
}

async function counting(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  expect(await objectNumber(drive)).to.equal(7n);
  await drive.rewind();
  expect(await drive.position()).to.include({ objectNumber: 0n, beginningOfPartition: true });
  await expectBlock(drive, 0, 100);
  expect(await objectNumber(drive)).to.equal(1n);
  await drive.spaceFilemarks(1);
  expect(await objectNumber(drive)).to.equal(3n);
  await drive.spaceToEndOfData();
  expect(await drive.position()).to.include({ objectNumber: 7n, beginningOfPartition: false });
}

export const positionCases: readonly Case[] = [
  { name: "space goes forward over filemarks", run: forwardOverFilemarks },
  { name: "space over too many filemarks ends at the end of data", run: beyondTheLastFilemark },
  { name: "space goes to the end of data, where writing appends", run: toTheEndOfData },
  { name: "rewind goes to the beginning from anywhere", run: rewinding },
  { name: "locate finds blocks and filemarks by number", needs: ["LOCATE"], run: locating },
  { name: "the position counts blocks and filemarks", needs: ["READ POSITION"], run: counting },
];
