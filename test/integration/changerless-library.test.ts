// SPDX-License-Identifier: Apache-2.0
/** Drives that a person loads, and a stacker that brings one cartridge after the other. */
import { expect } from "chai";
import type { TapeDrive } from "../../lib/device/tape-drive.ts";
import { OperatorError } from "../../lib/errors.ts";
import type { Library } from "../../lib/media-server/library.ts";
import type { LibraryEnvironment } from "../../lib/media-server/library-environment.ts";
import { ManualLibrary } from "../../lib/media-server/manual-library.ts";
import { SequentialLibrary } from "../../lib/media-server/sequential-library.ts";
import { readLabel } from "../../lib/media-server/tape-label.ts";
import { RobotBench, bay, slot } from "./robot-bench.ts";
import type { Process } from "./robot-bench.ts";
import { insertIntoDrive } from "./simulated-operator.ts";

const three = { [slot(0)]: "TMK001L9", [slot(1)]: "TMK002L9", [slot(2)]: "TMK003L9" };

describe("libraries without a changer", () => {
  let bench: RobotBench;
  const processes: Process[] = [];
  const libraries: Library[] = [];

  const start = (Kind: new (environment: LibraryEnvironment) => Library): Library => {
    const process = bench.newProcess();
    processes.push(process);
    const library = new Kind(bench.environment(process));
    libraries.push(library);
    return library;
  };
  const stepsOf = (name: string): number => {
    const steps = processes.flatMap((process) => process.steps);
    return steps.filter((step) => step.name === name).length;
  };
  const requests = (): readonly string[] => bench.store.requests.list().map(({ kind, text }) => `${kind}: ${text}`);
  const missing = async (work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      expect(error).to.be.instanceOf(OperatorError);
      expect((error as OperatorError).code).to.equal("ERR_TAPE_CARTRIDGE_MISSING");
      return;
    }
    throw new Error("the cartridge was not missing");
  };
  const labelIn = async (drive: TapeDrive): Promise<string> => {
    const label = await readLabel(drive);
    return label.kind === "ours" ? label.header.barcode : label.kind;
  };
  const locationOf = (tag: string): unknown => bench.store.cartridges.get(tag)?.location;

  afterEach(async () => {
    for (const library of libraries.splice(0)) await library.close();
    for (const process of processes.splice(0)) await process.end();
    bench.remove();
  });

  describe("loaded by hand", () => {
    beforeEach(async () => {
      bench = new RobotBench({ drives: 1, inventory: three });
      await bench.label("TMK001L9", "TMK002L9");
      bench.setInventory([]);
    });

    for (const [key, asc] of [
      [3, 0x11],
      [4, 0x15],
    ] as const) {
      it(`R6: a label that cannot be read (${key}/${asc.toString(16)}h) is the cartridge's fault, and no drive's`, async () => {
        const effect = { sense: { key, asc, ascq: 1 } };
        bench.setFaults({ unit: "drive-0", when: { operation: "READ(6)" }, effect, times: "always" });
        const library = start(ManualLibrary);
        bench.store.cartridges.change("TMK001L9", (cartridge) => ({ ...cartridge, kind: "data" }));
        await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
        await missing(async () => library.mount(0, "TMK001L9", { jobId: "17" }));
      });
    }

    it("ask for a cartridge by the drive's name until it is there", async () => {
      const library = start(ManualLibrary);
      for (let time = 0; time < 3; time++) await missing(async () => library.mount(0, "TMK001L9", { jobId: "17" }));
      expect(requests()).to.deep.equal(["load: load one of: TMK001L9: put it into drive-0"]);
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      const drive = await library.mount(0, "TMK001L9", { jobId: "17" });
      expect(await labelIn(drive)).to.equal("TMK001L9");
      expect(requests()).to.deep.equal([]);
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "library", elementAddress: 0 });
      expect((await library.inventory()).elements).to.deep.include({
        address: 0,
        type: "dataTransfer",
        full: true,
        drive: 0,
        volumeTag: "TMK001L9",
        driveSerialNumber: bench.store.drives.get("drive-0")?.serialNumber,
      });
    });

    it("C8: give a wrong cartridge back, and look at it once however often they are asked", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK002L9");
      const library = start(ManualLibrary);
      for (let time = 0; time < 5; time++) await missing(async () => library.mount(0, "TMK001L9"));
      expect(stepsOf("drive-0 unload")).to.equal(1);
      expect(stepsOf("drive-0 readBlock")).to.equal(2);
      expect(bench.inventory).to.deep.equal([{ address: bay(0), volumeTag: "TMK002L9", words: [] }]);
      expect(locationOf("TMK002L9")).to.deep.equal({ kind: "outside" });
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      expect(await labelIn(await library.mount(0, "TMK001L9"))).to.equal("TMK001L9");
    });

    it("cost one command while nothing has changed", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      const library = start(ManualLibrary);
      await library.mount(0, "TMK001L9");
      const [process] = processes;
      const before = process?.steps.length ?? 0;
      await library.mount(0, "TMK001L9");
      expect(process?.steps.slice(before).map(({ name }) => name)).to.deep.equal(["drive-0 testUnitReady"]);
    });

    it("look again after the cartridge was changed behind their back", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      const library = start(ManualLibrary);
      const drive = await library.mount(0, "TMK001L9");
      await drive.unload();
      await insertIntoDrive(bench.libraryFolder, 0, "TMK002L9");
      await missing(async () => library.mount(0, "TMK001L9"));
      expect(bench.inventory[0]?.words, "it was given back").to.deep.equal([]);
    });

    it("take an unlabelled cartridge for a new one, never for one that is known", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK003L9");
      const library = start(ManualLibrary);
      await missing(async () => library.mount(0, "TMK001L9"));
      await insertIntoDrive(bench.libraryFolder, 0, "TMK003L9");
      expect(await labelIn(await library.mount(0, "TMK003L9"))).to.equal("blank");
      expect(bench.store.cartridges.get("TMK003L9")?.kind).to.equal("blank");
    });

    it("offer what is not in a vault, and the drive that has it first", async () => {
      bench.store.cartridges.put({
        volumeTag: "TMK002L9",
        kind: "data",
        location: { kind: "vault", name: "bank" },
        worm: false,
        writeProtected: false,
      });
      const library = start(ManualLibrary);
      expect([...(await library.presentTags())].sort()).to.deep.equal(["TMK001L9", "TMK003L9"]);
      expect(await library.drivesFor("TMK001L9")).to.deep.equal([0]);
    });

    it("give the cartridge out when they are done, and note how it is", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      const library = start(ManualLibrary);
      await library.mount(0, "TMK001L9");
      await library.unmount(0);
      expect(bench.inventory[0]?.words).to.deep.equal([]);
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "outside" });
      expect(bench.store.cartridges.get("TMK001L9")?.wear?.loads).to.equal(2);
    });

    it("ask for cleaning as long as the drive does", async () => {
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      bench.setFaults({ unit: "drive-0", when: { operation: "TEST UNIT READY" }, effect: { tapeAlert: 21 } });
      const library = start(ManualLibrary);
      await library.mount(0, "TMK001L9");
      await library.unmount(0);
      expect(requests()).to.deep.equal([
        "load: drive-0 must be cleaned: load a cleaning cartridge: put it into drive-0",
      ]);
    });
  });

  describe("fed by a stacker (C12)", () => {
    const make = async (turnsRound: boolean): Promise<void> => {
      bench = new RobotBench({ drives: 1, slots: 3, inventory: three });
      await bench.label("TMK001L9", "TMK002L9", "TMK003L9");
      bench.makeSequential(turnsRound);
    };

    it("go through the stack until the wanted cartridge has come", async () => {
      await make(false);
      const library = start(SequentialLibrary);
      expect(await labelIn(await library.mount(0, "TMK003L9"))).to.equal("TMK003L9");
      expect(stepsOf("drive-0 unload")).to.equal(2);
      expect(locationOf("TMK003L9")).to.deep.equal({ kind: "library", elementAddress: 0 });
    });

    for (const turnsRound of [false, true]) {
      const how = turnsRound ? "turns round" : "ends";
      it(`look at each cartridge once, then ask, where the stack ${how}`, async () => {
        await make(turnsRound);
        const library = start(SequentialLibrary);
        for (let time = 0; time < 3; time++) await missing(async () => library.mount(0, "TMK009L9"));
        expect(stepsOf("drive-0 unload")).to.equal(3);
        expect(requests()).to.deep.equal(["load: load one of: TMK009L9: put it into the stacker of drive-0"]);
      });

      it(`find one that has passed already, where the stack ${how}`, async () => {
        await make(turnsRound);
        const library = start(SequentialLibrary);
        await library.mount(0, "TMK002L9");
        expect(await labelIn(await library.mount(0, "TMK001L9"))).to.equal("TMK001L9");
      });
    }

    it("go on when a person has filled the stack anew", async () => {
      await make(false);
      bench.moveByHand(slot(0), undefined);
      const library = start(SequentialLibrary);
      await missing(async () => library.mount(0, "TMK001L9"));
      await insertIntoDrive(bench.libraryFolder, 0, "TMK001L9");
      expect(await labelIn(await library.mount(0, "TMK001L9"))).to.equal("TMK001L9");
      expect(requests()).to.deep.equal([]);
    });
  });
});
