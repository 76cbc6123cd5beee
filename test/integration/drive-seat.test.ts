// SPDX-License-Identifier: Apache-2.0
/** A session's place at a drive, where another program has a drive of the library. */
import { constants } from "node:os";
import { expect } from "chai";
import { HardwareError, OperatorError } from "../../lib/errors.ts";
import { ChangerLibrary } from "../../lib/media-server/changer-library.ts";
import type { DriveQueue } from "../../lib/media-server/drive-queue.ts";
import { DriveSeat } from "../../lib/media-server/drive-seat.ts";
import type { LibraryEnvironment } from "../../lib/media-server/library-environment.ts";
import { renewed } from "../../lib/media-server/renewed-attempts.ts";
import { openDriveQueue } from "../../lib/service/drive-queue.ts";
import { RobotBench, bay, slot } from "./robot-bench.ts";
import type { Process } from "./robot-bench.ts";

describe("a seat at a drive", () => {
  let bench: RobotBench;
  let process: Process;
  let queue: DriveQueue;

  beforeEach(() => {
    bench = new RobotBench({ inventory: { [bay(0)]: `TMK001L9 source=${slot(0)} loaded`, [slot(1)]: "TMK002L9" } });
    process = bench.newProcess();
    queue = openDriveQueue({ stateFolder: bench.folder, driveCount: 2 });
  });
  afterEach(async () => {
    queue.close();
    await process.end();
    bench.remove();
  });

  const libraryWith = (changed: Partial<LibraryEnvironment> = {}): ChangerLibrary =>
    new ChangerLibrary({ ...bench.environment(process), ...changed });

  it("what another program has in its drive is out of reach, and costs no drive of ours", async () => {
    bench.setFaults({
      unit: "drive-0",
      when: { operation: "INQUIRY" },
      effect: { errno: constants.errno.EBUSY },
      times: "always",
    });
    const { drives } = process.store;
    const environment = { drives, library: libraryWith(), nowMs: () => bench.nowMs };
    const seat = new DriveSeat(environment, queue, { jobId: "1", purpose: "backup" });
    const refused: unknown = await seat.tryMount("TMK001L9").catch((error: unknown) => error);
    expect(refused).to.have.property("code", "ERR_TAPE_DEVICE_LOCKED");
    expect((await seat.tryMount("TMK002L9"))?.name).to.equal("drive-1");
    await seat.leave();
    expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
  });

  for (const operation of ["READ ELEMENT STATUS", "MOVE MEDIUM"]) {
    it(`C5: a changer that fails at ${operation} costs no drive, and asks for a person`, async () => {
      bench.setFaults({
        unit: "changer",
        when: { operation },
        effect: { sense: { key: 4, asc: 0x09, ascq: 0 } },
        times: "always",
      });
      const { drives } = process.store;
      const environment = { drives, library: libraryWith(), nowMs: () => bench.nowMs };
      const seat = new DriveSeat(environment, queue, { jobId: "1", purpose: "backup" });
      const refused: unknown = await renewed(seat, () => seat.mount("TMK002L9")).catch((error: unknown) => error);
      await seat.leave();
      expect(refused)
        .to.be.instanceOf(OperatorError)
        .and.have.property("message")
        .that.matches(/^look at changer/);
      expect(drives.list().filter(({ state }) => state !== "inService")).to.deep.equal([]);
    });
  }

  it("W6: an error that came while no drive was taken is no drive's, and is told", async () => {
    const environment = { drives: process.store.drives, library: libraryWith(), nowMs: () => bench.nowMs };
    const seat = new DriveSeat(environment, queue, { jobId: "1", purpose: "backup" });
    const error = new HardwareError("it failed", { senseKey: 4, asc: 0x44, ascq: 0, deferred: false });
    expect(await seat.giveUpDrive(error).catch((thrown: unknown) => thrown)).to.equal(error);
  });

  it("W6: a drive that does not let go of its cartridge at the end goes out of service, and is given back", async () => {
    const sense = { key: 4, asc: 0x44, ascq: 0 };
    bench.setFaults({ unit: "drive-0", when: { operation: "UNLOAD" }, effect: { sense }, times: "always" });
    const { drives } = process.store;
    const environment = { drives, library: libraryWith(), nowMs: () => bench.nowMs };
    const seat = new DriveSeat(environment, queue, { jobId: "1", purpose: "backup" });
    await seat.mount("TMK001L9");
    await seat.unloadAndLeave();
    expect(drives.get("drive-0")?.state).to.equal("outOfService");
    expect(queue.list()).to.deep.equal([]);
    expect((await seat.mount("TMK002L9")).name).to.equal("drive-1");
    await seat.leave();
  });

  it("W6: a drive that answers nothing, or with an error of its own, stops no other one", async () => {
    const inquiry = { unit: "drive-1", when: { operation: "INQUIRY" }, times: "always" } as const;
    for (const effect of [{ errno: constants.errno.EIO }, { sense: { key: 4, asc: 0x44, ascq: 0 } }]) {
      bench.setFaults({ ...inquiry, effect });
      const library = libraryWith();
      expect(await library.drivesFor("TMK001L9")).to.deep.equal([0, 1]);
      expect((await library.mount(0, "TMK002L9")).name).to.equal("drive-0");
      await library.unmount(0);
      await library.close();
    }
  });

  it("a cartridge that makes room by a move of its own is let go of once", async () => {
    bench.remove();
    const inventory = { [bay(0)]: `TMK001L9 source=${slot(0)} loaded`, [slot(1)]: "TMK002L9" };
    bench = new RobotBench({ inventory, hasExchange: false });
    const { library, process: alone } = bench.start();
    await library.mount(0, "TMK002L9");
    expect(alone.steps.filter(({ name }) => name === "drive-0 unload")).to.have.length(1);
    await alone.end();
  });

  it("two sessions that open a drive at the same time have it together", async () => {
    const library = libraryWith();
    const [one, another] = await Promise.all([library.openDrive(0), library.openDrive(0)]);
    expect(one).to.equal(another);
    expect(process.steps.filter(({ name }) => name === "drive-0 inquiry")).to.have.length(1);
  });

  it("a drive that had to let go of a cartridge stays open for the session that has got it meanwhile", async () => {
    const isUnloaded = (): boolean => process.steps.some(({ name }) => name.startsWith("drive-0 unload"));
    const other = { processId: 1, jobId: "2", purpose: "backup", priority: 0, state: "holding" } as const;
    const library = libraryWith({
      queue: {
        withRobot: async (work) => work(),
        list: () => (isUnloaded() ? [{ ...other, drives: [0], volumeTags: [] }] : []),
      },
    });
    await library.mount(1, "TMK001L9");
    expect(isUnloaded(), "steps of the drive").to.equal(true);
    const opened = process.opened.length;
    await (await library.openDrive(0)).attend();
    expect(process.opened.length, "it was open").to.equal(opened);
  });
});
