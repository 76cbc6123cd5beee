// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { FormatError } from "../../../lib/errors.ts";
import * as label from "../../../lib/format/volume-label.ts";

const facts = {
  uuid: "5f0c",
  barcode: "TM0042L9",
  pool: "weekly",
  createdAtMs: 1700000000123,
  recordSizeBytes: 524288,
};

function vol1(fields: { readonly serial: string; readonly implementation: string; readonly owner: string }): Buffer {
  const front = `VOL1${fields.serial.padEnd(6)}${" ".repeat(14)}${fields.implementation.padEnd(13)}${fields.owner.padEnd(14)}`;
  return Buffer.from(`${front.padEnd(79)}4`);
}

describe("the volume label", () => {
  it("is VOL1 as the standard lays it out", () => {
    const block = label.encodeVolumeLabel("TM0042L9");
    expect(block.length).to.equal(80);
    expect(block.toString("latin1")).to.equal(`VOL1TM0042${" ".repeat(14)}TIDEMARK     TIDEMARK${" ".repeat(34)}4`);
    expect(label.decodeVolumeLabel(block)).to.deep.equal({ kind: "ours", volumeSerial: "TM0042" });
  });

  it("tells blank, foreign and unlabelled cartridges apart", () => {
    expect(label.decodeVolumeLabel(undefined)).to.deep.equal({ kind: "blank" });
    expect(label.decodeVolumeLabel(Buffer.alloc(0))).to.deep.equal({ kind: "blank" });
    expect(label.decodeVolumeLabel(Buffer.alloc(80))).to.deep.equal({ kind: "unlabelled" });
    expect(label.decodeVolumeLabel(Buffer.from("VOL1"))).to.deep.equal({ kind: "unlabelled" });
    const foreign = (serial: string, implementation: string, owner: string): unknown =>
      label.decodeVolumeLabel(vol1({ serial, implementation, owner }));
    expect(foreign("ABC123", "LTFS", "")).to.deep.equal({ kind: "foreign", volumeSerial: "ABC123", product: "LTFS" });
    expect(foreign("ABC123", "", "ACME")).to.deep.equal({ kind: "foreign", volumeSerial: "ABC123", product: "ACME" });
    expect(foreign("A\x01", "", "")).to.deep.equal({
      kind: "foreign",
      volumeSerial: "A?",
      product: "an unnamed product",
    });
    const ebcdic = Buffer.concat([Buffer.from([0xe5, 0xd6, 0xd3, 0xf1]), Buffer.alloc(76, 0x40)]);
    expect(label.decodeVolumeLabel(ebcdic)).to.include({ kind: "foreign", product: "an EBCDIC label" });
  });

  it("refuses a barcode that cannot stand in a label", () => {
    expect(() => label.encodeVolumeLabel("tm 42")).to.throw(FormatError, "barcode");
    expect(label.encodeVolumeLabel("T1").toString("latin1", 4, 10)).to.equal("T1    ");
  });

  it("has a volume header that gives back what was put in", () => {
    const block = label.encodeVolumeHeader(facts);
    expect(block.length).to.equal(label.volumeHeaderBytes);
    expect(label.decodeVolumeHeader(block)).to.deep.equal({ ...facts, format: "1.1" });
    expect(() => label.encodeVolumeHeader({ ...facts, pool: "x".repeat(10000) })).to.throw(FormatError);
  });

  it("refuses a newer major version with a sentence, and reads a newer minor one", () => {
    const edited = (from: string, to: string): Buffer => {
      const block = label.encodeVolumeHeader(facts);
      block.write(to, block.indexOf(from), "latin1");
      return block;
    };
    expect(() => label.decodeVolumeHeader(edited('"1.1"', '"2.0"')))
      .to.throw(
        FormatError,
        "volume TM0042L9 is in tape format 2.0, this version of Tidemark reads up to 1.x: use a newer Tidemark",
      )
      .with.property("code", "ERR_TAPE_FORMAT_NEWER");
    for (const minor of ["1.0", "1.9"])
      expect(label.decodeVolumeHeader(edited('"1.1"', `"${minor}"`)).format).to.equal(minor);
    for (const [from, to] of [
      ['"1.1"', '"one'],
      ['"1.1"', '"x.0"'],
      ["524288", "524289"],
      ["524288", "     0"],
      ["2023-11", "2023-99"],
      ['"uuid"', '"uuie"'],
      ["{", "["],
      [".tidemark/volume", ".tidemark/volumf"],
    ] as const) {
      expect(() => label.decodeVolumeHeader(edited(from, to)), from).to.throw(FormatError);
    }
    expect(() => label.decodeVolumeHeader(label.encodeVolumeHeader(facts).subarray(0, 512))).to.throw(
      FormatError,
      "cut short",
    );
    expect(() => label.decodeVolumeHeader(Buffer.alloc(10240))).to.throw(FormatError, "no volume header");
  });
});
