// SPDX-License-Identifier: Apache-2.0
/** What a changer has beyond moves: exchanges, searches, inventories, doors. */
import { expect } from "chai";
import { IllegalRequestError } from "../../lib/errors.ts";
import type { Bench } from "./bench.ts";
import type { Case } from "./case.ts";
import { errorOf } from "./rejection.ts";

async function exchanging(bench: Bench): Promise<void> {
  await bench.tidy();
  const [first, second] = [await bench.home(0), await bench.home(1)];
  const swap = { source: first, firstDestination: second, secondDestination: first };
  const tags = async (): Promise<unknown> => [
    (await bench.elementAt(first)).volumeTag,
    (await bench.elementAt(second)).volumeTag,
  ];
  const [one, other] = bench.description.barcodes;
  await bench.changer.exchange(swap);
  expect(await tags()).to.deep.equal([other, one]);
  await bench.changer.exchange(swap);
  expect(await tags()).to.deep.equal([one, other]);
}

async function exchangingWithADrive(bench: Bench): Promise<void> {
  const drive = await bench.loaded(0);
  await drive.unload();
  const [free, next] = [await bench.emptyStorage(), await bench.home(1)];
  await bench.changer.exchange({ source: next, firstDestination: bench.bay(), secondDestination: free });
  const [one, other] = bench.description.barcodes;
  expect(await bench.elementAt(bench.bay())).to.include({ volumeTag: other });
  expect(await bench.elementAt(free)).to.include({ volumeTag: one });
  expect((await bench.elementAt(next)).full).to.equal(false);
}

async function positioning(bench: Bench): Promise<void> {
  await bench.changer.positionTo(await bench.home());
  await bench.changer.positionTo(bench.bay());
  expect(await errorOf(bench.changer.positionTo(60_000))).to.be.instanceOf(IllegalRequestError);
}

async function initialising(bench: Bench): Promise<void> {
  await bench.tidy();
  const before = await bench.changer.elements();
  await bench.changer.initializeElementStatus();
  await bench.changer.attend();
  expect(await bench.changer.elements()).to.deep.equal(before);
}

async function initialisingSome(bench: Bench): Promise<void> {
  await bench.tidy();
  const before = await bench.changer.elements();
  await bench.changer.initializeElementRange({ first: await bench.home(), count: 2 });
  await bench.changer.attend();
  expect(await bench.changer.elements()).to.deep.equal(before);
}

async function doors(bench: Bench): Promise<void> {
  const station = (await bench.elements("importExport"))[0]?.address ?? 0;
  await bench.changer.openImportExport(station);
  await bench.changer.closeImportExport(station);
  expect(await errorOf(bench.changer.openImportExport(await bench.home()))).to.be.instanceOf(IllegalRequestError);
}

async function lockedDoors(bench: Bench): Promise<void> {
  const station = (await bench.elements("importExport"))[0]?.address ?? 0;
  await bench.changer.preventRemoval(true);
  const error = await errorOf(bench.changer.openImportExport(station));
  await bench.changer.preventRemoval(false);
  expect(error).to.be.instanceOf(IllegalRequestError).and.include({ asc: 0x53, ascq: 0x02 });
  await bench.changer.openImportExport(station);
  await bench.changer.closeImportExport(station);
}

async function searching(bench: Bench): Promise<void> {
  await bench.tidy();
  const { barcodes } = bench.description;
  const found = async (template: string): Promise<unknown> =>
    (await bench.changer.findVolumeTag(template))?.map(({ volumeTag }) => volumeTag);
  const [first = "", second] = barcodes;
  expect(await found(first)).to.deep.equal([first]);
  expect(await found("*")).to.have.members(barcodes);
  expect(await found("???002*")).to.deep.equal([second]);
  expect(await found("NOBODY")).to.deep.equal([]);
  await bench.changer.move(await bench.home(), bench.bay());
  expect((await bench.changer.findVolumeTag(first))?.map(({ address }) => address)).to.deep.equal([bench.bay()]);
}

async function addresses(bench: Bench): Promise<void> {
  const told = await bench.changer.elementAddresses();
  for (const type of ["transport", "storage", "importExport", "dataTransfer"] as const) {
    const { first, count } = told[type];
    const expected = Array.from({ length: count }, (_, index) => first + index);
    expect(
      (await bench.elements(type)).map(({ address }) => address),
      type,
    ).to.deep.equal(expected);
  }
}

async function geometry(bench: Bench): Promise<void> {
  const { value } = await bench.changer.native.transportGeometry();
  expect(value?.length).to.equal((await bench.changer.elementAddresses()).transport.count);
}

async function abilities(bench: Bench): Promise<void> {
  const page = await bench.changer.capabilitiesPage();
  expect(page?.stores).to.include({ storage: true });
  // A library that cannot do these is none.
  expect(page?.moves.fromStorage).to.include({ dataTransfer: true });
  expect(page?.moves.fromDataTransfer).to.include({ storage: true });
}

export const robotCases: readonly Case[] = [
  { name: "two cartridges change places", needs: ["changer's EXCHANGE MEDIUM"], run: exchanging },
  {
    name: "a cartridge takes the place of one in a drive",
    needs: ["changer's EXCHANGE MEDIUM"],
    run: exchangingWithADrive,
  },
  { name: "the transport goes where it will be needed", needs: ["changer's POSITION TO ELEMENT"], run: positioning },
  {
    name: "an inventory finds what is there",
    needs: ["changer's INITIALIZE ELEMENT STATUS"],
    run: initialising,
  },
  {
    name: "an inventory of some elements finds what is there",
    needs: ["changer's INITIALIZE ELEMENT STATUS WITH RANGE"],
    run: initialisingSome,
  },
  {
    name: "the door for cartridges opens and closes",
    needs: ["import/export elements", "changer's OPEN/CLOSE IMPORT/EXPORT ELEMENT"],
    run: doors,
  },
  {
    name: "the door stays closed while removal is prevented",
    needs: [
      "import/export elements",
      "changer's OPEN/CLOSE IMPORT/EXPORT ELEMENT",
      "changer's PREVENT ALLOW MEDIUM REMOVAL",
    ],
    run: lockedDoors,
  },
  { name: "cartridges are found by their tags", needs: ["changer's SEND VOLUME TAG"], run: searching },
  { name: "elements are where mode page 1Dh says", run: addresses },
  { name: "mode page 1Eh tells of every transport", run: geometry },
  { name: "mode page 1Fh tells from where to where", run: abilities },
];
