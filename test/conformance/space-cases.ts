// SPDX-License-Identifier: Apache-2.0
/** SPACE over blocks and filemarks, both ways (SSC-5 7.15). */
import { expect } from "chai";
import { BlankCheckError } from "../../lib/errors.ts";
import type { TapeDrive } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";

/** Objects: block 0, block 1, filemark, block 2, filemark, filemark, block 3. */
export async function threeTapeFiles(bench: Bench, cartridge = 0): Promise<TapeDrive> {
  const drive = await bench.loaded(cartridge);
  await writeBlocks(drive, 0, [100, 100]);
  await drive.synchronise(1);
  await writeBlocks(drive, 2, [100]);
  await drive.synchronise(2);
  await writeBlocks(drive, 3, [100]);
  await drive.synchronise(0);
  return drive;
}

/** Whether the drive counts what is missing as an error is its own affair (key 0 or 8); where it then stands is not. */
async function beyondTheEnd(attempt: Promise<void>): Promise<void> {
  await attempt.catch((error: unknown) => expect(error).to.be.instanceOf(BlankCheckError));
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

async function backOverFilemarks(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.spaceFilemarks(-1);
  // In front of the filemark (SSC-5 7.15).
  await expectNext(drive, "filemark");
  await expectBlock(drive, 3, 100);
  await drive.spaceFilemarks(-3);
  await expectNext(drive, "filemark");
  await expectBlock(drive, 2, 100);
}

async function backBeyondTheBeginning(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.spaceFilemarks(-9);
  await expectBlock(drive, 0, 100);
  await drive.space("blocks", -9n);
  await expectBlock(drive, 0, 100);
}

async function beyondTheLastFilemark(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  await beyondTheEnd(drive.spaceFilemarks(9));
  await expectNext(drive, "endOfData");
}

async function overSequentialFilemarks(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  await drive.space("sequentialFilemarks", 2n);
  await expectBlock(drive, 3, 100);
  await drive.space("sequentialFilemarks", -2n);
  await expectNext(drive, "filemark");
  await expectNext(drive, "filemark");
  await expectBlock(drive, 3, 100);
}

async function overBlocks(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 2000, 300, 70_000, 500]);
  await drive.space("blocks", -2n);
  await expectBlock(drive, 3, 70_000);
  await drive.rewind();
  await drive.space("blocks", 2n);
  await expectBlock(drive, 2, 300);
  await drive.space("blocks", 0n);
  await expectBlock(drive, 3, 70_000);
}

async function blocksEndAtAFilemark(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  const forward = await drive.native.space("blocks", 5n);
  expect(forward.sense).to.include({ filemark: true, information: 3n });
  // On the other side of it, where it was going.
  await expectBlock(drive, 2, 100);
  const back = await drive.native.space("blocks", -4n);
  expect(back.sense).to.include({ filemark: true, information: 3n });
  await expectNext(drive, "filemark");
}

async function beyondTheLastBlock(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 100]);
  await drive.rewind();
  await beyondTheEnd(drive.space("blocks", 9n));
  await expectNext(drive, "endOfData");
}

async function hugeCounts(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 100]);
  await drive.rewind();
  // More than SPACE(6) can count.
  await beyondTheEnd(drive.space("blocks", 1n << 40n));
  await expectNext(drive, "endOfData");
  await drive.space("blocks", -(1n << 40n));
  await expectBlock(drive, 0, 100);
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

export const spaceCases: readonly Case[] = [
  { name: "space goes forward over filemarks", run: forwardOverFilemarks },
  { name: "space goes back over filemarks", needs: ["SPACE back over filemarks"], run: backOverFilemarks },
  { name: "space goes back no further than the beginning", run: backBeyondTheBeginning },
  { name: "space over too many filemarks ends at the end of data", run: beyondTheLastFilemark },
  {
    name: "space finds filemarks that follow one another",
    needs: ["SPACE over sequential filemarks"],
    run: overSequentialFilemarks,
  },
  { name: "space goes over blocks, forward and back", run: overBlocks },
  { name: "space over blocks ends at a filemark", needs: ["stop of SPACE at filemarks"], run: blocksEndAtAFilemark },
  { name: "space over too many blocks ends at the end of data", run: beyondTheLastBlock },
  { name: "space counts further than 24 bits", needs: ["SPACE(16)"], run: hugeCounts },
  { name: "space goes to the end of data, where writing appends", run: toTheEndOfData },
];
