// SPDX-License-Identifier: Apache-2.0
/** What drives and changers say of themselves, and how they refuse what they do not know. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import type { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

/** TEST UNIT READY, REQUEST SENSE, INQUIRY. */
const commonCodes = [0x00, 0x03, 0x12] as const;
const readCode = 0x08;
const moveMediumCode = 0xa5;
/** SPC-5 leaves it to vendors, and nobody here has one. */
const unknownVitalPage = 0xfe;

async function driveIdentity(bench: Bench): Promise<void> {
  const [first, second] = await Promise.all(bench.drives.map(async (drive) => drive.inquiry()));
  expect(first).to.include({ deviceType: 1, vendor: "TIDEMARK", qualifier: 0, removable: true });
  expect(first?.serialNumber).to.match(/^\S+$/);
  expect(second?.serialNumber).to.match(/^\S+$/).and.not.equal(first?.serialNumber);
}

async function changerIdentity(bench: Bench): Promise<void> {
  expect(await bench.changer.inquiry()).to.include({ deviceType: 8, vendor: "TIDEMARK", qualifier: 0 });
}

/** Every page that page 00h lists can be had, and is what it says. */
async function expectVitalPages(device: TapeDrive | MediumChanger): Promise<void> {
  const codes = await device.vitalPageCodes();
  expect(codes).to.include.members([0x00, 0x80, 0x83]);
  const { deviceType, serialNumber } = await device.inquiry();
  for (const code of codes) {
    const page = (await device.vitalPage(code)) ?? Buffer.alloc(0);
    expect([(page[0] ?? 0) & 0x1f, page[1]], `header of page ${code}`).to.deep.equal([deviceType, code]);
    expect(page.length, `length of page ${code}`).to.equal(4 + page.readUInt16BE(2));
    if (code === 0x80) expect(page.subarray(4).toString("latin1").trim()).to.equal(serialNumber);
  }
  expect(await device.vitalPage(unknownVitalPage)).to.equal(undefined);
}

async function vitalPages(bench: Bench): Promise<void> {
  await expectVitalPages(bench.drives[0]);
  await expectVitalPages(bench.changer);
}

async function identification(bench: Bench): Promise<void> {
  for (const device of [...bench.drives, bench.changer]) {
    const designators = await device.identification();
    expect(designators.filter(({ association }) => association === "logicalUnit")).to.not.deep.equal([]);
    expect(designators.filter(({ value }) => value.length === 0)).to.deep.equal([]);
  }
}

async function logicalUnits(bench: Bench): Promise<void> {
  for (const device of [bench.drives[0], bench.changer]) {
    const units = (await device.logicalUnits()) ?? [];
    expect(units).to.include(0n);
    expect(new Set(units).size).to.equal(units.length);
  }
}

async function supportedOperations(bench: Bench): Promise<void> {
  const codesOf = async (device: TapeDrive | MediumChanger): Promise<readonly number[]> =>
    ((await device.supportedOperations()) ?? []).map(({ operationCode }) => operationCode);
  expect(await codesOf(bench.drives[0]))
    .to.include.members([...commonCodes, readCode])
    .and.not.include(moveMediumCode);
  expect(await codesOf(bench.changer))
    .to.include.members([...commonCodes, moveMediumCode])
    .and.not.include(readCode);
}

async function timeouts(bench: Bench): Promise<void> {
  for (const device of [bench.drives[0], bench.changer]) {
    for (const { timeouts: told, cdbBytes } of (await device.supportedOperations()) ?? []) {
      expect(cdbBytes).to.be.oneOf([6, 10, 12, 16]);
      expect(told?.recommendedSeconds).to.be.at.least(told?.nominalSeconds ?? Infinity);
      expect(told?.recommendedSeconds).to.be.at.least(1);
    }
  }
}

async function requestSense(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  expect(await drive.requestSense()).to.include({ senseKey: 0, asc: 0, deferred: false });
}

async function unknownCommand(bench: Bench): Promise<void> {
  const { changer } = bench;
  // A changer has no cartridge memory of its own.
  const error = await errorOf(changer.writeAttributes([{ id: 0x0806, value: Buffer.from("X") }]));
  expect(error)
    .to.be.instanceOf(IllegalRequestError)
    .and.include({ code: "ERR_TAPE_ILLEGAL_REQUEST", senseKey: 5, asc: 0x20, ascq: 0, command: "WRITE ATTRIBUTE" });
  expect(await changer.attributes()).to.equal(undefined);
  // It has no effect on what follows.
  expect((await changer.attend()).ready).to.equal(true);
}

export const inquiryCases: readonly Case[] = [
  { name: "a drive tells what it is, and a serial number of its own", run: driveIdentity },
  { name: "a changer tells what it is", run: changerIdentity },
  { name: "every vital page that is listed can be read", run: vitalPages },
  { name: "devices are designated", run: identification },
  { name: "the target lists its logical units", needs: ["REPORT LUNS"], run: logicalUnits },
  { name: "drive and changer list their commands", run: supportedOperations },
  { name: "drive and changer recommend timeouts", needs: ["recommended timeouts"], run: timeouts },
  { name: "a drive that is well has no sense to tell", run: requestSense },
  { name: "a command that the device has not is refused as such", run: unknownCommand },
];
