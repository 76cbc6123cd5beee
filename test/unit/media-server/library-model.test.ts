// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { LibraryModel } from "../../../lib/media-server/library-model.ts";
import { changerElement } from "./changer-elements.ts";

const addresses = (elements: readonly { readonly address: number }[]): readonly number[] =>
  elements.map(({ address }) => address);

describe("the model of a library", () => {
  const drive = changerElement(256, "dataTransfer", { volumeTag: "B", accessible: false, sourceAddress: 4097 });
  const full = changerElement(4096, "storage", { volumeTag: "A" });

  it("takes a slot that nothing came from before one that awaits its cartridge", () => {
    const model = new LibraryModel([drive, full, changerElement(4097, "storage"), changerElement(4098, "storage")]);
    expect(addresses(model.freeSlots())).to.deep.equal([4098, 4097]);
    expect(model.home(drive)?.address).to.equal(4097);
    expect(model.home({})?.address).to.equal(4098);
  });

  it("passes over slots that the robot cannot reach, and those with an exception", () => {
    const model = new LibraryModel([
      full,
      changerElement(4097, "storage", { accessible: false }),
      changerElement(4098, "storage", { exception: { asc: 0x83, ascq: 0x02 } }),
    ]);
    expect(model.freeSlots()).to.deep.equal([]);
  });

  it("C10: believes no changer that says of a whole type that its robot cannot reach it", () => {
    const model = new LibraryModel([
      { ...full, accessible: false },
      changerElement(4097, "storage", { accessible: false }),
      drive,
      changerElement(257, "dataTransfer"),
    ]);
    expect(addresses(model.freeSlots())).to.deep.equal([4097]);
    expect(model.at(4096)?.accessible).to.equal(true);
    expect(model.at(256)?.accessible, "of drives it tells").to.equal(false);
  });

  it("follows moves and exchanges", () => {
    const model = new LibraryModel([full, changerElement(4097, "storage"), drive]);
    model.exchanged(4096, 256, 4096);
    expect(addresses(model.withTag("A"))).to.deep.equal([256]);
    expect(addresses(model.withTag("B"))).to.deep.equal([4096]);
    expect(model.at(256)?.sourceAddress).to.equal(4096);
    model.moved(256, 4097);
    expect(addresses(model.withTag("A"))).to.deep.equal([4097]);
    expect(model.at(256)).to.include({ full: false, accessible: true });
    expect(model.at(4097)).to.not.have.property("sourceAddress");
    expect(model.freeSlots()).to.deep.equal([]);
  });
});
