// SPDX-License-Identifier: Apache-2.0
/** What makes a tape empty, divides it or shortens it. Each case leaves a tape as it found it: whole. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import type { TapeDrive } from "../../lib/device/index.ts";
import { longBlockBytes, pattern, waiting } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

/** Not the one that all other cases use. */
const cartridge = 2;
/** SET CAPACITY counts in parts of this (SSC-5 7.11). */
const wholeCapacity = 65_535;

async function erasing(bench: Bench): Promise<void> {
  for (const entire of [false, true]) {
    const drive = await bench.loaded(cartridge);
    await writeBlocks(drive, 0, [100, 200, 300]);
    await drive.rewind();
    await expectBlock(drive, 0, 100);
    await drive.erase({ entire });
    await drive.rewind();
    await expectBlock(drive, 0, 100);
    await expectNext(drive, "endOfData");
  }
}

async function erasingAtOnce(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  await writeBlocks(drive, 0, [100]);
  await drive.rewind();
  await drive.erase({ entire: true, immediate: true });
  expect(await drive.waitUntilReady(waiting)).to.equal(true);
  await drive.rewind();
  await expectNext(drive, "endOfData");
}

async function verifying(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  await writeBlocks(drive, 0, [100, 70_000]);
  await drive.rewind();
  expect(await drive.verify(100)).to.equal("block");
  // The tape stands behind what was verified.
  await expectBlock(drive, 1, 70_000);
  expect(await drive.verify(100)).to.equal("endOfData");
}

async function verifyingProtected(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  await writeBlocks(drive, 0, [100, 200]);
  await drive.setBlockProtection(true);
  try {
    await drive.rewind();
    // A wrong length would be told; what protects the block is not counted by the caller.
    expect((await drive.native.verify(100)).sense).to.equal(undefined);
    expect((await drive.native.verify(150)).sense).to.include({ incorrectLength: true, information: -50n });
  } finally {
    await drive.setBlockProtection(false);
  }
}

async function formatting(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  await writeBlocks(drive, 0, [100]);
  const error = await errorOf(drive.formatMedium());
  // Only at the beginning (SSC-5 7.1): position past beginning of medium.
  expect(error).to.be.instanceOf(IllegalRequestError).and.include({ asc: 0x3b, ascq: 0x0c });
  await drive.rewind();
  await expectBlock(drive, 0, 100);
  await drive.rewind();
  await drive.formatMedium();
  await drive.rewind();
  await expectNext(drive, "endOfData");
}

async function divide(drive: TapeDrive): Promise<void> {
  const page = await drive.partitions();
  if (page === undefined) throw new Error("the drive has no mode page 11h");
  const wanted = { additional: 1, initiatorDefined: true, unit: "megabytes", sizes: [wholeCapacity, 4] } as const;
  await drive.formatMedium({ ...page, ...wanted });
}

async function partitions(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  try {
    await divide(drive);
    expect((await drive.partitions())?.additional).to.equal(1);
    await drive.rewind();
    await writeBlocks(drive, 0, [100, 100]);
    await drive.locateTo({ partition: 1, number: 0n });
    await expectNext(drive, "endOfData");
    await writeBlocks(drive, 5, [500]);
    await drive.synchronise(1);
    await drive.locateTo({ partition: 0, number: 1n });
    await expectBlock(drive, 1, 100);
    await expectNext(drive, "endOfData");
    await drive.locateTo({ partition: 1, number: 0n });
    await expectBlock(drive, 5, 500);
    await expectNext(drive, "filemark");
  } finally {
    await drive.locateTo({ partition: 0, number: 0n });
    await drive.formatMedium();
  }
  expect((await drive.partitions())?.additional).to.equal(0);
  expect(await errorOf(drive.locateTo({ partition: 1 }))).to.be.instanceOf(IllegalRequestError);
}

async function partitionTold(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  try {
    await divide(drive);
    await drive.locateTo({ partition: 1, number: 0n });
    await writeBlocks(drive, 0, [100]);
    expect(await drive.position()).to.include({ partition: 1, objectNumber: 1n });
    await drive.locateTo({ partition: 0, number: 0n });
    expect(await drive.position()).to.include({ partition: 0, objectNumber: 0n });
  } finally {
    await drive.locateTo({ partition: 0, number: 0n });
    await drive.formatMedium();
  }
}

async function bytesUntilEarlyWarning(drive: TapeDrive, bytesMax: number): Promise<number> {
  for (let bytes = 0; bytes < bytesMax;) {
    const { earlyWarning } = await drive.write(pattern(0, longBlockBytes), "a block");
    bytes += longBlockBytes;
    if (earlyWarning) return bytes;
  }
  return bytesMax;
}

async function shortening(bench: Bench): Promise<void> {
  const drive = await bench.loaded(cartridge);
  const half = bench.description.cartridgeBytes / 2;
  try {
    await drive.setCapacity((wholeCapacity + 1) / 2);
    await drive.rewind();
    await expectNext(drive, "endOfData");
    expect(await bytesUntilEarlyWarning(drive, half + longBlockBytes)).to.be.at.most(half);
  } finally {
    await drive.rewind();
    await drive.setCapacity(wholeCapacity);
  }
  await drive.rewind();
  expect(await bytesUntilEarlyWarning(drive, half + longBlockBytes)).to.be.greaterThan(half);
}

export const mediumCases: readonly Case[] = [
  { name: "erasing makes here the end of data", needs: ["ERASE(6)"], run: erasing },
  { name: "erasing at once is over when the drive is ready", needs: ["ERASE(6)"], run: erasingAtOnce },
  { name: "blocks can be verified in the drive", needs: ["VERIFY(6)"], run: verifying },
  {
    name: "protected blocks can be verified in the drive",
    needs: ["VERIFY(6)", "logical block protection"],
    run: verifyingProtected,
  },
  { name: "formatting empties a tape, at its beginning alone", needs: ["FORMAT MEDIUM"], run: formatting },
  { name: "partitions are tapes of their own", needs: ["FORMAT MEDIUM", "partitions"], run: partitions },
  {
    name: "the position names the partition",
    needs: ["FORMAT MEDIUM", "partitions", "position in any form"],
    run: partitionTold,
  },
  { name: "a tape can be shortened", needs: ["SET CAPACITY", "SET CAPACITY that is listed"], run: shortening },
];
