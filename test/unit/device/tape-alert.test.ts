// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import {
  tapeAlert,
  tapeAlertActions,
  tapeAlertsFromBits,
  tapeAlertsFromParameters,
} from "../../../lib/device/tape-alert.ts";

const allFlags = Array.from({ length: 64 }, (_, index) => index + 1);

describe("TapeAlert", () => {
  it("every flag up to 61 has a meaning and an advice of its own, the rest are reserved", () => {
    for (const flag of allFlags) {
      const { name, text, advice } = tapeAlert(flag);
      expect(name === "reserved", String(flag)).to.equal(flag > 61);
      expect(text, String(flag)).to.match(/^[a-z].{10,}[a-z)]$/);
      expect(advice, String(flag)).to.match(/^[a-z].{10,}/);
    }
    const texts = allFlags.map((flag) => tapeAlert(flag).text);
    expect(new Set(texts).size).to.equal(64);
    for (const flag of [0, -1, 65, 1.5]) expect(tapeAlert(flag).name).to.equal("reserved");
  });

  it("says how grave a flag is and whom it concerns", () => {
    expect(tapeAlert(20)).to.include({ name: "cleaning required", severity: "critical", scope: "drive" });
    expect(tapeAlert(9)).to.include({ severity: "critical", scope: "operator" });
    expect(tapeAlert(43)).to.include({ scope: "library" });
    expect(tapeAlert(19)).to.include({ severity: "information", scope: "volume" });
  });

  it("asks for the gravest first", () => {
    expect(tapeAlertActions([])).to.deep.equal([]);
    expect(tapeAlertActions([19, 21, 38, 4, 6, 20, 16])).to.deep.equal([
      "stopDrive",
      "stopVolume",
      "verifyPosition",
      "cleanNow",
      "cleanSoon",
      "note",
    ]);
  });

  it("flag 1 is the highest bit of the first byte of page 12h", () => {
    expect(tapeAlertsFromBits(Buffer.from("8000000000000001", "hex"))).to.deep.equal([1, 64]);
    expect(tapeAlertsFromBits(Buffer.from("0010", "hex"))).to.deep.equal([12]);
    expect(tapeAlertsFromBits(Buffer.alloc(0))).to.deep.equal([]);
    expect(tapeAlertsFromBits(Buffer.alloc(20, 0xff))).to.deep.equal(allFlags);
  });

  it("the two forms say the same", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 64 })), (flags) => {
        const bits = Buffer.alloc(8);
        for (const flag of flags) bits[(flag - 1) >> 3] = (bits[(flag - 1) >> 3] ?? 0) | (0x80 >> ((flag - 1) & 7));
        const parameters = allFlags.map((code) => ({ code, value: Buffer.from([flags.includes(code) ? 0x01 : 0xfe]) }));
        const sorted = [...flags].sort((left, right) => left - right);
        expect(tapeAlertsFromBits(bits)).to.deep.equal(sorted);
        expect(tapeAlertsFromParameters(parameters)).to.deep.equal(sorted);
      }),
    );
  });

  it("tolerates parameters that are empty, repeated or no flag", () => {
    const one = Buffer.from([1]);
    const parameters = [
      { code: 0, value: one },
      { code: 65, value: one },
      { code: 7, value: Buffer.alloc(0) },
      { code: 5, value: one },
      { code: 3, value: Buffer.from([1, 0, 0]) },
      { code: 5, value: one },
    ];
    expect(tapeAlertsFromParameters(parameters)).to.deep.equal([3, 5]);
  });
});
