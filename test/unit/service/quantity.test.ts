// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { parseByteSize, parseDurationMs } from "../../../lib/service/quantity.ts";

describe("quantities", () => {
  it("reads sizes in binary and decimal units", () => {
    expect(parseByteSize("512 KiB")).to.equal(524288n);
    expect(parseByteSize("2GB")).to.equal(2_000_000_000n);
    expect(parseByteSize("17")).to.equal(17n);
    expect(parseByteSize("18 TB")).to.equal(18_000_000_000_000n);
  });

  it("reads times", () => {
    expect(parseDurationMs("120 s")).to.equal(120_000);
    expect(parseDurationMs("120")).to.equal(120_000);
    expect(parseDurationMs("250ms")).to.equal(250);
    expect(parseDurationMs("2 h")).to.equal(7_200_000);
    expect(parseDurationMs("1 day")).to.equal(86_400_000);
    expect(parseDurationMs("7 days")).to.equal(parseDurationMs("1 week"));
    expect(parseDurationMs("2 weeks")).to.equal(14 * 86_400_000);
  });

  it("refuses what is none", () => {
    for (const text of ["", "-1", "1.5 GiB", "KiB", "5 parsecs", "1 kib", "1 constructor"]) {
      expect(parseByteSize(text), text).to.equal(undefined);
    }
    for (const text of ["", "-1", "1 d", "soon", "1 constructor"]) {
      expect(parseDurationMs(text), text).to.equal(undefined);
    }
  });
});
