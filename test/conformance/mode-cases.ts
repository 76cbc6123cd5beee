// SPDX-License-Identifier: Apache-2.0
/** How a drive can be set (SSC-5 8.3), and that it stays so. */
import { expect } from "chai";
import { DataProtectError } from "../../lib/errors.ts";
import { density } from "../../lib/device/densities.ts";
import { longBlockBytes, pattern } from "./bench.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, expectNext, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

async function modes(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.modeStatus()).to.include({ blockBytes: 0, writeProtected: false });
}

async function allPages(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const pages = await drive.modePages();
  expect(pages).to.not.deep.equal([]);
  // Each page tells its own length, with the subpage format where it has one (SPC-5 7.5.7).
  for (const { code, subpage, bytes } of pages) {
    const told = subpage === 0 ? 2 + (bytes[1] ?? 0) : 4 + bytes.readUInt16BE(2);
    expect([(bytes[0] ?? 0) & 0x3f, bytes.length], `page ${code}/${subpage}`).to.deep.equal([code, told]);
  }
}

async function dataTape(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect((await drive.modeStatus()).worm).to.equal(false);
}

async function configuration(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.deviceConfiguration()).to.include({ activePartition: 0, softwareWriteProtect: false });
}

async function compression(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const before = (await drive.compression())?.compress ?? false;
  try {
    for (const on of [!before, before]) {
      await drive.setCompression(on);
      expect((await drive.compression())?.compress).to.equal(on);
      await writeBlocks(drive, on ? 1 : 0, [70_000]);
    }
  } finally {
    await drive.setCompression(before);
  }
  await drive.rewind();
  await expectBlock(drive, before ? 0 : 1, 70_000);
  await expectBlock(drive, before ? 1 : 0, 70_000);
}

async function densities(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const [current] = (await drive.densities("medium")) ?? [];
  expect(density(current?.primary ?? 0)?.names[0]).to.match(/^LTO-\d+$/);
  expect((await drive.modeStatus()).density).to.equal(current?.primary);
  const all = (await drive.densities("drive")) ?? [];
  expect(all.map(({ primary }) => primary)).to.include(current?.primary);
  expect(all.filter(({ isDefault }) => isDefault).length).to.equal(1);
  for (const { name, organization, writable } of all) {
    expect([name, organization, writable].join("|")).to.match(/^\S.*\|\S.*\|(true|false)$/);
  }
}

async function mediumTypes(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const types = (await drive.mediumTypes("medium")) ?? [];
  expect(types.length).to.equal(1);
  expect([...(types[0]?.densities ?? [])]).to.include((await drive.modeStatus()).density);
}

/** Protection information travels with each block and is no part of it. */
async function blockProtection(bench: Bench): Promise<void> {
  const lengths = [5, 1000, 65_536];
  const drive = await bench.loaded();
  await drive.setBlockProtection(true);
  try {
    expect(await drive.blockProtection()).to.include({ method: "crc32c", onWrite: true, onRead: true });
    await writeBlocks(drive, 0, lengths);
    await drive.synchronise(1);
    await drive.rewind();
    for (const [number, bytes] of lengths.entries()) await expectBlock(drive, number, bytes);
    await expectNext(drive, "filemark");
    await drive.rewind();
    // A buffer that is too long or too short changes nothing but what is told.
    expect((await drive.read(longBlockBytes)).kind).to.equal("block");
    expect(await drive.read(100)).to.include({ kind: "tooLong", blockBytes: 1000 });
    await expectBlock(drive, 2, 65_536);
  } finally {
    await drive.setBlockProtection(false);
  }
  expect(await drive.blockProtection()).to.include({ method: "none" });
  await drive.rewind();
  for (const [number, bytes] of lengths.entries()) await expectBlock(drive, number, bytes);
}

