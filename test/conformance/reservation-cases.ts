// SPDX-License-Identifier: Apache-2.0
/** Persistent reservations (SPC-5 5.13), of drives and of the changer alike. */
import { expect } from "chai";
import { StatusError } from "../../lib/errors.ts";
import type { MediumChanger, TapeDrive } from "../../lib/device/index.ts";
import type { Bench } from "./bench.ts";
import { expectBlock, writeBlocks } from "./block-cases.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

const key = 0x7469_6465_6d61_726bn;
const otherKey = 0x1234n;
const reservationConflict = 0x18;

async function expectReservable(device: TapeDrive | MediumChanger, work: () => Promise<void>): Promise<void> {
  expect((await device.reservation())?.holder).to.equal(undefined);
  expect((await device.reservationKeys())?.keys).to.deep.equal([]);
  await device.reserve(key);
  try {
    expect((await device.reservation())?.holder).to.include({ key, type: "exclusiveAccess" });
    expect((await device.reservationKeys())?.keys).to.deep.equal([key]);
    const { registrations } = (await device.fullReservationStatus()) ?? { registrations: [] };
    expect(registrations.map((each) => [each.key, each.holder])).to.deep.equal([[key, true]]);
    // The holder is not kept from anything.
    await work();
  } finally {
    await device.release(key);
  }
  expect((await device.reservation())?.holder).to.equal(undefined);
  expect((await device.reservationKeys())?.keys).to.deep.equal([]);
}

async function driveReserved(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await expectReservable(drive, async () => {
    await writeBlocks(drive, 0, [1000]);
    await drive.rewind();
    await expectBlock(drive, 0, 1000);
  });
}

async function changerReserved(bench: Bench): Promise<void> {
  await bench.tidy();
  const { changer } = bench;
  await expectReservable(changer, async () => {
    const [home, free] = [await bench.home(), await bench.emptyStorage()];
    await changer.move(home, free);
    await changer.move(free, home);
  });
}

async function capabilities(bench: Bench): Promise<void> {
  const { types = [] } = (await bench.drives[0].reservationCapabilities()) ?? {};
  expect(types).to.include("exclusiveAccess");
}

async function wrongKey(bench: Bench): Promise<void> {
  const drive = await bench.loaded();
  await drive.reserve(key);
  try {
    // What comes with a key that is not registered is a conflict (SPC-5 6.17).
    expect(await errorOf(drive.release(otherKey)))
      .to.be.instanceOf(StatusError)
      .and.include({ scsiStatus: reservationConflict });
    expect((await drive.reservation())?.holder?.key).to.equal(key);
  } finally {
    await drive.release(key);
  }
}

export const reservationCases: readonly Case[] = [
  { name: "a drive can be reserved and released", needs: ["PERSISTENT RESERVE OUT"], run: driveReserved },
  { name: "a changer can be reserved and released", needs: ["changer's PERSISTENT RESERVE IN"], run: changerReserved },
  { name: "a drive tells what reservations it has", needs: ["PERSISTENT RESERVE IN"], run: capabilities },
  { name: "a reservation goes with its key alone", needs: ["PERSISTENT RESERVE OUT"], run: wrongKey },
];
