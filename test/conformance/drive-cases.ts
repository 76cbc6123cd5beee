// SPDX-License-Identifier: Apache-2.0
/** The drive itself: what is in it, and what it says when it cannot. */
import { expect } from "chai";
import { IllegalRequestError, NotReadyError } from "../../lib/errors.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

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

async function waitingForATape(bench: Bench): Promise<void> {
  await bench.tidy();
  const [drive] = bench.drives;
  // Only an operator can help: it is not waited for.
  expect(await drive.waitUntilReady()).to.equal(false);
  await bench.loaded();
  expect(await drive.waitUntilReady()).to.equal(true);
}

/** What an empty drive cannot tell, it is not said to lack. */
async function capabilitiesOfTheEmpty(bench: Bench): Promise<void> {
  const loaded = await (await bench.loaded()).capabilities();
  await bench.tidy();
  const empty = await bench.drives[0].capabilities();
  expect(empty.commands).to.deep.equal(loaded.commands);
  expect(empty).to.include({ encryption: loaded.encryption, compression: loaded.compression });
  for (const form of ["short", "long", "extended"] as const) {
    expect(empty.positionForms[form]).to.be.oneOf([loaded.positionForms[form], "untested"]);
  }
  expect(empty.mediumAuxiliaryMemory).to.be.oneOf([loaded.mediumAuxiliaryMemory, undefined]);
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
  const { maximumBytes, minimumBytes, granularity } = await bench.drives[0].blockLimits();
  expect(maximumBytes).to.be.at.least(1 << 20);
  expect(minimumBytes).to.be.within(1, 512);
  expect(granularity).to.be.at.most(9);
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
  await drive.preventRemoval(true);
  expect(await errorOf(bench.changer.move(bench.bay(), home))).to.be.instanceOf(IllegalRequestError);
  expect((await bench.elementAt(bench.bay())).full).to.equal(true);
  await drive.preventRemoval(false);
  await drive.unload();
  await bench.changer.move(bench.bay(), home);
  expect((await bench.elementAt(bench.bay())).full).to.equal(false);
}

async function preventingUnload(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.preventRemoval(true);
  const error = await errorOf(drive.unload());
  await drive.preventRemoval(false);
  expect(error).to.be.instanceOf(IllegalRequestError).and.include({ asc: 0x53, ascq: 0x02 });
  expect((await drive.attend()).ready).to.equal(true);
}

async function selfTest(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  await drive.selfTest();
  await drive.attend();
  await drive.rewind();
  await expectBlock(drive, 0, 1000);
}

async function foregroundSelfTest(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.selfTest("foregroundShort");
  expect((await drive.attend()).ready).to.equal(true);
}

export const driveCases: readonly Case[] = [
  { name: "a drive without a tape says so", run: emptyDrive },
  { name: "a drive without a tape is not waited for", run: waitingForATape },
  { name: "a drive without a tape is not taken for a poorer one", run: capabilitiesOfTheEmpty },
  { name: "unit attentions end", run: attentions },
  { name: "a drive tells its block limits", needs: ["READ BLOCK LIMITS"], run: limits },
  { name: "a tape written in one drive is read in the other", run: travelling },
  { name: "a tape whose removal is prevented stays", run: preventing },
  { name: "a tape whose removal is prevented is not unloaded", needs: ["LOAD and UNLOAD"], run: preventingUnload },
  { name: "a drive tests itself", needs: ["SEND DIAGNOSTIC"], run: selfTest },
  {
    name: "a drive tests itself in the foreground",
    needs: ["SEND DIAGNOSTIC", "foreground self test"],
    run: foregroundSelfTest,
  },
];
