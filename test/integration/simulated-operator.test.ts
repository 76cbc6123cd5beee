// SPDX-License-Identifier: Apache-2.0
/** Cartridges that a person moves while the library is in use, and a library that has no robot. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeMediumChanger, NativeResult, NativeTapeDrive } from "../../lib/native/binding.ts";
import {
  insertIntoDrive,
  insertIntoMailSlot,
  insertIntoSlot,
  takeFromMailSlot,
  takeFromSlot,
} from "./simulated-operator.ts";
import { expectGood } from "./simulated-tape.ts";

const native = nativeBinding();

function senseOf(result: NativeResult): string {
  const { sense } = result;
  if (sense === undefined) return result.scsiStatus === 0 ? "good" : "none";
  return [sense.senseKey, sense.asc, sense.ascq].map((each) => each.toString(16)).join("/");
}

async function refused(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "done",
    (error: unknown) => String(error),
  );
}

describe("operator of a simulated library", () => {
  let folder: string;
  const opened: (NativeTapeDrive | NativeMediumChanger)[] = [];

  function make(options: { readonly feed?: "sequential"; readonly wrap?: boolean; readonly slots?: number }): void {
    const { slots = 2, ...feed } = options;
    native.createSimulatedLibrary(folder, {
      drives: 1,
      storageElements: slots,
      importExportElements: 1,
      barcodes: slots === 0 ? [] : ["LTO001L9", "LTO002L9"],
      shelfBarcodes: ["LTO003L9", "LTO004L9", "CLN001L9"],
      capacities: { LTO003L9: 1n << 21n },
      capacityBytes: 64n << 20n,
      earlyWarningBytes: 1n << 20n,
      bufferBytes: 1 << 20,
      ...feed,
    });
  }

  function openDrive(): NativeTapeDrive {
    const drive = new native.TapeDrive({ kind: "simulated", folder, unit: "drive-0" });
    opened.push(drive);
    return drive;
  }

  const ready = async (device: NativeTapeDrive | NativeMediumChanger): Promise<string> =>
    senseOf(await device.testUnitReady());

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-operator-"));
  });

  afterEach(async () => {
    for (const device of opened.splice(0)) await device.close();
    rmSync(folder, { recursive: true });
  });

  it("changes the cartridge of a drive that a process has open", async () => {
    make({ slots: 0 });
    const drive = openDrive();
    expect(await ready(drive)).to.equal("6/29/0");
    expect(await ready(drive)).to.equal("2/3a/0");
    expect(await insertIntoDrive(folder, 0, "LTO003L9")).to.equal(undefined);
    expect(await ready(drive)).to.equal("6/28/0");
    expect(await ready(drive)).to.equal("good");
    expect((await drive.writeBlock(Buffer.from("three"))).kind).to.equal("written");
    expect(await refused(insertIntoDrive(folder, 0, "LTO004L9"))).to.equal(
      "Error: drive 0 has LTO003L9 loaded: unload it first",
    );
    expectGood(await drive.loadUnload({ load: false }));
    expect(await ready(drive)).to.equal("2/4/2");
    expect(await insertIntoDrive(folder, 0, "LTO004L9")).to.equal("LTO003L9");
    expect(await ready(drive)).to.equal("6/28/0");
    expect((await drive.readBlock(100)).kind).to.equal("endOfData");
    expectGood(await drive.loadUnload({ load: false }));
    expect(await insertIntoDrive(folder, 0, undefined)).to.equal("LTO004L9");
    expect(await ready(drive)).to.equal("2/3a/0");
    expect(await insertIntoDrive(folder, 0, "CLN001L9")).to.equal(undefined);
    expect(await ready(drive)).to.equal("2/30/3");
    expect(await insertIntoDrive(folder, 0, "LTO003L9")).to.equal("CLN001L9");
    expect(await ready(drive)).to.equal("6/28/0");
    const read = await drive.readBlock(100);
    expect(read.kind === "block" && read.data.toString()).to.equal("three");
  });

  it("uses the mail slot and the slots, and the changer tells the one", async () => {
    make({});
    const changer = new native.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    opened.push(changer);
    expect(await ready(changer)).to.equal("6/29/0");
    await insertIntoMailSlot(folder, 0, "LTO003L9");
    expect(await ready(changer)).to.equal("6/28/1");
    const mail = (await changer.elements()).value?.find(({ type }) => type === "importExport");
    expect(mail).to.include({ full: true, volumeTag: "LTO003L9" });
    expect(await takeFromSlot(folder, 0)).to.equal("LTO001L9");
    expectGood(await changer.moveMedium({ source: mail?.address ?? 0, destination: 4096 }));
    expect(await takeFromMailSlot(folder, 0)).to.equal(undefined);
    expectGood(await changer.moveMedium({ source: 4097, destination: mail?.address ?? 0 }));
    expect(await takeFromMailSlot(folder, 0)).to.equal("LTO002L9");
    await insertIntoSlot(folder, 1, "LTO002L9");
    expect(await refused(insertIntoSlot(folder, 1, "LTO001L9"))).to.equal("Error: element 4097 holds LTO002L9 already");
    expect(await refused(insertIntoMailSlot(folder, 0, "LTO002L9"))).to.equal(
      "Error: cartridge LTO002L9 is at element 4097, not on the shelf",
    );
    expect(await refused(insertIntoMailSlot(folder, 0, "LTO009L9"))).to.equal("Error: there is no cartridge LTO009L9");
  });

  it("C12: fills the magazine of an autoloader in sequential mode", async () => {
    make({ feed: "sequential" });
    const drive = openDrive();
    expect(await ready(drive)).to.equal("6/29/0");
    expect(await ready(drive)).to.equal("good");
    expect((await drive.writeBlock(Buffer.from("one"))).kind).to.equal("written");
    expectGood(await drive.loadUnload({ load: false }));
    expect(await ready(drive)).to.equal("6/28/0");
    expect((await drive.readBlock(100)).kind).to.equal("endOfData");
    expectGood(await drive.loadUnload({ load: false }));
    expect(await ready(drive)).to.equal("2/3a/0");
    expect(await takeFromSlot(folder, 0)).to.equal("LTO001L9");
    await insertIntoSlot(folder, 0, "LTO003L9");
    expectGood(await drive.loadUnload({ load: true }));
    expect(await ready(drive)).to.equal("6/28/0");
    expect((await drive.readBlock(100)).kind).to.equal("endOfData");
    const changer = new native.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    opened.push(changer);
    expect((await changer.testUnitReady()).detail).to.equal(
      `the simulated library at ${folder} feeds its drive by itself and has no changer`,
    );
  });

  it("goes round where it may", async () => {
    make({ feed: "sequential", wrap: true });
    const drive = openDrive();
    expect(await ready(drive)).to.equal("6/29/0");
    expect((await drive.writeBlock(Buffer.from("one"))).kind).to.equal("written");
    for (let count = 0; count < 2; count++) {
      expectGood(await drive.loadUnload({ load: false }));
      expect(await ready(drive)).to.equal("6/28/0");
    }
    const read = await drive.readBlock(100);
    expect(read.kind === "block" && read.data.toString()).to.equal("one");
  });
});
