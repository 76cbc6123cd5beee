// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { density, densityText } from "../../../lib/device/densities.ts";

describe("density codes", () => {
  it("have names", () => {
    expect(densityText(0x60)).to.equal("LTO-9 (60h)");
    expect(densityText(0x5d)).to.equal("LTO-7 M8 (5Dh)");
    expect(densityText(0x75)).to.equal("3592 E08 (TS1150), encrypted (75h)");
    expect(densityText(0x48)).to.equal("SDLT 220 or DAT 160 (48h)");
    expect(densityText(0)).to.equal("default (00h)");
    expect(densityText(0xfe)).to.equal("unknown (FEh)");
  });

  it("every code is answered, and no two names are the same", () => {
    const names = Array.from({ length: 256 }, (_, code) => densityText(code));
    expect(new Set(names).size).to.equal(256);
    const known = names.filter((_, code) => density(code) !== undefined);
    expect(known.filter((name) => name.startsWith("LTO-"))).to.have.lengthOf(11);
    // 58h is LTO-5 and not a 3592: with the offset of encryption it would be 78h.
    expect(density(0x78)).to.equal(undefined);
    expect(density(0x79)).to.include({ encrypted: true });
  });
});
