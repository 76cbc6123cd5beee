// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { mapDrives, mappingText } from "../../../lib/device/drive-mapping.ts";
import type { MappedElement } from "../../../lib/device/drive-mapping.ts";

const bay = (address: number, driveSerialNumber?: string): MappedElement => ({
  address,
  type: "dataTransfer",
  ...(driveSerialNumber === undefined ? {} : { driveSerialNumber }),
});
const drive = (sgPath: string, serialNumber?: string) => ({
  sgPath,
  vendor: "IBM",
  product: "ULT3580-HH9",
  ...(serialNumber === undefined ? {} : { serialNumber }),
});

describe("mapping drives to elements", () => {
  it("goes by serial number, whatever the order", () => {
    const drives = [drive("/dev/sg1", "B"), drive("/dev/sg2", "A")];
    const mappings = mapDrives([bay(256, "A"), { address: 1, type: "storage" }, bay(257, "B  ")], drives);
    expect(mappings).to.deep.equal([
      { kind: "found", elementAddress: 256, serialNumber: "A", drive: drives[1] },
      { kind: "found", elementAddress: 257, serialNumber: "B", drive: drives[0] },
    ]);
    expect(mappings.map(mappingText)).to.deep.equal(["/dev/sg2", "/dev/sg1"]);
  });

  it("understands a whole T10 designator, and no part of a serial number", () => {
    const drives = [drive("/dev/sg1", "10WT012345")];
    const designator = `${"IBM".padEnd(8)}${"ULT3580-HH9".padEnd(16)}10WT012345`;
    expect(mapDrives([bay(1, designator)], drives)[0]).to.include({ kind: "found" });
    expect(mapDrives([bay(1, "0WT012345")], drives)[0]).to.include({ kind: "absent" });
    expect(mapDrives([bay(1, "10WT0123456")], drives)[0]).to.include({ kind: "absent" });
  });

  it("says what it does not know, and never goes by position", () => {
    const [untold, absent] = mapDrives([bay(1), bay(2, "X")], [drive("/dev/sg1"), drive("/dev/sg2", "Y")]);
    expect(untold).to.deep.equal({ kind: "untold", elementAddress: 1 });
    expect(absent).to.deep.equal({ kind: "absent", elementAddress: 2, serialNumber: "X" });
    expect(mapDrives([bay(1, " \0")], [drive("/dev/sg1")])[0]).to.include({ kind: "untold" });
    expect([untold, absent].map((mapping) => mapping && mappingText(mapping))).to.deep.equal([
      "the changer does not tell",
      "not on this machine (serial number X)",
    ]);
  });

  it("two drives or two elements with one serial number are ambiguous", () => {
    const twins = [drive("/dev/sg1", "A"), drive("/dev/sg2", "A")];
    const [first] = mapDrives([bay(1, "A")], twins);
    expect(first).to.deep.equal({
      kind: "ambiguous",
      elementAddress: 1,
      serialNumber: "A",
      drives: twins,
      elementAddresses: [1],
    });
    expect(first && mappingText(first)).to.equal("unclear: 2 drives have serial number A");
    const claims = mapDrives([bay(1, "A"), bay(2, "A")], [drive("/dev/sg1", "A")]);
    expect(claims.map(({ kind }) => kind)).to.deep.equal(["ambiguous", "ambiguous"]);
    expect(claims[1] && mappingText(claims[1])).to.equal("unclear: elements 1, 2 all name serial number A");
  });
});
