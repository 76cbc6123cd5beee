// SPDX-License-Identifier: Apache-2.0
/** Getting somewhere on the tape, and knowing where that is. */
import { expect } from "chai";
import { BlankCheckError, DeviceError } from "../../lib/errors.ts";
import type { TapeDrive } from "../../lib/device/index.ts";
import type { PositionForm } from "../../lib/native/binding.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";
import { threeTapeFiles } from "./space-cases.ts";

async function objectNumber(drive: TapeDrive): Promise<bigint> {
  return (await drive.position()).objectNumber;
}

async function rewinding(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  for (let count = 0; count < 2; count++) {
    await drive.rewind();
    await expectBlock(drive, 0, 100);
  }
}

/** By LOCATE, or by counting where there is none. */
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
  // The end of data can be found too: writing goes on there.
  await drive.locate(7n);
  await writeBlocks(drive, 4, [100]);
  await drive.locate(6n);
  await expectBlock(drive, 3, 100);
  await expectBlock(drive, 4, 100);
}

async function locatingTooFar(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  const error = await errorOf(drive.locate(99n));
  expect(error instanceof BlankCheckError || error instanceof DeviceError, String(error)).to.equal(true);
  await expectNext(drive, "endOfData");
}

async function walking(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  expect(await drive.walkTo(4n)).to.equal(4n);
  await expectNext(drive, "filemark");
  expect(await drive.walkTo(1n)).to.equal(1n);
  await expectBlock(drive, 1, 100);
  expect(await drive.walkTo(99n)).to.equal(7n);
}

async function locatingFiles(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.locateTo({ destination: "file", number: 1n });
  await expectBlock(drive, 2, 100);
  await drive.locateTo({ destination: "file", number: 3n });
  await expectBlock(drive, 3, 100);
  await drive.locateTo({ destination: "file", number: 0n });
  await expectBlock(drive, 0, 100);
}

async function locatingTheEnd(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.rewind();
  await drive.locateTo({ destination: "endOfData" });
  await expectNext(drive, "endOfData");
}

async function counting(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  await drive.provePosition();
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

/** Whatever the drive says, what is believed after the proof is right. */
async function proving(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  const source = await drive.provePosition();
  expect(drive.positionSource).to.equal(source);
  expect(await objectNumber(drive)).to.equal(7n);
  await drive.rewind();
  expect(await objectNumber(drive)).to.equal(0n);
  await expectBlock(drive, 0, 100);
  await expectBlock(drive, 1, 100);
  await expectNext(drive, "filemark");
  expect(await objectNumber(drive)).to.equal(3n);
  await drive.locate(6n);
  expect(await objectNumber(drive)).to.equal(6n);
  await expectBlock(drive, 3, 100);
  await drive.rewind();
  await drive.spaceToEndOfData();
  expect(await objectNumber(drive)).to.equal(7n);
}

async function provingNothing(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  // At the beginning all drives say zero.
  expect(await errorOf(drive.provePosition())).to.be.instanceOf(DeviceError);
  expect(drive.positionSource).to.equal(undefined);
}

function positionForm(form: PositionForm): (bench: Bench) => Promise<void> {
  return async (bench) => {
    const drive = await threeTapeFiles(bench);
    const ask = async (): Promise<unknown> => (await drive.native.positionForm(form)).value;
    expect(await ask()).to.include({ known: true, partition: 0, objectNumber: 7n, beginningOfPartition: false });
    await drive.rewind();
    expect(await ask()).to.include({ known: true, partition: 0, objectNumber: 0n, beginningOfPartition: true });
  };
}

async function fileNumber(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  expect((await drive.native.positionForm("long")).value?.fileNumber).to.equal(3n);
  await drive.rewind();
  expect((await drive.native.positionForm("long")).value?.fileNumber).to.equal(0n);
}

async function bufferFill(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  await drive.synchronise(0);
  expect((await drive.position()).bytesInBuffer).to.equal(0n);
}

async function accessOrder(bench: Bench): Promise<void> {
  const drive = await threeTapeFiles(bench);
  const segment = (name: string, first: bigint, last: bigint) =>
    ({ name: name.padEnd(10), partition: 0, firstObject: first, lastObject: last }) as const;
  const order = await drive.recommendedAccessOrder([segment("late", 5n, 6n), segment("early", 0n, 1n)]);
  expect(order?.segments.map(({ name }) => name.trim())).to.have.members(["early", "late"]);
  expect(order?.segments.find(({ name }) => name.trim() === "late")).to.include({ firstObject: 5n, lastObject: 6n });
}

export const positionCases: readonly Case[] = [
  { name: "rewind goes to the beginning from anywhere", run: rewinding },
  { name: "locate finds blocks and filemarks by number", run: locating },
  { name: "locate beyond the end of data fails, and stays there", run: locatingTooFar },
  { name: "walking finds objects by counting", run: walking },
  { name: "locate finds tape files by number", needs: ["LOCATE(16)"], run: locatingFiles },
  { name: "locate finds the end of data", needs: ["LOCATE(16)"], run: locatingTheEnd },
  { name: "the position counts blocks and filemarks", needs: ["position in any form"], run: counting },
  { name: "a position that was proved is right, whoever counts", run: proving },
  { name: "a position at the beginning proves nothing", run: provingNothing },
  { name: "the short form tells the position", needs: ["short position"], run: positionForm("short") },
  { name: "the long form tells the position", needs: ["long position"], run: positionForm("long") },
  { name: "the extended form tells the position", needs: ["extended position"], run: positionForm("extended") },
  { name: "the long form tells the tape file", needs: ["long position"], run: fileNumber },
  { name: "the buffer is empty after synchronising", needs: ["extended position"], run: bufferFill },
  {
    name: "the drive recommends an order of reading",
    needs: ["GENERATE RECOMMENDED ACCESS ORDER"],
    run: accessOrder,
  },
];
