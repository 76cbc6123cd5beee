// SPDX-License-Identifier: Apache-2.0
/** What a drive can tell a job that is just writing, by rows of the fault catalogue; each job is restored and compared. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { labelObjects } from "../../lib/format/volume-label.ts";
import { allowOverwriteHere } from "../../lib/media-server/overwrite.ts";
import { writeFailureKind } from "../../lib/media-server/write-failure.ts";
import type { SimulatedFault, SimulatedFaultEffect } from "../../lib/native/simulated-faults.ts";
import { Noise } from "../../scripts/make-tree.ts";
import { FaultyJob, kindsOf } from "./faulty-job.ts";

/** In the large file, and so late that the next attempt, which counts anew, does not get so far. */
const midway = 100;
const inMidJob = (id: string, effect: SimulatedFaultEffect, times?: number | "always"): SimulatedFault => ({
  id,
  unit: "drive",
  when: { operation: "WRITE(6)", volume: "TMK001L9", count: midway },
  effect,
  ...(times === undefined ? {} : { times }),
});
const sense = (key: number, asc: number, ascq: number) => ({ sense: { key, asc, ascq } });
const attention = (asc: number, ascq: number): SimulatedFaultEffect => ({ unitAttention: [asc, ascq] });

describe("a drive that has something to say in mid-job", function () {
  this.timeout(120_000);
  let job: FaultyJob;

  beforeEach(async () => {
    job = await new FaultyJob().make();
  });
  afterEach(() => job.remove());

  describe("the position-lost procedure: the job goes on on the same tape, once that was looked at", () => {
    const rows: readonly (readonly [title: string, ...faults: readonly SimulatedFault[]])[] = [
      ["U1 medium changed", inMidJob("U1", attention(0x28, 0))],
      ["U2 nexus lost", inMidJob("U2", attention(0x29, 7))],
      ["U4 registrations preempted, and nobody has it now", inMidJob("U4", attention(0x2a, 5))],
      ["U5 commands cleared by another initiator", inMidJob("U5", attention(0x2f, 0))],
      ["U6 microcode changed", inMidJob("U6", attention(0x3f, 1))],
      ["U8 becoming ready, for a while", inMidJob("U8", { notReady: [4, 1], polls: 2 })],
      ["U9 no medium, for a moment", inMidJob("U9", sense(2, 0x3a, 0))],
      [
        "U10 several attentions, of which the first is harmless",
        inMidJob("U10", attention(0x2a, 2)),
        inMidJob("U10", attention(0x2a, 1)),
        inMidJob("U10", attention(0x29, 4)),
      ],
      ["W11 a block damaged on its way to the drive", inMidJob("W11", sense(4, 0x10, 1))],
    ];
    for (const [title, ...faults] of rows) {
      it(title, async () => {
        job.inject(...faults);
        expect(kindsOf(await job.backUp())).to.include("goesOn");
        const { segments, interruptionHistory } = await job.show();
        expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9");
        expect(interruptionHistory).to.have.length(1);
        expect((await job.drives()).every(({ state }) => state === "inService")).to.equal(true);
        await job.expectWhole();
      });
    }
  });

  describe("no procedure: the tape stands where it must, and the same record is written next", () => {
    const rows: readonly (readonly [title: string, ...faults: readonly SimulatedFault[]])[] = [
      ["U3 mode parameters changed, and none that matter", inMidJob("U3", attention(0x2a, 1))],
      ["U10 warnings, one behind the other", inMidJob("U10", attention(0x0b, 1)), inMidJob("U10", attention(0x2a, 2))],
      ["W12 cleaning requested: the command was done", inMidJob("W12", { ...sense(0, 0x00, 0x17), executed: true })],
    ];
    for (const [title, ...faults] of rows) {
      it(title, async () => {
        job.inject(...faults);
        expect(kindsOf(await job.backUp())).to.not.include("goesOn");
        expect((await job.show()).interruptionHistory).to.have.length(0);
        await job.expectWhole();
      });
    }
  });

  describe("the next cartridge", () => {
    for (const [title, asc, ascq] of [
      ["W7 write protected by its tab", 0x27, 0x01],
      ["W8 WORM overwrite refused", 0x30, 0x0c],
    ] as const) {
      it(`${title}: nothing is wrong with the one that refuses`, async () => {
        job.inject(inMidJob(title, sense(7, asc, ascq), "always"));
        expect(kindsOf(await job.backUp())).to.include.members(["volumeClosed", "goesOn"]);
        const { segments } = await job.show();
        expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9", "TMK002L9");
        expect(await job.volumeState("TMK001L9")).to.equal("full");
        await job.expectWhole();
      });
    }

    it("W7 its tab was moved before the job: it is noted, and not tried again until somebody had it in their hands", async () => {
      const path = join(job.installation.libraryFolder, "media", "TMK001L9.attributes");
      writeFileSync(path, readFileSync(path, "utf8").replace("write-protected no", "write-protected yes"));
      await job.backUp();
      const { cartridge } = await job.installation.json<{ readonly cartridge: { readonly writeProtected: boolean } }>(
        "volume",
        "show",
        "TMK001L9",
      );
      expect(cartridge.writeProtected).to.equal(true);
      const { segments } = await job.show();
      expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK002L9");
    });

    it("W5 a bad spot under the label of the next candidate: it is set aside, and the one after it is taken", async () => {
      const spot = { volume: "TMK001L9", object: 0, lastObject: 0 };
      job.inject({ id: "R5", when: spot, effect: sense(3, 0x11, 0), times: "always" });
      await job.backUp();
      expect(await job.volumeState("TMK001L9")).to.equal("damaged");
      const { segments } = await job.show();
      expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK002L9");
      await job.expectWhole();
    });

    it("W5 a bad spot under the label of a second cartridge: the full one is not blamed for it", async () => {
      await job.installation.succeed("volume", "label", "TMK003L9", "--yes");
      writeFileSync(join(job.source, "d-over-the-end"), new Noise(4).bytes(22 * 2 ** 20));
      const spot = { volume: "TMK002L9", object: 0, lastObject: 0 };
      job.inject({ id: "R5", when: spot, effect: sense(3, 0x11, 0), times: "always" });
      expect(kindsOf(await job.backUp())).to.not.include("goesOn");
      const states = ["TMK001L9", "TMK002L9", "TMK003L9"].map((volumeTag) => job.volumeState(volumeTag));
      expect(await Promise.all(states)).to.deep.equal(["full", "damaged", "appendable"]);
      await job.expectWhole();
    });

    it("R6 LOCATE fails behind a reload too: the cartridge is set aside", async () => {
      const locate = { operation: "LOCATE(16)", volume: "TMK001L9" };
      job.inject({ id: "R6", unit: "drive", when: locate, effect: sense(3, 0x3b, 0), times: "always" });
      await job.backUp();
      expect(await job.volumeState("TMK001L9")).to.equal("damaged");
      await job.expectWhole();
    });
  });

  it("R6 LOCATE fails once: behind a reload it is done", async () => {
    const locate = { operation: "LOCATE(16)", volume: "TMK001L9" };
    job.inject({ id: "R6", unit: "drive-0", when: locate, effect: sense(3, 0x3b, 0), times: 1 });
    await job.backUp();
    expect(await job.volumeState("TMK001L9")).to.equal("appendable");
    await job.expectWhole();
  });

  it("R6 REWIND fails once in each drive: behind a reload it is done, and both stay in service", async () => {
    job.inject(
      ...(["drive-0", "drive-1"] as const).map((unit) => ({
        id: "R6",
        unit,
        when: { operation: "REWIND" },
        effect: sense(4, 0x15, 1),
        times: 1,
      })),
    );
    await job.backUp();
    expect((await job.drives()).map(({ state }) => state)).to.deep.equal(["inService", "inService"]);
    expect(await job.volumeState("TMK001L9")).to.equal("appendable");
    await job.expectWhole();
  });

  it("C5 the robot fails: no cartridge is noted as the one at fault", async () => {
    await job.installation.withRoles(async ({ library }) => {
      for (const drive of [0, 1]) await library.unmount(drive);
    });
    job.inject({
      id: "C5",
      unit: "changer",
      when: { operation: "MOVE MEDIUM" },
      effect: sense(4, 0x44, 0),
      times: "always",
    });
    const { code, error } = await job.run("backup", job.source);
    expect(code).to.equal(5);
    expect(error).to.include("look at changer");
    const noted = await job.installation.withRoles(({ store }) =>
      store.cartridges.list().map((each) => each.lastError),
    );
    expect(new Set(noted)).to.deep.equal(new Set([undefined]));
  });

  it("R6 LOCATE fails in the procedure, behind a reload too: the job goes on on the next cartridge", async () => {
    job.configure('[tape]\nrecordSize = "16 KiB"\n[pipeline]\nringSize = "1 MiB"\n[checkpoint]\nsize = "512 KiB"\n');
    const locate = { operation: "LOCATE(16)", volume: "TMK001L9", count: 2 };
    job.inject(inMidJob("U1", attention(0x28, 0)), {
      id: "R6",
      unit: "drive",
      when: locate,
      effect: sense(3, 0x3b, 0),
      times: "always",
    });
    expect(kindsOf(await job.backUp())).to.include.members(["volumeClosed", "goesOn"]);
    const { segments } = await job.show();
    expect(new Set(segments.map(({ volumeTag }) => volumeTag))).to.have.all.keys("TMK001L9", "TMK002L9");
    expect(await job.volumeState("TMK001L9")).to.equal("damaged");
    await job.expectWhole();
  });

  it("W11 blocks damaged again and again: the drive goes out of service", async () => {
    const early = { operation: "WRITE(6)", count: 20 };
    job.inject({ id: "W11", unit: "drive-0", when: early, effect: sense(4, 0x10, 1), times: "always" });
    await job.backUp();
    const [failed, other] = await job.drives();
    expect(failed?.state).to.equal("outOfService");
    expect(failed?.reason).to.include("4/10/01");
    expect(other?.state).to.equal("inService");
    await job.expectWhole();
  });

  it("W9 append-only mode: what overwrites is allowed right before, and for that place only", async () => {
    await job.backUp();
    await job.installation.withCartridge("TMK001L9", async (drive) => {
      await drive.setVariableBlocks();
      await drive.setAppendOnly(true);
      await drive.locate(labelObjects);
      const refused = await drive.write(new Uint8Array(512), "a block").catch((error: unknown) => error);
      expect(writeFailureKind(refused)).to.equal("protected");
      await drive.locate(labelObjects);
      await allowOverwriteHere(drive, labelObjects);
      await drive.write(new Uint8Array(512), "a block");
      expect((await drive.position()).objectNumber).to.equal(labelObjects + 1n);
    });
  });

  it("W10 a way that takes no record of this length: it is tried before the label, and nothing is written", async () => {
    job.inject({ id: "W10", unit: "drive", when: { operation: "WRITE(6)" }, effect: sense(5, 0x24, 0) });
    const { code, error } = await job.run("volume", "label", "TMK003L9", "--yes");
    expect(code).to.equal(5);
    expect(error).to.include("Configure a smaller one (tape.recordSize)");
    expect(job.installation.medium("TMK003L9").length).to.equal(0);
    expect(await job.volumeState("TMK003L9")).to.equal(undefined);
  });

  it("W12 TapeAlert asks for cleaning: the job is done, and the drive is noted", async () => {
    job.inject(inMidJob("W12", { tapeAlert: 20 }));
    await job.backUp();
    expect((await job.drives())[0]?.cleaning).to.equal("now");
    await job.expectWhole();
  });

  it("W4 a deferred write error: what the buffer lost is named, and written again", async () => {
    const ending = { operation: "WRITE FILEMARKS(6)", volume: "TMK001L9", count: 2 };
    job.inject({ id: "W4", unit: "drive", when: ending, effect: { dropBuffer: 5 } });
    const again = (await job.backUp()).find(({ kind }) => kind === "writtenAgain");
    const { interruptionHistory } = await job.show();
    expect(again?.text).to.match(/^\d\d objects that were written behind it are written again: /);
    // Readers hand their records in as they come: which of them are named first is open.
    expect(again?.text).to.include(`${job.source}/`);
    expect(JSON.stringify(interruptionHistory)).to.include(again?.text);
    await job.expectWhole();
  });

  it("U7 the eject button: the job pauses at a checkpoint, and goes on when it is told to", async () => {
    job.inject(inMidJob("U7", attention(0x5a, 1)));
    const { code, error } = await job.run("backup", job.source);
    expect(code).to.equal(5);
    expect(error).to.include("eject button of").and.to.include("tidemark job resume 1");
    job.inject();
    const { status, tapeVolumes } = await job.show();
    expect(status).to.equal("interrupted");
    expect(tapeVolumes[0]?.counts.durable).to.be.greaterThan((midway - 2) * 16384);
    const plan = await job.installation.json<{ readonly tape: Record<string, unknown> }>(
      "job",
      "resume",
      "1",
      "--plan",
    );
    expect(plan.tape).to.include({ relation: "equal", discardedBlocks: 0 });
    expect((await job.run("job", "resume", "1")).code).to.equal(0);
    await job.expectWhole();
  });
});
