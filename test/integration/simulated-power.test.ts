// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect } from "chai";

import { nativeBinding, type NativeTapeDrive } from "../../lib/native/binding.ts";

const options = {
  drives: 1,
  storageElements: 2,
  importExportElements: 0,
  barcodes: ["TMK001L9"],
  capacityBytes: 1_000_000n,
  earlyWarningBytes: 100_000n,
  bufferBytes: 65_536,
  id: "0F0F0F",
} as const;

async function openDrive(folder: string): Promise<NativeTapeDrive> {
  const drive = new (nativeBinding().TapeDrive)({ kind: "simulated", folder, unit: "drive-0" });
  await drive.testUnitReady();
  return drive;
}

describe("power of a simulated library", () => {
  const binding = nativeBinding();
  let folder: string;

  beforeEach(async () => {
    folder = join(mkdtempSync(join(tmpdir(), "tidemark-")), "library");
    binding.createSimulatedLibrary(folder, options);
    const changer = new binding.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    await changer.testUnitReady();
    await changer.moveMedium({ source: 4096, destination: 256 });
    await changer.close();
  });
  afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

  /** Two blocks are written before the cut; how many there are afterwards, and what was traced. */
  async function run(fill: number): Promise<{ survived: bigint | undefined; digest: string; operations: string[] }> {
    binding.restoreSimulatedPower(folder);
    const old = await openDrive(folder);
    const block = Buffer.alloc(1000, fill);
    await old.writeBlock(block);
    await old.writeBlock(block);
    const { commands, digest } = binding.simulatedTrace(folder);
    binding.cutSimulatedPower(folder, { survivors: 1 });
    expect(binding.isSimulatedPowerCut(folder)).to.equal(true);
    const lost = await old.testUnitReady();
    expect([lost.outcome, lost.hostStatus]).to.deep.equal(["unknown", 1]);
    binding.restoreSimulatedPower(folder);
    expect(binding.isSimulatedPowerCut(folder)).to.equal(false);
    expect((await old.testUnitReady()).outcome).to.equal("unknown");
    const drive = await openDrive(folder);
    await drive.space("endOfData", 0n);
    const position = (await drive.position()).value;
    await drive.rewind(false);
    await drive.close();
    await old.close();
    return {
      survived: position?.objectNumber,
      digest: digest.toString("hex"),
      operations: commands.map(({ unit, operation }) => `${unit} ${operation}`),
    };
  }

  it("H3: loses what it is told to lose, and traces the same for the same commands", async () => {
    const first = await run(1);
    expect(first.survived).to.equal(1n);
    expect(first.operations).to.deep.equal(["drive-0 TEST UNIT READY", "drive-0 WRITE(6)", "drive-0 WRITE(6)"]);
    expect((await run(1)).digest).to.equal(first.digest);
    expect((await run(2)).digest).not.to.equal(first.digest);
  });

  it("refuses what is no cut and no library", () => {
    expect(() => binding.cutSimulatedPower(folder, "stays" as "stay")).to.throw(TypeError, "drives");
    expect(() => binding.cutSimulatedPower(folder, { survivors: -1 })).to.throw(/survivors/);
    expect(() => binding.cutSimulatedPower(folder, { survivors: 0, endOfData: "lost" as "invalid" })).to.throw(
      /endOfData/,
    );
    expect(() => binding.restoreSimulatedPower(join(folder, "media")))
      .to.throw("there is no simulated library at")
      .with.property("code", "ENOENT");
    expect(() => binding.createSimulatedLibrary(join(folder, "other"), { ...options, id: "xyz" })).to.throw(
      "six hexadecimal digits",
    );
  });
});
