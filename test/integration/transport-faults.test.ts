// SPDX-License-Identifier: Apache-2.0
/**
 * What happens between this computer and a drive in mid-job: transport, resets, other initiators and persons, by rows of
 * the fault catalogue. Each job is restored and compared.
 */
import { closeSync, openSync } from "node:fs";
import { expect } from "chai";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import type { SimulatedFault, SimulatedFaultEffect } from "../../lib/native/simulated-faults.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { FaultyJob, kindsOf } from "./faulty-job.ts";
import type { JobShown } from "./faulty-job.ts";
import { expectRestoredByProduct } from "./restored.ts";

/** In the large file, and so late that the next attempt, which counts anew, does not get so far. */
const midway = 100;
const inMidJob = (effect: SimulatedFaultEffect, operation = "WRITE(6)", count = midway): SimulatedFault => ({
  unit: "drive",
  when: { operation, volume: "TMK001L9", count },
  effect,
});
const unreserved = "reservations = false\n";
const tape = '[tape]\nrecordSize = "16 KiB"\n';
const pipeline = '[pipeline]\nringSize = "1 MiB"\n';
/** So that a reset costs little. */
const manyCheckpoints = `${tape}${pipeline}[checkpoint]\nsize = "512 KiB"\n`;

async function withNowhere<T>(work: (fd: number) => Promise<T>): Promise<T> {
  const fd = openSync("/dev/null", "w");
  try {
    return await work(fd);
  } finally {
    closeSync(fd);
  }
}

