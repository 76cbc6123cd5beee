// SPDX-License-Identifier: Apache-2.0
/** One simulated drive with a cartridge in it, reached through the addon, and a look at the cartridge's medium. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeResult, NativeTapeDrive } from "../../lib/native/binding.ts";

const barcode = "TIDE01L9";

export class SimulatedTape {
  readonly folder: string;
  readonly drive: NativeTapeDrive;

  private constructor(folder: string, drive: NativeTapeDrive) {
    this.folder = folder;
    this.drive = drive;
  }

  static async create(capacityBytes = 256n << 20n, earlyWarningBytes = 1n << 20n): Promise<SimulatedTape> {
    const native = nativeBinding();
    const folder = mkdtempSync(join(tmpdir(), "tidemark-tape-"));
    const library = join(folder, "library");
    native.createSimulatedLibrary(library, {
      drives: 1,
      storageElements: 1,
      importExportElements: 0,
      barcodes: [barcode],
      capacityBytes,
      earlyWarningBytes,
      bufferBytes: 1 << 20,
    });
    const changer = new native.MediumChanger({ kind: "simulated", folder: library, unit: "changer" });
    await changer.testUnitReady();
    const { value: elements = [] } = await changer.elements();
    const slot = elements.find(({ type }) => type === "storage");
    const bay = elements.find(({ type }) => type === "dataTransfer");
    if (slot === undefined || bay === undefined) throw new Error("the simulated library has no slot or no drive");
    expectGood(await changer.moveMedium({ source: slot.address, destination: bay.address }));
    await changer.close();
    const drive = new native.TapeDrive({ kind: "simulated", folder: library, unit: "drive-0" });
    const tape = new SimulatedTape(folder, drive);
    await tape.collectAttentions();
    expectGood(await drive.loadUnload({ load: true }));
    await tape.collectAttentions();
    expectGood(await drive.setBlockBytes(0));
    return tape;
  }

  /** All bytes on the medium once the drive's buffer has been written out. */
  async medium(): Promise<Buffer> {
    expect((await this.drive.writeFilemarks(0, false)).kind).to.equal("written");
    return this.mediumNow();
  }

  /** What has reached the medium by itself. */
  mediumNow(): Buffer {
    return readFileSync(this.mediumPath);
  }

  get mediumPath(): string {
    return join(this.folder, "library", "media", `${barcode}.tape`);
  }

  async writeRecords(stream: Buffer, recordSizeBytes: number): Promise<void> {
    for (let offset = 0; offset < stream.length; offset += recordSizeBytes) {
      const { kind } = await this.drive.writeBlock(stream.subarray(offset, offset + recordSizeBytes));
      expect(kind).to.equal("written");
    }
  }

  async remove(): Promise<void> {
    await this.drive.close();
    rmSync(this.folder, { recursive: true });
  }

  /** Power on before the load, medium changed behind it. */
  private async collectAttentions(): Promise<void> {
    for (let count = 0; count < 3; count++) await this.drive.testUnitReady();
  }
}

export function expectGood(result: NativeResult): void {
  expect(result.outcome, result.detail).to.equal("completed");
  expect(result.scsiStatus, `${result.command}: ${JSON.stringify(result.sense?.raw)}`).to.equal(0);
}
