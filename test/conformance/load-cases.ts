// SPDX-License-Identifier: Apache-2.0
/** LOAD UNLOAD in its forms (SSC-5 7.2). */
import { expect } from "chai";
import { NotReadyError } from "../../lib/errors.ts";
import type { LoadUnload } from "../../lib/native/binding.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

async function expectUnloads(bench: Bench, unload: LoadUnload, load: LoadUnload): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  await drive.loadUnload(unload);
  expect((await drive.attend()).ready).to.equal(false);
  expect(await errorOf(drive.rewind())).to.be.instanceOf(NotReadyError);
  await drive.loadUnload(load);
  expect(await drive.waitUntilReady({ pollMs: 10 })).to.equal(true);
  await drive.setVariableBlocks();
  await expectBlock(drive, 0, 1000);
}

async function unloading(bench: Bench): Promise<void> {
  await expectUnloads(bench, { load: false }, { load: true });
}

async function unloadingAtOnce(bench: Bench): Promise<void> {
  await expectUnloads(bench, { load: false, immediate: true }, { load: true, immediate: true });
}

async function retensioning(bench: Bench): Promise<void> {
  await expectUnloads(bench, { load: false, retension: true }, { load: true, retension: true });
}

async function unloadingAtTheEnd(bench: Bench): Promise<void> {
  await expectUnloads(bench, { load: false, endOfTape: true }, { load: true });
}

async function loadingTheLoaded(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000, 2000]);
  await drive.load();
  // LOAD goes to the beginning of the tape.
  await expectBlock(drive, 0, 1000);
}

async function unloadingTwice(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.unload();
  await drive.attend();
  await drive.unload();
  expect((await drive.attend()).ready).to.equal(false);
}

async function takenFromTheDrive(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.unload();
  await bench.changer.move(bench.bay(), await bench.home());
  expect((await drive.attend()).ready).to.equal(false);
  expect(await errorOf(drive.rewind()))
    .to.be.instanceOf(NotReadyError)
    .and.include({ asc: 0x3a });
}

export const loadCases: readonly Case[] = [
  { name: "a tape can be unloaded and loaded again", needs: ["LOAD and UNLOAD"], run: unloading },
  { name: "a tape can be unloaded and loaded at once", needs: ["LOAD and UNLOAD"], run: unloadingAtOnce },
  { name: "a tape can be retensioned", needs: ["LOAD and UNLOAD"], run: retensioning },
  { name: "a tape can be unloaded at its end", needs: ["LOAD and UNLOAD"], run: unloadingAtTheEnd },
  { name: "loading a loaded tape rewinds it", needs: ["LOAD and UNLOAD"], run: loadingTheLoaded },
  { name: "unloading an unloaded tape does nothing", needs: ["LOAD and UNLOAD"], run: unloadingTwice },
  { name: "a drive whose tape was taken is empty", run: takenFromTheDrive },
];