async function protectedFixedBlocks(bench: Bench): Promise<void> {
  const blockBytes = 1024;
  const data = Buffer.concat([pattern(0, blockBytes), pattern(1, blockBytes), pattern(2, blockBytes)]);
  const drive = await bench.loaded();
  await drive.setBlockProtection(true);
  try {
    await drive.setBlockBytes(blockBytes);
    expect(await drive.writeBlocks(data, blockBytes)).to.include({ kind: "written", accepted: 3 });
    await drive.synchronise(1);
    await drive.rewind();
    const read = await drive.readBlocks(5, blockBytes);
    expect([read.kind, read.data.equals(data)]).to.deep.equal(["filemark", true]);
    expect(drive.countedPosition).to.equal(4n);
    await drive.setVariableBlocks();
    await drive.rewind();
    const scan = await drive.digestBlocks(9, longBlockBytes);
    expect([scan.stoppedAt, scan.lengths.readUInt32BE(8)]).to.deep.equal(["filemark", blockBytes]);
  } finally {
    await drive.setBlockProtection(false);
  }
}

async function programmableEarlyWarning(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.setProgrammableEarlyWarning(2);
  const warnings: string[] = [];
  try {
    expect((await drive.deviceConfigurationExtension())?.programmableEarlyWarningMegabytes).to.equal(2);
    const blocksMax = bench.description.cartridgeBytes / longBlockBytes;
    for (let number = 0; number <= blocksMax && !warnings.includes("early"); number++) {
      const outcome = await drive.write(pattern(number, longBlockBytes), `block ${number}`);
      expect(outcome.accepted).to.equal(longBlockBytes);
      if (outcome.programmableEarlyWarning) warnings.push("programmable");
      if (outcome.earlyWarning) warnings.push("early");
    }
  } finally {
    await drive.setProgrammableEarlyWarning(0);
  }
  // Once, on entering the zone (SSC-5 4.2.5).
  expect(warnings).to.deep.equal(["programmable", "early"]);
}

async function appendOnly(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [100, 100, 100]);
  await drive.setAppendOnly(true);
  try {
    expect((await drive.deviceConfigurationExtension())?.writeMode).to.equal(1);
    await drive.locate(1n);
    expect(await errorOf(drive.write(pattern(7, 200), "a block too early"))).to.be.instanceOf(DataProtectError);
    await drive.locate(1n);
    await drive.allowOverwrite(1n);
    await writeBlocks(drive, 7, [200]);
    // At the end of data nothing needs to be allowed.
    await writeBlocks(drive, 8, [300]);
  } finally {
    await drive.setAppendOnly(false);
  }
  await drive.rewind();
  await expectBlock(drive, 0, 100);
  await expectBlock(drive, 7, 200);
  await expectBlock(drive, 8, 300);
  await expectNext(drive, "endOfData");
}

export const modeCases: readonly Case[] = [
  { name: "a drive tells its modes", run: modes },
  { name: "every mode page has the length that it tells", run: allPages },
  { name: "a tape that can be written over is no WORM tape", needs: ["truthful WORM bit"], run: dataTape },
  { name: "a drive tells its configuration", needs: ["mode page 10h"], run: configuration },
  { name: "compression can be set, and data stays the same", needs: ["compression"], run: compression },
  { name: "drive and tape tell their densities", needs: ["REPORT DENSITY SUPPORT"], run: densities },
  { name: "a tape tells its type", needs: ["REPORT DENSITY SUPPORT"], run: mediumTypes },
  { name: "blocks are protected on their way", needs: ["logical block protection"], run: blockProtection },
  { name: "fixed blocks are protected on their way", needs: ["logical block protection"], run: protectedFixedBlocks },
  { name: "a warning comes as early as it was set to", needs: ["mode page 10h/01h"], run: programmableEarlyWarning },
  {
    name: "in append-only mode nothing is overwritten unless allowed",
    needs: ["mode page 10h/01h", "ALLOW OVERWRITE"],
    run: appendOnly,
  },
];
