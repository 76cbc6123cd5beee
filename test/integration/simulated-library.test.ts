// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type {
  Element,
  NativeMediumChanger,
  NativeResult,
  NativeTapeDrive,
  SimulatedLibraryOptions,
} from "../../lib/native/binding.ts";
import type { DriveUse } from "./drive-user.ts";
import { expectGood } from "./simulated-tape.ts";

const native = nativeBinding();
const userScript = join(dirname(fileURLToPath(import.meta.url)), "drive-user.ts");

const options: SimulatedLibraryOptions = {
  drives: 2,
  storageElements: 4,
  importExportElements: 2,
  barcodes: ["LTO001L9", "LTO002L9"],
  capacityBytes: 64n << 20n,
  earlyWarningBytes: 1n << 20n,
  bufferBytes: 1 << 20,
};

function senseOf(result: NativeResult): string {
  const { sense } = result;
  return sense === undefined
    ? "none"
    : [sense.senseKey, sense.asc, sense.ascq].map((each) => each.toString(16)).join("/");
}

describe("simulated library", () => {
  let folder: string;
  let changer: NativeMediumChanger;
  const opened: (NativeTapeDrive | NativeMediumChanger)[] = [];
  const children: ChildProcess[] = [];

  function openDrive(unit = "drive-0"): NativeTapeDrive {
    const drive = new native.TapeDrive({ kind: "simulated", folder, unit });
    opened.push(drive);
    return drive;
  }

  async function elements(): Promise<readonly Element[]> {
    const answer = await changer.elements();
    expectGood(answer.result);
    return answer.value ?? [];
  }

  /** Moves the first cartridges into the drives. */
  async function loadDrives(count: number): Promise<void> {
    const all = await elements();
    const slots = all.filter(({ type }) => type === "storage");
    const drives = all.filter(({ type }) => type === "dataTransfer");
    for (let index = 0; index < count; index++) {
      const [slot, drive] = [slots[index], drives[index]];
      if (slot === undefined || drive === undefined) throw new Error("the library is smaller than the test");
      expectGood(await changer.moveMedium({ source: slot.address, destination: drive.address }));
    }
  }

  async function readyDrive(unit = "drive-0"): Promise<NativeTapeDrive> {
    const drive = openDrive(unit);
    expect(senseOf(await drive.testUnitReady())).to.equal("6/29/0");
    expectGood(await drive.testUnitReady());
    return drive;
  }

  /** A process that uses a drive, once it has said that it does. */
  async function startProcess(what: DriveUse): Promise<ChildProcess> {
    const child = spawn(process.execPath, [userScript, folder, "drive-0", what], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    children.push(child);
    if (child.stdout !== null) await once(child.stdout, "data");
    return child;
  }

  async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
    const exited = once(child, "exit");
    child.kill(signal);
    await exited;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-library-"));
    native.createSimulatedLibrary(folder, options);
    changer = new native.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    opened.push(changer);
    expect(senseOf(await changer.testUnitReady())).to.equal("6/29/0");
  });

  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode === null && child.signalCode === null) await end(child, "SIGKILL");
    }
    for (const device of opened.splice(0)) await device.close();
    rmSync(folder, { recursive: true });
  });

  it("tells its elements, and a drive's serial number twice alike", async () => {
    const all = await elements();
    expect(all.map(({ type }) => type).filter((type) => type === "storage")).to.have.lengthOf(4);
    expect(all.filter(({ full }) => full).map(({ volumeTag }) => volumeTag)).to.deep.equal(["LTO001L9", "LTO002L9"]);
    const serials = all.filter(({ type }) => type === "dataTransfer").map(({ driveSerialNumber }) => driveSerialNumber);
    const inquiry = (await openDrive("drive-1").inquiry()).value;
    expect(inquiry).to.include({ deviceType: 1, vendor: "TIDEMARK", serialNumber: serials[1] });
    expect(serials[0]).to.not.equal(serials[1]);
  });

  it("refuses to be made a second time", () => {
    expect(() => native.createSimulatedLibrary(folder, options))
      .to.throw(`there is a simulated library at ${folder} already`)
      .with.property("code", "EEXIST");
  });

  it("writes blocks and filemarks, and reads them back", async () => {
    await loadDrives(1);
    const drive = await readyDrive();
    expect(await drive.writeBlock(Buffer.from("VOL1"))).to.include({
      kind: "written",
      accepted: 4,
      earlyWarning: false,
    });
    expect(await drive.writeBlock(Buffer.alloc(65536, "x"))).to.include({ kind: "written", accepted: 65536 });
    expect((await drive.position()).value).to.include({ known: true, objectNumber: 2n, bytesInBuffer: 65540n });
    expect(await drive.writeFilemarks(1, false)).to.include({ kind: "written", accepted: 1 });
    expect((await drive.position()).value).to.include({
      objectNumber: 3n,
      bytesInBuffer: 0n,
      beginningOfPartition: false,
    });

    expectGood(await drive.rewind(false));
    const label = await drive.readBlock(65536);
    expect(label.kind === "block" && label.data.toString()).to.equal("VOL1");
    expect(await drive.readBlock(100)).to.include({ kind: "tooLong", blockBytes: 65536 });
    expect(await drive.readBlock(100)).to.include({ kind: "filemark" });
    expect(await drive.readBlock(100)).to.include({ kind: "endOfData" });

    expectGood(await drive.locate({ number: 1n }));
    const scan = await drive.digestBlocks(10, 65536);
    expect(scan.stoppedAt).to.equal("filemark");
    expect(scan.digests.readBigUInt64BE()).to.equal(native.xxh3_64(Buffer.alloc(65536, "x")));
    const medium = readFileSync(join(folder, "media/LTO001L9.tape"));
    expect(medium.toString("latin1", 0, 4)).to.equal("VOL1");
    expect(medium).to.have.lengthOf(65540);
  });

  it("tells where the medium comes from and what it is", async () => {
    await loadDrives(1);
    const drive = await readyDrive();
    expect((await drive.readBlockLimits()).value).to.include({ maximumBytes: 8388608, minimumBytes: 1 });
    expect((await drive.modeStatus()).value).to.include({
      writeProtected: false,
      bufferedMode: 1,
      blockBytes: 0,
      worm: false,
    });
    expect((await drive.endOfDataValid()).value).to.equal(true);
    expect((await drive.tapeAlerts()).value).to.deep.equal([]);
    expect((await drive.readAttribute(0x0401)).value?.toString().trim()).to.match(/^TM[0-9A-F]{6}000000$/);
    const bay = (await elements()).find(({ type, full }) => type === "dataTransfer" && full);
    expect(bay).to.include({ volumeTag: "LTO001L9", sourceAddress: 4096, accessible: false });
  });

  it("is found again by another process, with everything that reached the medium", async () => {
    await loadDrives(1);
    const child = await startProcess("write");
    if (child.exitCode === null) await once(child, "exit");
    const drive = await readyDrive();
    expectGood(await drive.space("endOfData", 0n));
    expect((await drive.position()).value).to.include({ objectNumber: 100n });
  });

  it("loses what was in the drive's buffer with the process, and nothing else", async () => {
    await loadDrives(1);
    const child = await startProcess("hold");
    const drive = openDrive();
    const refused = await drive.testUnitReady();
    expect(refused).to.include({ outcome: "notSent" });
    expect(refused.detail).to.equal(
      `drive 0 of the simulated library at ${folder} is in use by process ${String(child.pid)}`,
    );
    expect((await elements()).filter(({ full }) => full)).to.have.lengthOf(2);
    await end(child, "SIGKILL");
    expect(senseOf(await drive.testUnitReady())).to.equal("6/29/0");
    expectGood(await drive.space("endOfData", 0n));
    expect((await drive.position()).value).to.include({ objectNumber: 2n });
  });

  it("keeps a consistent medium when a process is killed while it writes", async () => {
    await loadDrives(1);
    await end(await startProcess("flood"), "SIGKILL");
    const drive = await readyDrive();
    const scan = await drive.digestBlocks(1e6, 65536);
    expect(scan.stoppedAt).to.equal("endOfData");
    const expected = native.xxh3_64(Buffer.alloc(65536, "0"));
    for (let at = 0; at < scan.digests.length; at += 8) expect(scan.digests.readBigUInt64BE(at)).to.equal(expected);
  });

  it("goes on behind a torn tail", async () => {
    await loadDrives(1);
    const child = await startProcess("write");
    if (child.exitCode === null) await once(child, "exit");
    writeFileSync(join(folder, "media/LTO001L9.tape"), Buffer.alloc(1000), { flag: "a" });
    writeFileSync(join(folder, "media/LTO001L9.objects"), Buffer.alloc(3), { flag: "a" });
    const drive = await readyDrive();
    expectGood(await drive.space("endOfData", 0n));
    expect((await drive.writeBlock(Buffer.from("behind"))).kind).to.equal("written");
    expectGood(await drive.rewind(false));
    expectGood(await drive.locate({ number: 100n }));
    const block = await drive.readBlock(100);
    expect(block.kind === "block" && block.data.toString()).to.equal("behind");
  });

  it("serves two worker threads at once", async () => {
    await loadDrives(2);
    const workers = ["drive-0", "drive-1"].map(
      (unit) => new Worker(userScript, { workerData: [folder, unit, "write"] }),
    );
    await Promise.all(workers.map((worker) => once(worker, "exit")));
    for (const unit of ["drive-0", "drive-1"]) {
      const scan = await (await readyDrive(unit)).digestBlocks(1000, 65536);
      expect(scan.digests).to.have.lengthOf(800);
      expect(scan.digests.readBigUInt64BE()).to.equal(native.xxh3_64(Buffer.alloc(65536, unit.at(-1))));
    }
  });

  it("survives a worker that ends with a command in flight", async () => {
    await loadDrives(1);
    // It is terminated wherever it happens to be: in a command, in its answer, between two of them.
    for (let round = 0; round < 10; round++) {
      const worker = new Worker(userScript, { workerData: [folder, "drive-0", "flood"] });
      await once(worker, "message");
      await worker.terminate();
    }
    const drive = await readyDrive();
    expect((await drive.digestBlocks(1e6, 65536)).stoppedAt).to.equal("endOfData");
  });

  it("lets a process exit with a command in flight", async () => {
    await loadDrives(1);
    const script = `import { nativeBinding } from ${JSON.stringify(join(dirname(userScript), "../../lib/native/binding.ts"))};
      const drive = new (nativeBinding().TapeDrive)({ kind: "simulated", folder: ${JSON.stringify(folder)}, unit: "drive-0" });
      for (let i = 0; i < 100; i++) void drive.writeBlock(Buffer.alloc(1 << 20));
      process.exit(7);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
    const [status, signal] = (await once(child, "exit")) as [number | null, string | null];
    expect([status, signal]).to.deep.equal([7, null]);
  });

  it("rejects wrong arguments and a closed device, and nothing else", async () => {
    const drive = openDrive();
    const wrong = async (call: () => Promise<unknown>): Promise<string> =>
      call().then(
        () => "resolved",
        (error: unknown) => String(error),
      );
    expect(await wrong(async () => drive.locate({ number: -1n }))).to.equal(
      "TypeError: TapeDrive.locate: expected target.number to be a bigint of 0 or more, below 2n ** 64n",
    );
    expect(await wrong(async () => drive.readBlock(0))).to.equal(
      "TypeError: TapeDrive.readBlock: expected maximumBytes to be an integer from 1 to 16777215",
    );
    expect(await wrong(async () => drive.writeBlock("text" as unknown as Buffer))).to.equal(
      "TypeError: TapeDrive.writeBlock: expected data to be a Buffer or Uint8Array",
    );
    expect(() => new native.TapeDrive({ kind: "simulated", folder, unit: "drive" })).to.throw(
      TypeError,
      'TapeDrive: expected address.unit to be "changer", or "drive-" and a number',
    );
    await drive.close();
    await drive.close();
    expect(await wrong(async () => drive.rewind(false))).to.equal("Error: the device has been closed");
  });

  it("calls each method only on its own objects", async () => {
    const drive = openDrive();
    expect(() => void Reflect.apply(drive.rewind, changer, [])).to.throw(TypeError);
    expect(() => void Reflect.apply(drive.rewind, {}, [])).to.throw(TypeError);
    expect(() => new native.TapeWriter({ drive: changer as unknown as NativeTapeDrive } as never)).to.throw(
      TypeError,
      "TapeWriter: expected options.drive to be a TapeDrive",
    );
  });

  it("locks files against itself and others, and counts crossings", async () => {
    const path = join(folder, "a-lock");
    const lock = native.lockFile(path);
    expect(() => native.lockFile(path))
      .to.throw(`${path} is locked by process ${process.pid}`)
      .that.includes({
        code: "EWOULDBLOCK",
        holder: process.pid,
      });
    lock.release();
    native.lockFile(path).release();
    const before = native.crossings();
    await changer.testUnitReady();
    expect(native.crossings()).to.equal(before + 1);
  });

  it("digests as the reference implementation does", () => {
    expect(native.xxh3_64(Buffer.alloc(0))).to.equal(0x2d06800538d394c2n);
    expect(native.xxh3_128(Buffer.alloc(0)).toString("hex")).to.equal("99aa06d3014798d86001c324468d497f");
  });
});
