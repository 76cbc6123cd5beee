// SPDX-License-Identifier: Apache-2.0
/** Log pages (SPC-5 7.3) and TapeAlert: all that is told can be named. */
import { expect } from "chai";
import { logPageName, logValues } from "../../lib/device/log-pages.ts";
import type { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";

const sequentialAccess = 0x0c;
const bytesReceived = 0x0000;

async function expectNamedPages(device: TapeDrive | MediumChanger): Promise<void> {
  const codes = (await device.logPageCodes()) ?? [];
  expect(codes).to.not.deep.equal([]);
  for (const { page, subpage } of codes) {
    // The lists of pages are no pages of parameters.
    if (page === 0 || subpage === 0xff) continue;
    expect(logPageName(page, subpage)).to.not.match(/^page /);
    const values = logValues((await device.logPage(page, subpage)) ?? { page, subpage, parameters: [] });
    expect(values, logPageName(page, subpage)).to.not.deep.equal([]);
    const unnamed = values.filter(({ name }) => name.startsWith("parameter "));
    expect(unnamed, `parameters of page ${logPageName(page, subpage)}`).to.deep.equal([]);
  }
}

async function namedPages(bench: Bench): Promise<void> {
  await expectNamedPages(await bench.loaded());
}

async function namedChangerPages(bench: Bench): Promise<void> {
  await expectNamedPages(bench.changer);
}

async function unknownPage(bench: Bench): Promise<void> {
  expect(await (await bench.loaded()).logPage(0x3e)).to.equal(undefined);
}

async function received(drive: TapeDrive): Promise<unknown> {
  const page = await drive.logPage(sequentialAccess);
  return page === undefined ? undefined : logValues(page).find(({ code }) => code === bytesReceived)?.value;
}

async function counting(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.resetLog(sequentialAccess);
  expect(await received(drive)).to.equal(0n);
  await writeBlocks(drive, 0, [1000, 500]);
  expect(await received(drive)).to.equal(1500n);
  await drive.resetLog(sequentialAccess);
  expect(await received(drive)).to.equal(0n);
  await drive.rewind();
  await expectBlock(drive, 0, 1000);
}

async function status(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.driveStatus()).to.include({ initialized: true, mediumPresent: true, mediumMounted: true });
  await bench.tidy();
  expect(await drive.driveStatus()).to.include({ initialized: true, mediumPresent: false, mediumMounted: false });
}

async function endOfDataValid(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await writeBlocks(drive, 0, [1000]);
  await drive.synchronise(1);
  // A drive may not tell; it must not say that something is wrong.
  expect(await drive.endOfDataValid()).to.not.equal(false);
}

async function alerts(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.takeTapeAlertFlags()).to.deep.equal([]);
}

async function alertResponse(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.tapeAlertFlags()).to.deep.equal([]);
}

export const logCases: readonly Case[] = [
  { name: "every log page of a drive can be named and read", needs: ["LOG SENSE"], run: namedPages },
  { name: "every log page of a changer can be named and read", needs: ["changer's LOG SENSE"], run: namedChangerPages },
  { name: "a log page that is not there is none", needs: ["LOG SENSE"], run: unknownPage },
  {
    name: "log pages count bytes, and can be reset",
    needs: ["log page 0Ch", "LOG SELECT", "values in log pages"],
    run: counting,
  },
  { name: "a drive tells how it is", needs: ["log page 11h", "values in log pages"], run: status },
  { name: "a tape that was written has a valid end of data", needs: ["log page 17h"], run: endOfDataValid },
  { name: "a drive in good health raises no alert", needs: ["log page 2Eh"], run: alerts },
  { name: "alerts can be looked at without taking them", needs: ["log page 12h"], run: alertResponse },
];