describe("between this computer and a drive, in mid-job", function () {
  this.timeout(120_000);
  let job: FaultyJob;

  async function make(library?: string): Promise<void> {
    job = await new FaultyJob().make(library);
  }
  afterEach(() => job.remove());

  async function expectOnFirstCartridge(interruptions: number): Promise<void> {
    const { segments, interruptionHistory } = await job.show();
    expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9");
    expect(interruptionHistory).to.have.length(interruptions);
    await job.expectWhole();
  }

  describe("the position-lost procedure, once, on the same cartridge", () => {
    const rows: readonly (readonly [title: string, effect: SimulatedFaultEffect, library?: string])[] = [
      ["T1 EIO, carried out", { errno: 5, executed: true }],
      ["T1 ENODEV: the path is lost", { errno: 19 }],
      ["T2 host status 1", { hostStatus: 1 }],
      ["T2 host status 5, carried out", { hostStatus: 5, executed: true }],
      ["T2 host status 8", { hostStatus: 8 }],
      ["T2 host status 14, carried out", { hostStatus: 14, executed: true }],
      ["T3 a timeout", { hostStatus: 3, executed: true }],
      ["T4 GOOD, and a residual beside it", { residual: 512 }],
      ["U2 a reset that loses most of the buffer, and rewinds", { reset: { survivors: 3, position: "bop" } }],
      ["U2 a reset that loses the buffer and keeps the position", { reset: { survivors: 0, position: "kept" } }],
      ["U3 another initiator sets another block length", { initiator: "modeSelect" }, unreserved],
      ["U4 a conflict with nobody", { scsiStatus: 0x18 }],
      ["U4 another initiator preempts, and is gone", { initiator: "preempt" }],
      ["U5 task aborted", { scsiStatus: 0x40 }],
    ];
    for (const [title, effect, library] of rows) {
      it(title, async () => {
        await make(library);
        if ("reset" in effect) job.configure(manyCheckpoints);
        job.inject(inMidJob(effect));
        expect(kindsOf(await job.backUp())).to.include("goesOn");
        await expectOnFirstCartridge(1);
      });
    }
  });

  describe("nothing to be seen of it", () => {
    const rows: readonly (readonly [title: string, ...faults: readonly SimulatedFault[]])[] = [
      ["T1 ENOMEM: the kernel did not send it", inMidJob({ errno: 12 })],
      ["W10 EINVAL, once: the kernel did not send it", inMidJob({ errno: 22 })],
      ["T5 BUSY and TASK SET FULL", inMidJob({ scsiStatus: 8 }), inMidJob({ scsiStatus: 0x28 }, "WRITE(6)", 50)],
      ["U3 the reservation keeps another initiator from the settings", inMidJob({ initiator: "modeSelect" })],
      ["U11 the reservation keeps another initiator from a rewind", inMidJob({ initiator: "rewind" })],
      ["U11 the reservation keeps another initiator from a write", inMidJob({ initiator: "write" })],
    ];
    for (const [title, ...faults] of rows) {
      it(title, async () => {
        await make();
        job.inject(...faults);
        expect(kindsOf(await job.backUp())).to.not.include("goesOn");
        await expectOnFirstCartridge(0);
      });
    }
  });

  for (const profile of ["lto-9", "zeros"]) {
    it(`W10 ENOMEM for what was carried out all the same, drives of the profile ${profile}: it is not written again`, async () => {
      job = await new FaultyJob().make("", profile);
      job.inject(inMidJob({ errno: 12, executed: true }));
      expect(kindsOf(await job.backUp())).to.include("goesOn");
      await expectOnFirstCartridge(1);
    });
  }

  describe("U11 a drive that says that it does not know where its tape stands (LONU) is not contradicted", () => {
    /** Of READ POSITION in its long form. */
    const unknown = { flipBit: 5 };
    const rows: readonly (readonly [title: string, count: number, procedures: number])[] = [
      ["behind the end of data that was looked for", 2, 0],
      ["at a checkpoint", 14, 1],
    ];
    for (const [title, count, procedures] of rows) {
      it(title, async () => {
        await make();
        job.configure(manyCheckpoints);
        job.inject({ ...inMidJob(unknown, "READ POSITION", count), persists: true });
        expect(kindsOf(await job.backUp()).filter((kind) => kind === "goesOn")).to.have.length(procedures);
        expect(job.happened).to.equal(1);
        await expectOnFirstCartridge(procedures);
      });
    }
  });

  describe("what comes while the tape is looked at says nothing of it", () => {
    const rows: readonly (readonly [title: string, count: number, effect: SimulatedFaultEffect])[] = [
      ["W11 the label's first block, damaged on its way here", 1, { flipBit: 9 }],
      ["W11 its second block", 2, { flipBit: 9 }],
      ["U2 a reset in front of its second block", 2, { unitAttention: [0x29, 0] }],
      ["T2 its second block, with an unknown outcome", 2, { hostStatus: 7, executed: true }],
      ["W11 the last block that is durable", 3, { flipBit: 9 }],
      ["W11 the first one behind it", 4, { flipBit: 9 }],
      ["W11 one of those to be adopted", 9, { flipBit: 9 }],
    ];
    for (const [title, count, effect] of rows) {
      it(title, async () => {
        await make();
        job.configure(`${tape}blockProtection = true\n${pipeline}[checkpoint]\nsize = "512 KiB"\n`);
        const once = { persists: true } as const;
        job.inject(
          { ...inMidJob({ hostStatus: 7 }, "WRITE(6)", 60), ...once },
          { ...inMidJob(effect, "READ(6)", count), ...once },
        );
        const { code, error, events } = await job.run("backup", job.source);
        expect(code, error).to.equal(0);
        expect(kindsOf(events)).to.include("goesOn");
        expect(job.happened).to.equal(2);
        await expectOnFirstCartridge(1);
      });
    }
  });

  it("U4 another initiator preempts and stays: the job stops, names its key, and goes on when it has let go", async () => {
    await make();
    job.inject({ ...inMidJob({ initiator: "preempt" }), unit: "drive-0" });
    // As long as somebody has the drive open it remembers who reserved it.
    const folder = job.installation.libraryFolder;
    const other = TapeDrive.open({ kind: "simulated", folder, unit: "drive-0", initiator: "other" });
    try {
      await other.attend();
      const { code, error } = await job.run("backup", job.source);
      expect(code).to.equal(5);
      expect(error).to.include("drive-0 is reserved by another host, key f0e1d2c3b4a59687");
      expect((await other.reservation())?.holder?.key).to.equal(0xf0e1d2c3b4a59687n);
    } finally {
      await other.close();
    }
    job.inject();
    expect((await job.run("job", "resume", "1")).code).to.equal(0);
    await expectOnFirstCartridge(1);
  });

  it("U11 a foreign rewind that nothing kept off: found at the next checkpoint, and nothing is written any more", async () => {
    await make(unreserved);
    job.inject(inMidJob({ initiator: "rewind" }));
    const { code, error } = await job.run("backup", job.source);
    expect(code).to.equal(5);
    expect(error).to.include("TMK001L9");
    const after = job.installation.medium("TMK001L9");
    job.inject();
    expect((await job.run("job", "resume", "1")).code).to.equal(5);
    expect(job.installation.medium("TMK001L9").equals(after)).to.equal(true);
  });

  it("R4 a cartridge whose end of data was lost is written behind its last filemark, which is looked for there", async () => {
    await make();
    await job.backUp();
    const folder = job.installation.libraryFolder;
    job.inject(inMidJob({ powerCut: { survivors: 2, endOfData: "invalid" } }, "WRITE(6)", 20));
    expect((await job.run("backup", job.source)).code).to.not.equal(0);
    nativeBinding().restoreSimulatedPower(folder);
    job.inject();
    await job.installation.succeed("job", "cancel", "2", "--yes");
    job.inject(
      // Nobody may look for the end of data: it would be found nowhere.
      { unit: "drive", when: { operation: "SPACE(6)" }, effect: { sense: { key: 3, asc: 0x14, ascq: 3 } } },
      // Behind the label it is the filemark that is read; what comes in front of it says nothing of the tape.
      { ...inMidJob({ unitAttention: [0x29, 0] }, "READ(6)", 3), persists: true },
    );
    const { code, error } = await job.run("backup", job.source);
    expect(code, error).to.equal(0);
    const { segments } = await job.installation.json<JobShown>("job", "show", "3");
    expect(segments[0]).to.include({ volumeTag: "TMK001L9", tapeFile: 2 });
    job.inject();
    for (const jobId of ["1", "3"]) await expectRestoredByProduct(job.installation, jobId, job.source);
  });

  it("R4 the drive fails in the reload behind a lost end of data: it goes out of service, and the job goes on", async () => {
    await make();
    job.configure(manyCheckpoints);
    job.inject(inMidJob({ powerCut: { survivors: 2, endOfData: "invalid" } }));
    expect((await job.run("backup", job.source)).code).to.not.equal(0);
    nativeBinding().restoreSimulatedPower(job.installation.libraryFolder);
    const unload = { operation: "UNLOAD", volume: "TMK001L9" };
    const effect = { sense: { key: 4, asc: 0x44, ascq: 0 } };
    job.inject({ unit: "drive-0", when: unload, effect, times: "always" });
    const { code, error } = await job.run("job", "resume", "1");
    expect(code, error).to.equal(0);
    expect((await job.drives()).map(({ state }) => state)).to.deep.equal(["outOfService", "inService"]);
    await job.expectWhole();
  });

  it("U1 another cartridge in the drive: it is never written", async () => {
    await make();
    const before = job.installation.medium("TMK002L9");
    job.inject(inMidJob({ swap: "TMK002L9" }));
    await job.backUp();
    expect(job.installation.medium("TMK002L9").equals(before)).to.equal(true);
    await expectOnFirstCartridge(1);
  });

  it("W11 with block protection, a bit that flips on the way: the block is written once more", async () => {
    await make();
    job.configure(`${tape}blockProtection = true\n${pipeline}`);
    job.inject(inMidJob({ flipBit: 70_001 }));
    expect(kindsOf(await job.backUp())).to.include("goesOn");
    await expectOnFirstCartridge(1);
    job.inject(inMidJob({ flipBit: 9 }, "READ(6)", 40));
    const verified = await job.run("job", "verify", "1");
    expect(verified.code, verified.error).to.equal(0);
    const copied = await job.installation
      .withRoles(({ mediaServer }) => withNowhere((fd) => mediaServer.copyTapeFile("TMK001L9", 1, fd)))
      .catch((error: unknown) => error);
    expect(copied, "a copy that ends there is not whole").to.have.property("message").that.includes("CRC");
  });
});
