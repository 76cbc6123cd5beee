// SPDX-License-Identifier: Apache-2.0
/** A simulated drive with a past, asked for everything that it knows, and the recording of its answers. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { TapeDrive } from "../../lib/device/index.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { Installation } from "./installation.ts";
import { recordedCommands } from "./recording.ts";
import type { RecordedCommand } from "./recording.ts";

const mib = 1024n * 1024n;

/** Makes every counter move that the simulated drive has, and raises a TapeAlert flag. */
async function exercise(drive: TapeDrive): Promise<void> {
  await drive.setVariableBlocks();
  for (let index = 0; index < 30; index++) await drive.write(Buffer.alloc(100_000, index), `block ${index}`);
  await drive.synchronise(1);
  await drive.rewind();
  for (let index = 0; index < 20; index++) await drive.read(100_000);
  await drive.writeAttributes([
    { id: 0x0803, format: "text", value: Buffer.from("weekly 47".padEnd(160, "\0")) },
    { id: 0x0806, format: "ascii", value: Buffer.from("TMK001L9".padEnd(32)) },
  ]);
  await drive.unload();
  await drive.load();
  await drive.attend();
  await drive.spaceToEndOfData();
  for (let index = 0; index < 70; index++) await drive.write(Buffer.alloc(65_536, index), `block ${index}`);
  await drive.synchronise(2);
  await drive.rewind();
  for (let index = 0; index < 30; index++) await drive.read(100_000);
  await drive.preventRemoval(true);
  // Refused, and TapeAlert flag 10 says so.
  await drive.native.loadUnload({ load: false });
}

async function askEverything(drive: TapeDrive): Promise<void> {
  await drive.inquiry();
  for (const page of await drive.vitalPageCodes()) await drive.vitalPage(page);
  for (const { page } of (await drive.logPageCodes()) ?? []) if (page !== 0) await drive.logPage(page);
  await drive.attributes();
}

/** The library is in the installation, which the caller removes. */
export async function recordDrive(installation: Installation): Promise<readonly RecordedCommand[]> {
  nativeBinding().createSimulatedLibrary(installation.libraryFolder, {
    drives: 2,
    storageElements: 2,
    importExportElements: 1,
    barcodes: ["TMK001L9"],
    capacityBytes: 64n * mib,
    earlyWarningBytes: 4n * mib,
    bufferBytes: Number(mib),
  });
  const config = 'stateFolder = "state"\n[library]\nkind = "simulated"\nfolder = "library"\n';
  writeFileSync(installation.configPath, config);
  await installation.withCartridge("TMK001L9", () => Promise.resolve());
  const tracePath = join(installation.folder, "recording.jsonl");
  const address = { kind: "simulated", folder: installation.libraryFolder, unit: "drive-0" } as const;
  const drive = TapeDrive.open(address, { tracePath, traceData: true });
  try {
    await drive.attend();
    await exercise(drive);
    await askEverything(drive);
  } finally {
    await drive.close();
  }
  return recordedCommands(tracePath);
}
