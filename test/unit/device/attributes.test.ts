// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { attributeTable } from "../../../lib/device/attribute-table.ts";
import {
  attributeId,
  attributeName,
  attributeValue,
  encodeAttribute,
  encodeVolumeCoherency,
  volumeChangeReference,
  volumeCoherency,
  writableAttributes,
} from "../../../lib/device/attributes.ts";
import type { AttributeFormat } from "../../../lib/device/attributes.ts";
import { ConfigError } from "../../../lib/errors.ts";

const read = (id: number, value: Buffer, format: AttributeFormat = "binary") =>
  attributeValue({ id, readOnly: true, format, value }).value;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("medium auxiliary memory attributes", () => {
  it("are found by name and by number", () => {
    expect(attributeId("barcode")).to.equal(0x0806);
    expect(attributeId("User-Text_label")).to.equal(0x0803);
    expect(attributeId("0806")).to.equal(0x0806);
    expect(attributeId("0x080c")).to.equal(0x080c);
    expect(attributeId("080ch")).to.equal(0x080c);
    for (const text of ["", "806", "08061", "colour"]) expect(attributeId(text)).to.equal(undefined);
    expect(attributeName(0x1234)).to.equal("attribute 1234h");
    const names = Object.values(attributeTable).map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
  });

  it("numbers have any length, and all ones are unknown", () => {
    expect(
      attributeValue({ id: 0x0000, readOnly: true, format: "binary", value: hex("00000000 00001000") }),
    ).to.deep.equal({
      id: 0,
      name: "remaining capacity of partition",
      readOnly: true,
      value: 4096n,
      unit: "MiB",
    });
    expect(read(0x0003, hex("07"))).to.equal(7n);
    expect(read(0x0003, hex("ffffffffffffffff"))).to.equal(undefined);
    expect(read(0x0003, hex(""))).to.equal(undefined);
  });

  it("texts lose their padding, and what a cartridge says cannot command a terminal", () => {
    expect(read(0x0401, Buffer.from("HU1234ABCD".padEnd(32)), "ascii")).to.equal("HU1234ABCD");
    expect(read(0x0400, Buffer.from("\0\0\0\0\0\0\0\0"), "ascii")).to.equal(undefined);
    expect(read(0x0803, Buffer.from("Grüße\0\0\0"), "text")).to.equal("Grüße");
    expect(read(0x0803, Buffer.from("\u001b[2Jx\u2028"), "text")).to.equal("?[2Jx?");
    expect(read(0x020a, Buffer.from("IBM     1013000123".padEnd(40)))).to.equal("IBM 1013000123");
    expect(read(0x4711, Buffer.from("abc "), "ascii")).to.equal("abc");
    expect(read(0x4711, Buffer.from("abc"), "binary")).to.equal("616263");
  });

  it("dates, densities, types and flags say what they mean", () => {
    expect(read(0x0406, Buffer.from("20261123"))).to.equal("2026-11-23");
    expect(read(0x0804, Buffer.from("202611230628"))).to.equal("2026-11-23 06:28");
    expect(read(0x0406, Buffer.from("unknown "))).to.equal("unknown");
    expect(read(0x0405, hex("60"))).to.equal("LTO-9 (60h)");
    expect([0x00, 0x01, 0x80, 0x44].map((type) => read(0x0408, Buffer.from([type])))).to.deep.equal([
      "data",
      "cleaning",
      "write-once (WORM)",
      "type 44h",
    ]);
    expect(read(0x0002, hex("0008000000000001"))).to.deep.equal([13, 64]);
  });

  it("usage history is fifteen counters, as far as they are there", () => {
    const medium = Buffer.alloc(90);
    medium.writeUIntBE(5, 0, 6);
    medium.writeUIntBE(77, 72, 6);
    expect(read(0x0340, medium)).to.include({ currentWritten: 5n, loads: 77n, partitionInitialisations: 0n });
    expect(read(0x0341, hex("00000001 ffffffff 00"))).to.deep.equal({ currentWritten: 1n });
    expect(read(0x0340, hex("0000"))).to.equal(undefined);
  });

  it("a volume change reference of zero or all ones is none", () => {
    expect(volumeChangeReference(hex("00000007"))).to.equal(7n);
    expect(volumeChangeReference(hex("0000000000000007"))).to.equal(7n);
    for (const none of ["", "00", "00000000", "ffffffff", "ffffffffffffffff"]) {
      expect(volumeChangeReference(hex(none))).to.equal(undefined);
    }
  });

  it("coherency information has a reference of any length, and never reads beyond itself", () => {
    const value = hex("04 00000009 0000000000000002 0000000000000003 0003 414243");
    expect(volumeCoherency(value)).to.deep.equal({
      volumeChangeReference: 9n,
      count: 2n,
      setId: 3n,
      applicationData: Buffer.from("ABC"),
    });
    for (let length = 0; length < value.length; length++) {
      expect(volumeCoherency(value.subarray(0, length)), String(length)).to.equal(undefined);
    }
    const u64 = fc.bigInt({ min: 0n, max: 0xffffffffffffffffn });
    const bytes = fc.uint8Array({ maxLength: 50 });
    fc.assert(
      fc.property(u64, u64, u64, bytes, (reference, count, setId, applicationData) => {
        const coherency = { volumeChangeReference: reference, count, setId, applicationData };
        const back = volumeCoherency(encodeVolumeCoherency(coherency).value);
        expect(back).to.deep.equal({ ...coherency, applicationData: Buffer.from(applicationData) });
      }),
    );
    const longest = { volumeChangeReference: 1n, count: 1n, setId: 1n, applicationData: Buffer.alloc(0xffff) };
    expect(() => encodeVolumeCoherency(longest)).to.throw(ConfigError, "more than");
  });

  it("host attributes are padded to their length", () => {
    expect(writableAttributes).to.have.lengthOf(13);
    expect(encodeAttribute(0x0806, "TMK001L9")).to.deep.equal({
      id: 0x0806,
      readOnly: false,
      format: "ascii",
      value: Buffer.from("TMK001L9".padEnd(32)),
    });
    const label = encodeAttribute(0x0803, "Grüße");
    expect(label.format).to.equal("text");
    expect(label.value).to.have.lengthOf(160);
    expect(Buffer.from(label.value).toString("utf8")).to.equal(`Grüße${"\0".repeat(153)}`);
    expect(encodeAttribute(0x0805, "129").value).to.deep.equal(Buffer.from([0x81]));
    expect(encodeAttribute(0x0804, "202611230628").value).to.deep.equal(Buffer.from("202611230628"));
    expect(encodeAttribute(0x0806, "").value).to.have.lengthOf(0);
  });

  it("what does not fit is refused in one sentence", () => {
    const refused: readonly (readonly [id: number, text: string, word: string])[] = [
      [0x0401, "X", "cannot be written"],
      [0x4711, "X", "cannot be written"],
      [0x080c, "X", "kept by the program"],
      [0x0806, "X".repeat(33), "32 bytes"],
      [0x0803, "ü".repeat(81), "160 bytes"],
      [0x0800, "Grüße", "ASCII"],
      [0x0807, "a\nb", "control characters"],
      [0x0804, "20261123", "YYYYMMDDHHMM"],
      [0x0804, "202613230628", "YYYYMMDDHHMM"],
      [0x0804, "202602300000", "YYYYMMDDHHMM"],
      [0x0805, "256", "0 to 255"],
      [0x080a, "-1", "0 to 255"],
    ];
    for (const [id, text, word] of refused) expect(() => encodeAttribute(id, text)).to.throw(ConfigError, word);
  });

  it("what was written is what is read", () => {
    const texts = writableAttributes.filter((id) => attributeTable[id]?.kind === "ascii");
    const text = fc.stringMatching(/^[!-~]([ -~]{0,6}[!-~])?$/);
    fc.assert(
      fc.property(fc.constantFrom(...texts), text, (id, given) => {
        expect(attributeValue(encodeAttribute(id, given)).value).to.equal(given);
      }),
    );
  });

  it("whatever a drive sends is answered", () => {
    const ids = fc.oneof(fc.constantFrom(...Object.keys(attributeTable).map(Number)), fc.nat(0xffff));
    fc.assert(
      fc.property(
        ids,
        fc.constantFrom("binary", "ascii", "text"),
        fc.uint8Array({ maxLength: 100 }),
        (id, format, value) => {
          const { name, value: shown } = attributeValue({ id, readOnly: false, format, value });
          expect(name).to.match(/^[A-Za-z]/);
          if (typeof shown === "string") expect(shown).to.match(/^[^\0-\x1f\x7f]+$/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
