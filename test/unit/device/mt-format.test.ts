// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { mtStatus, mtStatusBits, mtStatusText } from "../../../lib/device/mt-format.ts";
import type { DriveFacts } from "../../../lib/device/mt-format.ts";

const atBeginning = { known: true, partition: 0, objectNumber: 0n, fileNumber: 0n, endOfPartition: false };
const text = (facts: DriveFacts): string => mtStatusText(mtStatus(facts));

describe("mt status", () => {
  it("at the beginning of a tape", () => {
    expect(text({ medium: "ready", position: atBeginning, densityCode: 0x5a })).to.equal(
      [
        "SCSI 2 tape drive:",
        "File number=0, block number=0, partition=0.",
        "Tape block size 0 bytes. Density code 0x5a (LTO-6).",
        "Soft error count since last status=0",
        "General status bits on (41010000):",
        " BOT ONLINE IM_REP_EN",
        "",
      ].join("\n"),
    );
  });

  it("of an empty drive", () => {
    expect(text({ medium: "none", position: atBeginning, densityCode: 0 })).to.equal(
      [
        "SCSI 2 tape drive:",
        "File number=-1, block number=-1, partition=0.",
        "Tape block size 0 bytes. Density code 0x0 (default).",
        "Soft error count since last status=0",
        "General status bits on (50000):",
        " DR_OPEN IM_REP_EN",
        "",
      ].join("\n"),
    );
  });

  it("behind a filemark, as the kernel's driver counts", () => {
    const position = { known: true, partition: 0, objectNumber: 3n, fileNumber: 1n, endOfPartition: false };
    expect(text({ medium: "ready", position: { ...position, blockNumber: 0n } })).to.equal(
      [
        "SCSI 2 tape drive:",
        "File number=1, block number=0, partition=0.",
        "Tape block size 0 bytes. Density code 0x0 (default).",
        "Soft error count since last status=0",
        "General status bits on (81010000):",
        " EOF ONLINE IM_REP_EN",
        "",
      ].join("\n"),
    );
    expect(text({ medium: "ready", position })).to.include("block number=-1");
  });

  it("in the middle, protected, with fixed blocks and a partition", () => {
    const position = { known: true, partition: 1, objectNumber: 77n, fileNumber: 3n, endOfPartition: true };
    const printed = text({
      medium: "ready",
      position,
      writeProtected: true,
      cleaningRequested: true,
      blockBytes: 65536,
      densityCode: 0x60,
    });
    expect(printed).to.include("File number=3, block number=-1, partition=1.\n");
    expect(printed).to.include("Tape block size 65536 bytes. Density code 0x60 (no translation).\n");
    expect(printed).to.include("General status bits on (25018000):\n EOT WR_PROT ONLINE IM_REP_EN CLN\n");
  });

  it("claims no position that the drive does not know, and nothing of a medium that is not ready", () => {
    const unknown = { ...atBeginning, known: false };
    expect(text({ medium: "ready", position: unknown })).to.match(/^File number=-1, block number=-1, partition=0\.$/m);
    expect(text({ medium: "ready", position: unknown })).to.include("(1010000):\n ONLINE IM_REP_EN\n");
    expect(text({ medium: "notReady", position: atBeginning, writeProtected: true })).to.include(
      "(10000):\n IM_REP_EN\n",
    );
    expect(text({ medium: "ready", position: { ...atBeginning, objectNumber: 9n }, atEndOfData: true })).to.include(
      " EOD ONLINE",
    );
  });

  it("the highest bit is no sign, and reel densities have bits of their own", () => {
    expect(mtStatusBits(["EOF", "ONLINE"]).toString(16)).to.equal("81000000");
    const bits = (densityCode: number): string => text({ medium: "ready", densityCode }).split("\n").at(-2) ?? "";
    expect([1, 2, 3].map(bits)).to.deep.equal([
      " ONLINE D_800 IM_REP_EN",
      " ONLINE D_1600 IM_REP_EN",
      " ONLINE D_6250 IM_REP_EN",
    ]);
  });
});
