// SPDX-License-Identifier: Apache-2.0
/** The changer: what is where, and what comes of moving it. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import type { Bench } from "./bench.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

const unknownAddress = 60_000;

async function inventory(bench: Bench): Promise<void> {
  await bench.tidy();
  const storage = await bench.elements("storage");
  const { barcodes } = bench.description;
  expect(storage.slice(0, barcodes.length).map(({ volumeTag }) => volumeTag)).to.deep.equal(barcodes);
  expect(storage.slice(barcodes.length).filter(({ full }) => full)).to.deep.equal([]);
  const bays = await bench.elements("dataTransfer");
  expect(bays.map(({ full }) => full)).to.deep.equal([false, false]);
  const all = (await bench.changer.elements()).map(({ address }) => address);
  expect(new Set(all).size).to.equal(all.length);
}

async function driveSerials(bench: Bench): Promise<void> {
  const told = (await bench.elements("dataTransfer")).map(({ driveSerialNumber }) => driveSerialNumber);
  const serials = await Promise.all(bench.drives.map(async (drive) => (await drive.inquiry()).serialNumber));
  expect(told).to.have.members(serials);
}

async function movesIntoDrives(bench: Bench): Promise<void> {
  await bench.tidy();
  const [home, bay] = [await bench.home(1), bench.bay(1)];
  await bench.changer.move(home, bay);
  expect(await bench.elementAt(bay)).to.include({ full: true, volumeTag: bench.description.barcodes[1] });
  expect((await bench.elementAt(home)).full).to.equal(false);
  const [other, moved] = bench.drives;
  await moved.load();
  expect([(await other.attend()).ready, (await moved.attend()).ready]).to.deep.equal([false, true]);
  await moved.unload();
  await bench.changer.move(bay, home);
  expect((await moved.attend()).ready).to.equal(false);
  expect(await bench.elementAt(home)).to.include({ full: true, volumeTag: bench.description.barcodes[1] });
}

async function source(bench: Bench): Promise<void> {
  await bench.tidy();
  await bench.changer.move(await bench.home(), bench.bay());
  expect((await bench.elementAt(bench.bay())).sourceAddress).to.equal(await bench.home());
}

async function movesBetweenSlots(bench: Bench): Promise<void> {
  await bench.tidy();
  const [home, free] = [await bench.home(), await bench.emptyStorage()];
  await bench.changer.move(home, free);
  expect(await bench.elementAt(free)).to.include({ full: true, volumeTag: bench.description.barcodes[0] });
  expect((await bench.elementAt(home)).full).to.equal(false);
  await bench.changer.move(free, home);
  expect((await bench.elementAt(free)).full).to.equal(false);
}

async function exports(bench: Bench): Promise<void> {
  await bench.tidy();
  const [home, station] = [await bench.home(), (await bench.elements("importExport"))[0]?.address ?? 0];
  await bench.changer.move(home, station);
  expect(await bench.elementAt(station)).to.include({ full: true, volumeTag: bench.description.barcodes[0] });
  await bench.changer.move(station, home);
  expect((await bench.elementAt(station)).full).to.equal(false);
}

async function sourceEmpty(bench: Bench): Promise<void> {
  await bench.tidy();
  const error = await errorOf(bench.changer.move(await bench.emptyStorage(), bench.bay()));
  expect(error).to.be.instanceOf(IllegalRequestError).and.include({ asc: 0x3b, ascq: 0x0e });
}

async function destinationFull(bench: Bench): Promise<void> {
  await bench.tidy();
  const error = await errorOf(bench.changer.move(await bench.home(0), await bench.home(1)));
  expect(error).to.be.instanceOf(IllegalRequestError).and.include({ asc: 0x3b, ascq: 0x0d });
  expect((await bench.elementAt(await bench.home(0))).full).to.equal(true);
}

async function noSuchElement(bench: Bench): Promise<void> {
  await bench.tidy();
  const error = await errorOf(bench.changer.move(await bench.home(), unknownAddress));
  // Invalid element address is what SMC-3 clause 6.6 wants; tgt finds an invalid field in the CDB.
  expect(error).to.be.instanceOf(IllegalRequestError);
  expect((error as IllegalRequestError).asc).to.be.oneOf([0x21, 0x24]);
  expect((await bench.elementAt(await bench.home())).full).to.equal(true);
}

export const changerCases: readonly Case[] = [
  { name: "the inventory has every cartridge and drive, once", run: inventory },
  { name: "the elements of the drives name their drives", needs: ["serial number of every drive"], run: driveSerials },
  { name: "a cartridge goes into a drive and back", run: movesIntoDrives },
  { name: "a drive's element tells where its cartridge came from", run: source },
  { name: "a cartridge goes from one storage element to another", run: movesBetweenSlots },
  { name: "a cartridge goes out and in again", needs: ["import/export elements"], run: exports },
  { name: "a move from an empty element is refused", run: sourceEmpty },
  { name: "a move to a full element is refused", run: destinationFull },
  { name: "a move to an element that is not there is refused", run: noSuchElement },
];
