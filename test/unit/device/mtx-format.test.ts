// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { mtxStatusText } from "../../../lib/device/mtx-format.ts";
import type { MtxElement } from "../../../lib/device/mtx-format.ts";

const arm: MtxElement = { address: 1, type: "transport", full: false };
const slot = (address: number, volumeTag?: string): MtxElement => ({
  address,
  type: "storage",
  full: volumeTag !== undefined,
  ...(volumeTag === undefined ? {} : { volumeTag }),
});
const door = (address: number, volumeTag?: string): MtxElement => ({
  ...slot(address, volumeTag),
  type: "importExport",
});
const bay = (address: number, volumeTag?: string, sourceAddress?: number): MtxElement => ({
  ...slot(address, volumeTag),
  type: "dataTransfer",
  ...(sourceAddress === undefined ? {} : { sourceAddress }),
});
const field = (text: string, fill = " "): Uint8Array => Buffer.from(text.padEnd(32, fill).padEnd(36, "\0"), "latin1");

/** Everything behind the head line, which each case would otherwise repeat. */
const lines = (elements: readonly MtxElement[]): readonly string[] =>
  mtxStatusText("/dev/sg1", elements).split("\n").slice(1, -1);

describe("mtx status", () => {
  it("counts drives from 0, slots from 1, and puts import/export elements behind the slots", () => {
    const elements = [arm, slot(1000, "TMK001L9"), slot(1001), door(10), bay(500), bay(501, "TMK002L9", 1001)];
    expect(mtxStatusText("/dev/sg1", elements)).to.equal(
      [
        "  Storage Changer /dev/sg1:2 Drives, 3 Slots ( 1 Import/Export )",
        "Data Transfer Element 0:Empty",
        "Data Transfer Element 1:Full (Storage Element 2 Loaded):VolumeTag = TMK002L9                        ",
        "      Storage Element 1:Full :VolumeTag=TMK001L9                        ",
        "      Storage Element 2:Empty",
        "      Storage Element 3 IMPORT/EXPORT:Empty",
        "",
      ].join("\n"),
    );
  });

  it("is what mtx 1.3.12 printed of a tgt library with two loaded drives", () => {
    const tagged = (element: MtxElement, text: string): MtxElement => ({ ...element, volumeTagField: field(text) });
    const full = (address: number, text: string): MtxElement => tagged(slot(address, text), text);
    const elements = [
      { ...bay(256, "", 0x1000), volumeTagField: field("TGT001L9") },
      { ...bay(257, "", 0x1001), volumeTagField: field("TGT002L9") },
      ...[0x1000, 0x1001, 0x1002].map((address) => tagged(slot(address), "")),
      full(0x1003, "TGT004L9"),
      tagged(door(16, ""), "TGT003L9"),
      tagged(door(17), ""),
    ];
    expect(mtxStatusText("/dev/sg3", elements)).to.equal(
      [
        "  Storage Changer /dev/sg3:2 Drives, 6 Slots ( 2 Import/Export )",
        "Data Transfer Element 0:Full (Storage Element 1 Loaded):VolumeTag = TGT001L9                        ",
        "Data Transfer Element 1:Full (Storage Element 2 Loaded):VolumeTag = TGT002L9                        ",
        "      Storage Element 1:Empty:VolumeTag=                                ",
        "      Storage Element 2:Empty:VolumeTag=                                ",
        "      Storage Element 3:Empty:VolumeTag=                                ",
        "      Storage Element 4:Full :VolumeTag=TGT004L9                        ",
        "      Storage Element 5 IMPORT/EXPORT:Full :VolumeTag=TGT003L9                        ",
        "      Storage Element 6 IMPORT/EXPORT:Empty:VolumeTag=                                ",
        "",
      ].join("\n"),
    );
  });

  it("prints volume tags as the changer sent them, padding included, up to the first byte that is no ASCII", () => {
    const tagged = (volumeTagField: Uint8Array, full = true): MtxElement => ({ ...slot(1), full, volumeTagField });
    expect(lines([tagged(field("A1"))])).to.deep.equal([`      Storage Element 1:Full :VolumeTag=A1${" ".repeat(30)}`]);
    expect(lines([tagged(field("A1", "\0"))])).to.deep.equal(["      Storage Element 1:Full :VolumeTag=A1"]);
    expect(lines([tagged(field(""), false)])).to.deep.equal([
      `      Storage Element 1:Empty:VolumeTag=${" ".repeat(32)}`,
    ]);
    expect(lines([{ ...slot(1), volumeTag: "" }])).to.deep.equal([
      `      Storage Element 1:Empty:VolumeTag=${" ".repeat(32)}`,
    ]);
    expect(lines([tagged(field("", "\0"))])).to.deep.equal(["      Storage Element 1:Full "]);
    expect(lines([tagged(Buffer.from("A\u007f\u0080B", "latin1"))])).to.deep.equal([
      "      Storage Element 1:Full :VolumeTag=A\u007f",
    ]);
    const both: MtxElement = { ...tagged(field("A1", "\0")), alternateVolumeTagField: field("B1", "\0") };
    expect(lines([both, { ...both, type: "dataTransfer" }])).to.deep.equal([
      "Data Transfer Element 0:Full (Unknown Storage Element Loaded):VolumeTag = A1:AlternateVolumeTag = B1",
      "      Storage Element 1:Full :VolumeTag=A1:AlternateVolumeTag=B1",
    ]);
  });

  it("guesses a source only where the changer told none that is empty, and from the first empty slot on", () => {
    const drives = [bay(100, "A", 12), bay(101, "B"), bay(102, "C", 10), bay(103, "D")];
    const slots = [slot(10, "X"), slot(11), slot(12), door(20)];
    expect(
      lines([...drives, ...slots])
        .slice(0, 4)
        .map((line) => line.replace(/:VolumeTag.*/, "")),
    ).to.deep.equal([
      "Data Transfer Element 0:Full (Storage Element 3 Loaded)",
      "Data Transfer Element 1:Full (Storage Element 2 Loaded)",
      "Data Transfer Element 2:Full (Storage Element 3 Loaded)",
      "Data Transfer Element 3:Full (Unknown Storage Element Loaded)",
    ]);
  });

  it("an import/export element can be a source that is told, and none that is guessed", () => {
    expect(lines([bay(100, "A", 20), bay(101, "B"), slot(10, "X"), door(20)]).slice(0, 2)).to.deep.equal([
      `Data Transfer Element 0:Full (Storage Element 2 Loaded):VolumeTag = ${"A".padEnd(32)}`,
      `Data Transfer Element 1:Full (Unknown Storage Element Loaded):VolumeTag = ${"B".padEnd(32)}`,
    ]);
  });

  it("leaves out slots and drives that are not built in", () => {
    const missing = { exception: { asc: 0x83, ascq: 0x02 } };
    const elements = [bay(1), { ...bay(2), exception: { asc: 0x83, ascq: 0x04 } }, { ...slot(3), ...missing }, slot(4)];
    expect(mtxStatusText("c", elements)).to.equal(
      "  Storage Changer c:1 Drives, 1 Slots ( 0 Import/Export )\n" +
        "Data Transfer Element 0:Empty\n      Storage Element 1:Empty\n",
    );
  });

  it("has one line an element, whatever the elements are", () => {
    const element: fc.Arbitrary<MtxElement> = fc.record(
      {
        address: fc.nat(20),
        type: fc.constantFrom("transport", "storage", "importExport", "dataTransfer"),
        full: fc.boolean(),
        sourceAddress: fc.nat(20),
        volumeTagField: fc.uint8Array({ maxLength: 40 }),
      },
      { requiredKeys: ["address", "type", "full"] },
    );
    fc.assert(
      fc.property(fc.array(element), (elements) => {
        const printed = lines(elements);
        expect(printed).to.have.lengthOf(elements.filter(({ type }) => type !== "transport").length);
        for (const line of printed)
          expect(line).to.match(/^(Data Transfer| {6}Storage) Element \d+( IMPORT\/EXPORT)?:/);
      }),
    );
  });
});
