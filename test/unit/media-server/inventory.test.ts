// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { broughtBack } from "../../../lib/media-server/inventory.ts";
import type { CartridgeEntry } from "../../../lib/protocol/volume.ts";

const inLibrary: CartridgeEntry = {
  volumeTag: "TMK001L9",
  kind: "data",
  location: { kind: "library", elementAddress: 4096 },
  worm: false,
  writeProtected: true,
};

describe("a cartridge in the inventory", () => {
  it("W7 whoever had it in their hands may have moved its tab", () => {
    expect(broughtBack(inLibrary)).to.equal(inLibrary);
    expect(broughtBack({ ...inLibrary, location: { kind: "outside" } }).writeProtected).to.equal(false);
    expect(broughtBack({ ...inLibrary, location: { kind: "vault", name: "bank" } }).writeProtected).to.equal(false);
  });
});
