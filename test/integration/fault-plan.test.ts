// SPDX-License-Identifier: Apache-2.0
/** Each effect of a fault plan, as the addon tells it; docs/internals/simulator.md has the format. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type {
  Element,
  NativeMediumChanger,
  NativeResult,
  NativeTapeDrive,
  SimulatedFault,
} from "../../lib/native/binding.ts";
import type { FaultedUnit } from "./fault-user.ts";
import { planFaults, removeFaultPlan } from "./fault-plan.ts";
import { expectGood } from "./simulated-tape.ts";

const native = nativeBinding();
const userScript = join(dirname(fileURLToPath(import.meta.url)), "fault-user.ts");
const block = Buffer.alloc(1000, "x");
const firstSlot = 4096;
const firstDrive = 256;

function senseOf(result: NativeResult): string {
  const { sense } = result;
  if (sense === undefined) return result.scsiStatus === 0 ? "good" : "none";
  const codes = [sense.senseKey, sense.asc, sense.ascq].map((each) => each.toString(16)).join("/");
  return sense.deferred ? `deferred ${codes}` : codes;
}

describe("fault plan of a simulated library", () => {
  let folder: string;
  const opened: (NativeTapeDrive | NativeMediumChanger)[] = [];

  /** Follows the plan that is there now. */
  async function openDrive(unit = "drive-0"): Promise<NativeTapeDrive> {
    const drive = new native.TapeDrive({ kind: "simulated", folder, unit });
    opened.push(drive);
    expect(senseOf(await drive.testUnitReady())).to.equal("6/29/0");
    return drive;
  }

  async function openChanger(): Promise<NativeMediumChanger> {
    const changer = new native.MediumChanger({ kind: "simulated", folder, unit: "changer" });
    opened.push(changer);
    expect(senseOf(await changer.testUnitReady())).to.equal("6/29/0");
    return changer;
  }

  async function driveWith(...faults: readonly SimulatedFault[]): Promise<NativeTapeDrive> {
    planFaults(folder, faults);
    return openDrive();
  }

  const write = async (drive: NativeTapeDrive): Promise<string> => senseOf((await drive.writeBlock(block)).result);
  const synchronise = async (drive: NativeTapeDrive): Promise<string> =>
    senseOf((await drive.writeFilemarks(0, false)).result);

  /** Blocks on the medium, counted by whoever looks for them next. */
  async function blocksOnTape(): Promise<bigint | undefined> {
    for (const device of opened.splice(0)) await device.close();
    removeFaultPlan(folder);
    const drive = await openDrive();
    expectGood(await drive.space("endOfData", 0n));
    return (await drive.position()).value?.objectNumber;
  }

  /** The signal or the exit status of a process that uses a unit. */
  async function endOfProcess(unit: FaultedUnit): Promise<string | number | null> {
    for (const device of opened.splice(0)) await device.close();
    const child = spawn(process.execPath, [userScript, folder, unit], { stdio: "inherit" });
    const [status, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return signal ?? status;
  }

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-faults-"));
    native.createSimulatedLibrary(folder, {
      drives: 2,
      storageElements: 3,
      importExportElements: 0,
      barcodes: ["LTO001L9", "LTO002L9"],
      capacityBytes: 64n << 20n,
      earlyWarningBytes: 1n << 20n,
      bufferBytes: 1 << 20,
    });
    const changer = await openChanger();
    expectGood(await changer.moveMedium({ source: firstSlot + 1, destination: firstDrive }));
  });

  afterEach(async () => {
    for (const device of opened.splice(0)) await device.close();
    rmSync(folder, { recursive: true });
  });

  it("W5: a sticky bad spot stops writes there, in any drive", async () => {
    const drive = await driveWith({
      id: "W5",
      when: { volume: "LTO002L9", object: 2 },
      effect: { sense: { key: 3, asc: 12, ascq: 0 } },
      times: "always",
    });
    for (const expected of ["good", "good", "3/c/0", "3/c/0"]) expect(await write(drive)).to.equal(expected);
    expect(await synchronise(drive)).to.equal("good");
    expectGood(await drive.loadUnload({ load: false }));
    const changer = await openChanger();
    expectGood(await changer.moveMedium({ source: firstDrive, destination: firstDrive + 1 }));
    const other = await openDrive("drive-1");
    expectGood(await other.space("endOfData", 0n));
    expect((await other.position()).value?.objectNumber).to.equal(2n);
    expect(await write(other)).to.equal("3/c/0");
  });

  it("W4: a deferred one tells it with the next command that writes the buffer out", async () => {
    const drive = await driveWith({
      id: "W4",
      when: { volume: "LTO002L9", object: 2 },
      effect: { sense: { key: 3, asc: 12, ascq: 0, deferred: true } },
      times: "always",
    });
    for (let count = 0; count < 4; count++) expect(await write(drive)).to.equal("good");
    expect(await synchronise(drive)).to.equal("deferred 3/c/0");
    expect(await synchronise(drive)).to.equal("good");
    expect(await blocksOnTape()).to.equal(2n);
  });

  it("W6: failed hardware stays failed, and lets the cartridge go", async () => {
    const drive = await driveWith({
      id: "W6",
      unit: "drive-0",
      when: { operation: "WRITE(6)", count: 2 },
      effect: { hardwareFailure: true },
    });
    expect(await write(drive)).to.equal("good");
    expect(await write(drive)).to.equal("4/44/0");
    expect((await drive.tapeAlerts()).value).to.deep.equal([31]);
    await drive.close();
    const again = await openDrive();
    expect(senseOf(await again.rewind(false))).to.equal("4/44/0");
    expectGood(await again.loadUnload({ load: false }));
    await again.close();
    removeFaultPlan(folder);
    expectGood(await (await openDrive()).loadUnload({ load: true }));
  });

  it("W14: of the buffer only the first blocks reach the medium", async () => {
    const drive = await driveWith({
      id: "W14",
      when: { operation: "WRITE FILEMARKS(6)" },
      effect: { dropBuffer: 3 },
      unit: "drive",
    });
    for (let count = 0; count < 5; count++) expect(await write(drive)).to.equal("good");
    expect(await synchronise(drive)).to.equal("deferred 3/c/0");
    expect(await blocksOnTape()).to.equal(3n);
  });

  it("T2: a failed transport says nothing about the command", async () => {
    const when = { operation: "WRITE(6)" };
    const drive = await driveWith(
      { id: "T2", when, effect: { hostStatus: 3, executed: true } },
      { id: "T2", when, effect: { hostStatus: 7 } },
    );
    expect(await drive.writeBlock(block)).to.deep.include({ kind: "unknown", accepted: 0 });
    expect((await drive.position()).value?.objectNumber).to.equal(1n);
    const { result } = await drive.writeBlock(block);
    expect(result).to.include({
      outcome: "unknown",
      hostStatus: 7,
      detail: "the fault plan cut drive-0 off (T2): host status 7",
    });
    expect((await drive.position()).value?.objectNumber).to.equal(1n);
  });

  it("H1: a process dies at a block, and what was in the buffer with it", async () => {
    planFaults(folder, [{ id: "H1", when: { volume: "LTO002L9", object: 2 }, effect: { crash: true } }]);
    expect(await endOfProcess("drive-0")).to.equal("SIGKILL");
    expect(await blocksOnTape()).to.equal(0n);
    expect(await endOfProcess("drive-0")).to.equal(7);
    expect(await blocksOnTape()).to.equal(3n);
  });

  it("C4: a process dies in mid-move, the cartridge in the robot's hand", async () => {
    planFaults(folder, [{ id: "C4", when: { operation: "MOVE MEDIUM" }, effect: { crash: true, inTransport: true } }]);
    expect(await endOfProcess("changer")).to.equal("SIGKILL");
    removeFaultPlan(folder);
    const changer = await openChanger();
    const held = (elements: readonly Element[] = []): Element | undefined =>
      elements.find(({ type }) => type === "transport");
    const element = held((await changer.elements()).value);
    expect(element).to.include({ full: true, volumeTag: "LTO001L9", sourceAddress: firstSlot });
    expectGood(await changer.moveMedium({ source: element?.address ?? 0, destination: firstSlot }));
    expect(held((await changer.elements()).value)).to.include({ full: false });
  });

  it("C5, C6: a move that is told to have failed may have been done", async () => {
    const when = { operation: "MOVE MEDIUM" };
    planFaults(folder, [
      { id: "C5", when, effect: { sense: { key: 4, asc: 21, ascq: 1 } } },
      { id: "C6", when, effect: { hostStatus: 3, executed: true } },
    ]);
    const changer = await openChanger();
    const move = { source: firstSlot, destination: firstSlot + 2 };
    expect(senseOf(await changer.moveMedium(move))).to.equal("4/15/1");
    expect((await changer.moveMedium(move)).outcome).to.equal("unknown");
    expect(senseOf(await changer.moveMedium(move))).to.equal("5/3b/e");
  });

  it("U2, U8, W12: unit attentions, units that are not ready, flags", async () => {
    const drive = await driveWith(
      { id: "U2", unit: "drive-0", when: { command: 2 }, effect: { unitAttention: [0x29, 4] } },
      { id: "U8", unit: "drive-0", when: { command: 4 }, effect: { notReady: [4, 1], polls: 2 } },
      { id: "W12", unit: "drive-0", when: { operation: "REWIND" }, effect: { tapeAlert: 20 } },
    );
    expect(await write(drive)).to.equal("6/29/4");
    expect(await write(drive)).to.equal("good");
    expect(senseOf(await drive.testUnitReady())).to.equal("2/4/1");
    expect(senseOf(await drive.testUnitReady())).to.equal("2/4/1");
    expectGood(await drive.testUnitReady());
    expectGood(await drive.rewind(false));
    expect((await drive.driveStatus()).value).to.include({ cleaningRequired: true });
    expect((await drive.tapeAlerts()).value).to.deep.equal([20]);
  });

  it("the same seed gives the same faults", async () => {
    const pattern = async (seed: number): Promise<string> => {
      const fault: SimulatedFault = {
        when: { operation: "REWIND", probability: 0.3 },
        effect: { sense: { key: 11, asc: 0, ascq: 0 } },
        times: "always",
      };
      planFaults(folder, [fault], seed);
      const drive = await openDrive();
      let told = "";
      for (let count = 0; count < 60; count++) told += senseOf(await drive.rewind(false)) === "good" ? "." : "!";
      await drive.close();
      return told;
    };
    const first = await pattern(7);
    expect(first).to.match(/!.*\..*!/);
    expect(await pattern(7)).to.equal(first);
    expect(await pattern(8)).to.not.equal(first);
  });

  it("takes what its documentation shows", () => {
    const page = readFileSync(
      join(dirname(fileURLToPath(import.meta.url)), "../../docs/internals/simulator.md"),
      "utf8",
    );
    const examples = [...page.matchAll(/^```json\n(.*?)^```$/gms)].map(([, text = ""]) => text);
    const effects = [...page.matchAll(/^\| `("\w+": .*?)` /gm)].map(([, text = ""]) => text);
    expect([examples.length, effects.length]).to.deep.equal([1, 19]);
    for (const effect of effects) examples.push(`{"faults": [{"when": {"command": 2}, "effect": {${effect}}}]}`);
    for (const text of examples) {
      writeFileSync(join(folder, "faults.json"), text);
      expect(() => new native.TapeDrive({ kind: "simulated", folder, unit: "drive-0" }), text).not.to.throw();
    }
  });

  it("refuses a plan that it does not understand", () => {
    writeFileSync(join(folder, "faults.json"), '{"faults": [{"when": {"comand": 1}, "effect": {"crash": true}}]}');
    for (const open of [
      (): unknown => new native.TapeDrive({ kind: "simulated", folder, unit: "drive-0" }),
      (): unknown => new native.MediumChanger({ kind: "simulated", folder, unit: "changer" }),
    ]) {
      expect(open).to.throw(
        Error,
        `the fault plan ${folder}/faults.json is not understood: when has no member "comand" at column 32`,
      );
    }
  });
});
