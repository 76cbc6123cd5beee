// SPDX-License-Identifier: Apache-2.0
/** The drive itself: what it is, what is in it, and what it says when it cannot. */
import { expect } from "chai";
import { IllegalRequestError, NotReadyError } from "../../lib/errors.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";

/** The error that a promise is rejected with; a promise that is not rejected is the error. */
export async function errorOf(attempt: Promise<unknown>): Promise<unknown> {
  return attempt.then(
    () => new Error("it was expected to fail"),
    (error: unknown) => error,
  );
}

async function identity(bench: Bench): Promise<void> {
  const [first, second] = await Promise.all(bench.drives.map(async (drive) => drive.inquiry()));
  expect(first).to.include({ deviceType: 1, vendor: "TIDEMARK" });
  expect(first?.serialNumber).to.match(/^\S+$/);
  expect(second?.serialNumber).to.match(/^\S+$/).and.not.equal(first?.serialNumber);
}

async function emptyDrive(bench: Bench): Promise<void> {
  await bench.tidy();
  const [drive] = bench.drives;
  expect(await drive.attend()).to.deep.include({ ready: false });
  for (const attempt of [drive.rewind(), drive.write(Buffer.alloc(10), "a block"), drive.spaceFilemarks(1)]) {
    expect(await errorOf(attempt))
      .to.be.instanceOf(NotReadyError)
      .and.include({ senseKey: 2, asc: 0x3a });
  }
}

async function attentions(bench: Bench): Promise<void> {
  await bench.tidy();
  const [drive] = bench.drives;
  await bench.changer.move(await bench.home(), bench.bay());
  await drive.load();
  await drive.attend();
  // All of them have been taken: what follows speaks for itself.
  expect(await drive.attend()).to.deep.equal({ ready: true, attentions: [] });
}

async function limits(bench: Bench): Promise<void> {
  const { maximumBytes, minimumBytes } = await bench.drives[0].blockLimits();
  expect(maximumBytes).to.be.at.least(1 << 20);
  expect(minimumBytes).to.be.within(1, 512);
}

async function modes(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect((await drive.modeStatus()).writeProtected).to.equal(false);
  expect(await drive.native.modeStatus()).to.include({ blockBytes: 0 });
}

async function dataTape(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect((await drive.modeStatus()).worm).to.equal(false);
}

async function unloading(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  await drive.unload();
  expect((await drive.attend()).ready).to.equal(false);
  expect(await errorOf(drive.rewind())).to.be.instanceOf(NotReadyError);
  await drive.load();
  expect((await drive.attend()).ready).to.equal(true);
  await expectBlock(drive, 0, 1000);
}

async function travelling(bench: Bench): Promise<void> {
  const first = await bench.loaded(1, 0);
  await writeBlocks(first, 0, [1000, 70_000]);
  await first.synchronise(1);
  const second = await bench.loaded(1, 1);
  await expectBlock(second, 0, 1000);
  await expectBlock(second, 1, 70_000);
}

async function preventing(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  const home = await bench.home();
  expect((await drive.native.preventRemoval(true)).scsiStatus).to.equal(0);
  expect(await errorOf(bench.changer.move(bench.bay(), home))).to.be.instanceOf(IllegalRequestError);
  expect((await bench.elementAt(bench.bay())).full).to.equal(true);
  expect((await drive.native.preventRemoval(false)).scsiStatus).to.equal(0);
  await drive.unload();
  await bench.changer.move(bench.bay(), home);
  expect((await bench.elementAt(bench.bay())).full).to.equal(false);
}

async function attribute(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.mediumSerial()).to.match(/^\S+$/);
}

async function alerts(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect((await drive.native.tapeAlerts()).value).to.deep.equal([]);
}

export const driveCases: readonly Case[] = [
  { name: "a drive tells what it is, and a serial number of its own", run: identity },
  { name: "a drive without a tape says so", run: emptyDrive },
  { name: "unit attentions end", run: attentions },
  { name: "a drive tells its block limits", run: limits },
  { name: "a drive tells its modes", run: modes },
  { name: "a tape that can be written over is no WORM tape", needs: ["truthful WORM bit"], run: dataTape },
  { name: "a tape can be unloaded and loaded again", needs: ["UNLOAD"], run: unloading },
  { name: "a tape written in one drive is read in the other", run: travelling },
  { name: "a tape whose removal is prevented stays", run: preventing },
  { name: "a tape tells its serial number", needs: ["READ ATTRIBUTE"], run: attribute },
  { name: "a drive in good health raises no alert", needs: ["LOG SENSE"], run: alerts },
];
