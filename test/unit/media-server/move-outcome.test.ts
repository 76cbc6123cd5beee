// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { moveOutcome } from "../../../lib/media-server/move-outcome.ts";
import type { Element } from "../../../lib/native/binding.ts";
import type { MoveEntry } from "../../../lib/protocol/library-state.ts";
import { changerElement } from "./changer-elements.ts";

const types = { 1: "transport", 256: "dataTransfer", 4096: "storage", 4097: "storage", 4098: "storage" } as const;

/** Elements with these cartridges; the empty text is one whose barcode cannot be read. */
function elements(cartridges: Readonly<Record<number, string>>): readonly Element[] {
  return Object.entries(types).map(([text, type]) => {
    const address = Number(text);
    const volumeTag = cartridges[address];
    return changerElement(address, type, volumeTag === undefined ? {} : { volumeTag });
  });
}

describe("what became of a move", () => {
  const move: MoveEntry = { id: "1", volumeTag: "A", fromAddress: 4096, toAddress: 256, startedAtMs: 0 };

  it("is told by the barcode", () => {
    expect(moveOutcome(move, elements({ 4096: "A" }))).to.equal("untouched");
    expect(moveOutcome(move, elements({ 256: "A" }))).to.equal("done");
    expect(moveOutcome(move, elements({ 1: "A" }))).to.equal("underWay");
    expect(moveOutcome(move, elements({ 4098: "A" }))).to.equal("elsewhere");
    expect(moveOutcome(move, elements({ 4098: "B" }))).to.equal("lost");
  });

  it("C7: is told by the element where the barcode cannot be read any more", () => {
    expect(moveOutcome(move, elements({ 4096: "" }))).to.equal("untouched");
    expect(moveOutcome(move, elements({ 256: "" }))).to.equal("done");
    expect(moveOutcome(move, elements({ 1: "" }))).to.equal("underWay");
    expect(moveOutcome(move, elements({ 256: "B" })), "another one stands there").to.equal("lost");
  });

  it("C7: of a cartridge without a barcode is told by which element is full", () => {
    const { volumeTag: _, ...untold } = move;
    expect(moveOutcome(untold, elements({ 4096: "" }))).to.equal("untouched");
    expect(moveOutcome(untold, elements({ 256: "", 4096: "" })), "the drive was full").to.equal("untouched");
    expect(moveOutcome(untold, elements({ 256: "" }))).to.equal("done");
    expect(moveOutcome(untold, elements({ 1: "" }))).to.equal("underWay");
    expect(moveOutcome(untold, elements({}))).to.equal("lost");
  });

  it("out of the robot's hand is not begun while the cartridge is in it", () => {
    const home: MoveEntry = { ...move, fromAddress: 1, toAddress: 4096 };
    expect(moveOutcome(home, elements({ 1: "A" }))).to.equal("untouched");
    expect(moveOutcome(home, elements({ 4096: "A" }))).to.equal("done");
  });

  it("of an exchange is done when both cartridges have come", () => {
    const exchange: MoveEntry = { ...move, secondAddress: 4097, secondVolumeTag: "B" };
    expect(moveOutcome(exchange, elements({ 4096: "A", 256: "B" }))).to.equal("untouched");
    expect(moveOutcome(exchange, elements({ 256: "A", 4097: "B" }))).to.equal("done");
    expect(moveOutcome(exchange, elements({ 4096: "A", 1: "B" }))).to.equal("underWay");
    expect(moveOutcome(exchange, elements({ 1: "A", 4097: "B" }))).to.equal("underWay");
    expect(moveOutcome(exchange, elements({ 4096: "A", 4097: "B" })), "the drive is empty").to.equal("elsewhere");
    expect(moveOutcome(exchange, elements({ 4096: "A" }))).to.equal("lost");
  });
});
