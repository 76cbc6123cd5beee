// SPDX-License-Identifier: Apache-2.0
/** The robot's faults (fault catalogue, A6), the register of cartridges, mail slots and cleaning. */
import { expect } from "chai";
import { OperatorError, TapeError } from "../../lib/errors.ts";
import type { SimulatedFault } from "../../lib/native/binding.ts";
import { RobotBench, bay, hand, mailSlot, slot } from "./robot-bench.ts";
import type { BenchOptions, Process } from "./robot-bench.ts";

const two = { [slot(0)]: "TMK001L9", [slot(1)]: "TMK002L9" };

describe("the robot", () => {
  let bench: RobotBench;
  const processes: Process[] = [];

  const make = (options: BenchOptions): void => {
    bench = new RobotBench(options);
  };
  const start = (): ReturnType<RobotBench["start"]> => {
    const started = bench.start();
    processes.push(started.process);
    return started;
  };
  const requests = (): readonly string[] => bench.store.requests.list().map(({ kind, text }) => `${kind}: ${text}`);
  const locationOf = (tag: string): unknown => bench.store.cartridges.get(tag)?.location;
  const refusal = async (work: () => Promise<unknown>): Promise<TapeError> => {
    try {
      await work();
    } catch (error) {
      expect(error).to.be.instanceOf(TapeError);
      return error as TapeError;
    }
    throw new Error("it was not refused");
  };
  const count = ({ steps }: Process, name: string): number => steps.filter((step) => step.name === name).length;

  afterEach(async () => {
    for (const process of processes.splice(0)) await process.end();
    bench.remove();
  });

  describe("when the changer refuses or fails", () => {
    const moveFault = (key: number, asc: number, ascq: number, times: number | "always" = 1): SimulatedFault => ({
      unit: "changer",
      when: { operation: "MOVE MEDIUM" },
      effect: { sense: { key, asc, ascq } },
      times,
    });

    it("C1: looks again and plans anew where an element is not as it was", async () => {
      make({ inventory: two });
      bench.setFaults(moveFault(5, 0x3b, 0x0e));
      const { library, process } = start();
      await library.mount(0, "TMK001L9");
      expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
      expect(count(process, "changer moveMedium")).to.equal(2);
    });

    it("C1: asks a person after three plans that came to nothing", async () => {
      make({ inventory: two });
      bench.setFaults(moveFault(5, 0x3b, 0x0d, "always"));
      const { library, process } = start();
      const { code, message } = await refusal(async () => library.mount(0, "TMK001L9"));
      expect(code).to.equal("ERR_TAPE_OPERATOR");
      expect(message).to.match(/^look at changer: .*5\/3B\/0D/);
      expect(count(process, "changer moveMedium")).to.equal(3);
      expect(requests()).to.deep.equal([`look: ${message}`]);
      expect(bench.placesOf("TMK001L9")).to.deep.equal([slot(0)]);
    });

    it("C2: allows removal and unloads the drive that holds on to its cartridge", async () => {
      make({ inventory: { ...two, [bay(1)]: `TMK003L9 source=${slot(2)} loaded prevented` } });
      bench.setFaults(moveFault(5, 0x53, 0x02));
      const { library, process } = start();
      await library.mount(0, "TMK003L9");
      expect(bench.placesOf("TMK003L9")).to.deep.equal([bay(0)]);
      expect(count(process, "drive-1 preventRemoval")).to.equal(1);
      expect(count(process, "drive-1 unload")).to.equal(2);
    });

    it("C3: asks for the door to be closed, and goes on when it is", async () => {
      make({ inventory: two });
      bench.setFaults({
        unit: "changer",
        when: { command: 1 },
        effect: { notReady: [0x04, 0x18], polls: 1 },
      });
      const { library } = start();
      const { message } = await refusal(async () => library.mount(0, "TMK001L9"));
      expect(message).to.include("Close its door and mail slots");
      expect(requests()).to.deep.equal([`look: ${message}`]);
      await library.mount(0, "TMK001L9");
      expect(requests()).to.deep.equal([]);
    });

    it("C3: looks again where the magazine came out in mid-plan", async () => {
      make({ inventory: two });
      bench.setFaults(moveFault(5, 0x3b, 0x11));
      await start().library.mount(0, "TMK001L9");
      expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
    });

    it("C4: empties a hand that nobody's journal knows of", async () => {
      make({ inventory: { [hand]: `TMK001L9 source=${slot(3)}`, [slot(1)]: "TMK002L9" } });
      await start().library.mount(0, "TMK002L9");
      expect(bench.placesOf("TMK001L9")).to.deep.equal([slot(3)]);
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "library", elementAddress: slot(3) });
    });

    it("C4: takes another free slot where its own was filled, and says so where there is none", async () => {
      make({ slots: 2, inventory: { [hand]: `TMK001L9 source=${slot(0)}`, [slot(0)]: "TMK002L9" } });
      await start().library.unmount(0);
      expect(bench.placesOf("TMK001L9")).to.deep.equal([slot(1)]);
      bench.setInventory([`${hand} TMK001L9`, `${slot(0)} TMK002L9`, `${slot(1)} TMK003L9`]);
      const { message } = await refusal(async () => start().library.unmount(0));
      expect(message).to.include("no slot is free for TMK001L9 in the hand of changer");
      expect(requests()).to.deep.equal([`look: ${message}`]);
    });

    it("C5: tries a gripper error once more, and no more than that", async () => {
      make({ inventory: two });
      bench.setFaults(moveFault(4, 0x15, 0x01));
      await start().library.mount(0, "TMK001L9");
      expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
      bench.setFaults(moveFault(4, 0x15, 0x01, "always"));
      const { library, process } = start();
      const { message } = await refusal(async () => library.mount(1, "TMK002L9"));
      expect(count(process, "changer moveMedium")).to.equal(2);
      expect(message).to.match(/^look at changer: the move of TMK002L9 .* failed twice, and nothing moved/);
      expect(requests()).to.deep.equal([`look: ${message}`]);
      expect(bench.store.moves.open()).to.deep.equal([]);
      bench.setFaults();
      await library.closeDrive(1);
      await start().library.mount(1, "TMK002L9");
      expect(requests(), "the robot has shown that it works").to.deep.equal([]);
    });

    for (const [how, status] of [
      ["timed out", { hostStatus: 3 }],
      ["was aborted", { scsiStatus: 0x40 }],
    ] as const) {
      for (const [what, execution, moves] of [
        ["carried out", { executed: true }, 1],
        ["not carried out", {}, 2],
        // Put home out of the hand, then brought again.
        ["left in the robot's hand", { inTransport: true }, 3],
      ] as const) {
        it(`C6: a move that ${how}, ${what}, is looked at before anything is done`, async () => {
          make({ inventory: two });
          const effect = { ...status, ...execution };
          bench.setFaults({ unit: "changer", when: { operation: "MOVE MEDIUM" }, effect });
          const { library, process } = start();
          await library.mount(0, "TMK001L9");
          expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
          expect(bench.loads.get("TMK001L9")).to.equal(1);
          expect(count(process, "changer moveMedium")).to.equal(moves);
          expect(bench.store.moves.open()).to.deep.equal([]);
        });
      }
    }

    it("C6: asks for a cartridge that is in no element after a crash, once the elements were looked at again", async () => {
      make({ inventory: two });
      bench.moveByHand(slot(0), undefined);
      const known = { kind: "data", location: { kind: "library" }, worm: false, writeProtected: false } as const;
      bench.store.cartridges.put({ volumeTag: "TMK001L9", ...known });
      bench.store.moves.begin({ volumeTag: "TMK001L9", fromAddress: slot(0), toAddress: bay(0), startedAtMs: 1 });
      const { library, process } = start();
      await library.mount(0, "TMK002L9");
      expect(count(process, "changer initializeElementStatus")).to.equal(1);
      expect(requests()).to.deep.equal([
        `look: look for TMK001L9: it was on its way from element ${slot(0)} to element ${bay(0)} of changer and is in no element now`,
      ]);
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "outside" });
      expect(bench.store.moves.open()).to.deep.equal([]);
      bench.setInventory([`${bay(0)} TMK002L9 source=${slot(1)} loaded`, `${slot(4)} TMK001L9`]);
      await library.mount(1, "TMK001L9");
      expect(requests(), "it was found").to.deep.equal([]);
    });

    it("C6: does not ask for one that was taken out of the mail slot", async () => {
      make({ inventory: { [slot(1)]: "TMK002L9" } });
      bench.store.moves.begin({ volumeTag: "TMK001L9", fromAddress: slot(0), toAddress: mailSlot(0), startedAtMs: 1 });
      await start().library.unmount(0);
      expect(requests()).to.deep.equal([]);
      expect(bench.store.moves.open()).to.deep.equal([]);
    });

    it("C7: moves neither of two cartridges with the same barcode", async () => {
      make({ inventory: two });
      bench.setInventory([`${slot(0)} TMK001L9`, `${slot(4)} TMK001L9`]);
      const { library, process } = start();
      const { code, message } = await refusal(async () => library.mount(0, "TMK001L9"));
      expect(code).to.equal("ERR_TAPE_CARTRIDGE_WRONG");
      expect(message).to.include(`elements ${slot(0)} and ${slot(4)} of changer`);
      expect(count(process, "changer moveMedium")).to.equal(0);
    });

    it("C9: lets the changer look at its elements where it has lost them, but never for a status", async () => {
      make({ inventory: two });
      bench.setFaults({ unit: "changer", when: { command: 1 }, effect: { notReady: [0x04, 0x02], polls: 3 } });
      const { library, process } = start();
      expect((await refusal(async () => library.inventory())).message).to.include(
        "an initialising command is required",
      );
      expect(count(process, "changer initializeElementStatus")).to.equal(0);
      await library.mount(0, "TMK001L9");
      expect(count(process, "changer initializeElementStatus")).to.equal(1);
    });

    it("waits for a changer that becomes ready, without asking faster than once a second", async () => {
      make({ inventory: two });
      bench.setFaults({ unit: "changer", when: { command: 1 }, effect: { notReady: [0x04, 0x01], polls: 60 } });
      const before = bench.nowMs;
      await start().library.mount(0, "TMK001L9");
      expect(bench.nowMs - before).to.be.at.least(55_000);
    });
  });

  describe("drives", () => {
    it("C11: are found by serial number, whatever their order in the configuration", async () => {
      make({ inventory: two, driveOrder: [1, 0] });
      const { library } = start();
      const drive = await library.mount(0, "TMK001L9");
      expect(drive.name).to.equal("drive-1");
      expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(1)]);
      const { elements } = await library.inventory();
      expect(elements.filter(({ type }) => type === "dataTransfer").map((element) => element.drive)).to.deep.equal([
        1, 0,
      ]);
    });

    it("C11: are asked again where another one was put in their place", async () => {
      make({ inventory: two });
      const former = {
        state: "inService",
        cleaning: "notNeeded",
        serialNumber: "FORMER",
        elementAddress: 999,
      } as const;
      bench.store.drives.put({ name: "drive-1", ...former });
      const { library } = start();
      expect(await library.drivesFor()).to.deep.equal([0, 1]);
      const { serialNumber, elementAddress } = bench.store.drives.get("drive-1") ?? {};
      expect(serialNumber).to.match(/D001$/);
      expect(elementAddress).to.equal(bay(1));
    });

    it("C11: keep their place while another process has them open", async () => {
      make({ inventory: two });
      const first = start();
      await first.library.mount(1, "TMK001L9");
      const second = start();
      const { elements } = await second.library.inventory();
      const inDrive = elements.find(({ volumeTag }) => volumeTag === "TMK001L9");
      expect(inDrive).to.include({ address: bay(1), drive: 1 });
      expect(await second.library.drivesFor("TMK001L9")).to.deep.equal([1, 0]);
      expect(await second.library.drivesFor("TMK002L9")).to.deep.equal([0, 1]);
    });

    it("are not taken from a job that has leased them", async () => {
      make({ inventory: { ...two, [bay(1)]: `TMK003L9 source=${slot(2)} loaded` } });
      const holder = { processId: 4711, jobId: "17", purpose: "backup", priority: 0, state: "holding" } as const;
      bench.holders.push({ ...holder, drives: [1], volumeTags: ["TMK003L9"] });
      const { library } = start();
      const unmet = await refusal(async () => library.mount(0, "TMK003L9"));
      expect(unmet.message, "nobody has asked the drive who it is").to.include("perhaps in drive-1");
      bench.holders.length = 0;
      await library.inventory();
      bench.holders.push({ ...holder, drives: [1], volumeTags: ["TMK003L9"] });
      const { code, message } = await refusal(async () => library.mount(0, "TMK003L9"));
      expect(code).to.equal("ERR_TAPE_DEVICE_LOCKED");
      expect(message).to.equal("TMK003L9 is in drive-1, which process 4711 uses for job 17: wait for it");
      expect(bench.placesOf("TMK003L9")).to.deep.equal([bay(1)]);
    });

    it("are asked for hours while one calibrates, and not for ever", async () => {
      make({ inventory: two });
      const calibrating = (polls: number): SimulatedFault => ({
        unit: "drive-0",
        when: { operation: "TEST UNIT READY", volume: "TMK001L9" },
        effect: { notReady: [0x04, 0x01], polls },
      });
      bench.setFaults(calibrating(3600));
      const before = bench.nowMs;
      await start().library.mount(0, "TMK001L9");
      expect(bench.nowMs - before).to.be.at.least(3_500_000);
      for (const process of processes.splice(0)) await process.end();
      bench.setFaults(calibrating(20_000));
      const { message } = await refusal(async () => start().library.mount(0, "TMK001L9"));
      expect(message).to.include("look at drive-0: it does not become ready with TMK001L9");
    });

    it("out of service are no drives", async () => {
      make({ inventory: two });
      bench.store.drives.put({ name: "drive-0", state: "outOfService", cleaning: "notNeeded" });
      const { library } = start();
      expect(await library.drivesFor()).to.deep.equal([1]);
      bench.store.drives.put({ name: "drive-1", state: "outOfService", cleaning: "notNeeded" });
      expect((await refusal(async () => library.drivesFor())).message).to.include("no drive is in service");
    });

    it("are unloaded to a free slot, or the operator is told that there is none", async () => {
      make({ slots: 1, inventory: { [slot(0)]: "TMK001L9", [bay(0)]: "TMK002L9 loaded" } });
      const { library } = start();
      const { message } = await refusal(async () => library.unmount(0));
      expect(message).to.equal("no slot of changer is free for TMK002L9: take a cartridge out of the library");
      expect(requests()).to.deep.equal([`remove: ${message}`]);
      bench.moveByHand(slot(0), undefined);
      await library.unmount(0);
      expect(bench.placesOf("TMK002L9")).to.deep.equal([slot(0)]);
      expect(requests()).to.deep.equal([]);
    });
  });

  describe("the register of cartridges", () => {
    it("knows what is in the library, what left it, and what came by the mail slot (C13)", async () => {
      make({ inventory: { ...two, [slot(2)]: "CLN001L1" } });
      const { library } = start();
      await library.inventory();
      expect(bench.store.cartridges.get("TMK001L9")).to.deep.equal({
        volumeTag: "TMK001L9",
        kind: "unknown",
        location: { kind: "library", elementAddress: slot(0) },
        worm: false,
        writeProtected: false,
      });
      expect(bench.store.cartridges.get("CLN001L1")).to.include({ kind: "cleaning" });
      expect(bench.store.cartridges.get("CLN001L1")?.cleanings).to.deep.equal({ used: 0, limit: 3 });
      bench.moveByHand(slot(0), mailSlot(1), ["operator"]);
      bench.moveByHand(slot(1), undefined);
      await library.unmount(0);
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "library", elementAddress: mailSlot(1) });
      expect(locationOf("TMK002L9")).to.deep.equal({ kind: "outside" });
      expect([...(await library.presentTags())]).to.deep.equal(["TMK001L9"]);
    });

    it("asks for a cartridge, says which vault it is in, and is content when it has been mounted", async () => {
      make({ inventory: two });
      const vault = { kind: "vault", name: "bank" } as const;
      bench.store.cartridges.put({
        volumeTag: "TMK009L9",
        kind: "data",
        location: vault,
        worm: false,
        writeProtected: false,
      });
      const { library } = start();
      for (let time = 0; time < 3; time++) {
        const { code, exitCode } = await refusal(async () => library.mount(0, "TMK009L9", { jobId: "17" }));
        expect([code, exitCode]).to.deep.equal(["ERR_TAPE_CARTRIDGE_MISSING", 5]);
      }
      expect(requests()).to.deep.equal(['load: load one of: TMK009L9 (in vault "bank"): put it into the library']);
      bench.setInventory([`${mailSlot(0)} TMK001L9 operator`]);
      await library.mount(0, "TMK001L9", { jobId: "17" });
      expect(requests(), "another one was mounted").to.have.length(1);
      bench.setInventory([`${mailSlot(0)} TMK002L9 operator`, `${bay(0)} TMK001L9 loaded`]);
      const { jobId } = bench.store.requests.open({
        kind: "load",
        volumeTags: ["TMK002L9", "TMK007L9"],
        jobId: "18",
        text: "",
        sinceMs: 0,
      });
      await library.mount(1, "TMK002L9", { jobId: "17" });
      expect(requests(), "of another job").to.have.length(2);
      await library.mount(1, "TMK002L9", { jobId: jobId ?? "" });
      expect(requests(), "one of those that it asked for").to.have.length(1);
    });

    it("is told of wear and of the drive's alerts when a cartridge is put away", async () => {
      make({ inventory: two, cleaning: { automatic: false, uses: 3 } });
      bench.setFaults({ unit: "drive-0", when: { operation: "TEST UNIT READY" }, effect: { tapeAlert: 20 } });
      const { library } = start();
      await library.mount(0, "TMK001L9");
      await library.unmount(0);
      const { wear } = bench.store.cartridges.get("TMK001L9") ?? {};
      expect(wear?.loads).to.equal(1);
      expect(wear?.capacityBytes).to.equal(4_000_000n);
      const { cleaning, lastError } = bench.store.drives.get("drive-0") ?? {};
      expect(cleaning).to.equal("now");
      expect(lastError?.text).to.equal("the drive must be cleaned: clean the drive now");
    });
  });

  describe("mail slots", () => {
    it("take what is exported to a vault, and say what is left when they are full", async () => {
      make({
        mailSlots: 2,
        inventory: { ...two, [slot(2)]: "TMK003L9", [bay(0)]: `TMK004L9 source=${slot(3)} loaded` },
      });
      const { library } = start();
      const tags = ["TMK004L9", "TMK001L9", "TMK002L9"];
      expect(await library.exportCartridges(tags, "bank")).to.deep.equal({
        exported: ["TMK004L9", "TMK001L9"],
        left: ["TMK002L9"],
      });
      expect(locationOf("TMK004L9")).to.deep.equal({ kind: "vault", name: "bank" });
      expect(requests()).to.deep.equal([
        "remove: take TMK004L9, TMK001L9 out of the mail slots of changer: 1 more cartridge is to be exported (TMK002L9)",
      ]);
      expect([...(await library.presentTags())].sort(), "exported is gone").to.deep.equal(["TMK002L9", "TMK003L9"]);
      expect(await library.importCartridges(), "nobody imports what is on its way out").to.deep.equal({
        imported: [],
        left: [],
      });
      bench.moveByHand(mailSlot(0), undefined);
      bench.moveByHand(mailSlot(1), undefined);
      expect(await library.exportCartridges(["TMK002L9"], "bank")).to.deep.equal({ exported: ["TMK002L9"], left: [] });
      expect(requests()).to.deep.equal([]);
      expect(locationOf("TMK001L9"), "it was taken to the bank").to.deep.equal({ kind: "vault", name: "bank" });
    });

    it("move nothing where a cartridge of the export is missing", async () => {
      make({ inventory: two });
      const { library, process } = start();
      const { message } = await refusal(async () => library.exportCartridges(["TMK001L9", "TMK008L9"]));
      expect(message).to.equal("TMK008L9: not in the library, so that nothing was exported");
      expect(count(process, "changer moveMedium")).to.equal(0);
    });

    it("give what they hold to free slots, and say what is left", async () => {
      make({
        slots: 2,
        inventory: { [slot(0)]: "TMK001L9", [mailSlot(0)]: "TMK002L9 operator", [mailSlot(1)]: "TMK003L9 operator" },
      });
      const { library } = start();
      expect(await library.importCartridges()).to.deep.equal({ imported: ["TMK002L9"], left: ["TMK003L9"] });
      expect(locationOf("TMK002L9")).to.deep.equal({ kind: "library", elementAddress: slot(1) });
      expect(requests()).to.deep.equal([
        "remove: no slot of changer is free for TMK003L9: take cartridges out of the library",
      ]);
    });

    it("bring back what was in a vault", async () => {
      make({ inventory: two });
      const { library } = start();
      await library.exportCartridges(["TMK001L9"], "bank");
      bench.moveByHand(mailSlot(0), undefined);
      await library.inventory();
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "vault", name: "bank" });
      bench.setInventory([`${mailSlot(0)} TMK001L9 operator`, `${slot(1)} TMK002L9`]);
      await library.mount(0, "TMK001L9");
      expect(locationOf("TMK001L9")).to.deep.equal({ kind: "library", elementAddress: bay(0) });
    });
  });

  describe("cleaning", () => {
    const loaded = { [bay(0)]: `TMK001L9 source=${slot(0)} loaded` };
    const needs = (cleaning: "soon" | "now"): void =>
      bench.store.drives.put({ name: "drive-0", state: "inService", cleaning });

    it("is done between two cartridges, and counted", async () => {
      make({ inventory: { ...loaded, [slot(1)]: "TMK002L9", [slot(2)]: "CLN001L1" } });
      needs("soon");
      const { library } = start();
      await library.mount(0, "TMK001L9");
      expect(bench.loads.get("CLN001L1"), "not while its cartridge is wanted").to.equal(undefined);
      await library.mount(0, "TMK002L9");
      expect(bench.loads.get("CLN001L1")).to.equal(1);
      expect(bench.placesOf("CLN001L1")).to.deep.equal([slot(2)]);
      expect(bench.placesOf("TMK002L9")).to.deep.equal([bay(0)]);
      expect(bench.store.cartridges.get("CLN001L1")?.cleanings).to.deep.equal({ used: 1, limit: 3 });
      const { cleaning, lastCleanedAtMs } = bench.store.drives.get("drive-0") ?? {};
      expect(cleaning).to.equal("notNeeded");
      expect(lastCleanedAtMs).to.be.a("number");
    });

    it("that a drive demands comes before the cartridge that is in it", async () => {
      make({ inventory: { ...loaded, [slot(2)]: "CLN001L1" } });
      needs("now");
      await start().library.mount(0, "TMK001L9");
      expect(bench.loads.get("CLN001L1")).to.equal(1);
      expect(bench.placesOf("TMK001L9")).to.deep.equal([bay(0)]);
    });

    it("ends with the budget of the cartridges, and asks for another", async () => {
      make({ inventory: { [slot(1)]: "CLN001L1", [slot(2)]: "CLN002L1" }, cleaning: { automatic: true, uses: 1 } });
      const { library } = start();
      await library.cleanDrive(0);
      await library.cleanDrive(0);
      expect([...bench.loads]).to.deep.equal([
        ["CLN001L1", 1],
        ["CLN002L1", 1],
      ]);
      const { code, message } = await refusal(async () => library.cleanDrive(0));
      expect(code).to.equal("ERR_TAPE_CARTRIDGE_MISSING");
      expect(message).to.include("no cleaning cartridge has a use left (CLN001L1, CLN002L1: used up)");
      expect(requests()).to.deep.equal([`load: ${message}`]);
      bench.setInventory([`${slot(1)} CLN001L1`, `${slot(3)} CLN003L1`]);
      await library.cleanDrive(0);
      expect(requests()).to.deep.equal([]);
    });

    it("takes another cartridge where the drive says that one is used up (TapeAlert 22)", async () => {
      make({ inventory: { [slot(1)]: "CLN001L1", [slot(2)]: "CLN002L1" } });
      // Attention, no medium, and then the first answer with the cartridge in it.
      bench.setFaults({ unit: "drive-0", when: { operation: "TEST UNIT READY", count: 3 }, effect: { tapeAlert: 22 } });
      const { library } = start();
      await library.cleanDrive(0);
      expect(bench.store.cartridges.get("CLN001L1")?.cleanings).to.deep.equal({ used: 3, limit: 3 });
      expect(bench.store.cartridges.get("CLN002L1")?.cleanings).to.deep.equal({ used: 1, limit: 3 });
      expect(bench.placesOf("CLN001L1")).to.deep.equal([slot(1)]);
    });

    it("that cannot be done stops no backup", async () => {
      make({ inventory: { ...loaded, [slot(1)]: "TMK002L9" } });
      needs("now");
      const { library } = start();
      await library.mount(0, "TMK002L9");
      expect(bench.placesOf("TMK002L9")).to.deep.equal([bay(0)]);
      expect(requests()).to.have.length(1);
      expect(requests()[0]).to.match(/^load: drive-0 must be cleaned/);
      expect(bench.store.drives.get("drive-0")?.cleaning).to.equal("now");
    });

    it("is not for cartridges that are no cleaning cartridges", async () => {
      make({ inventory: two });
      expect(await refusal(async () => start().library.cleanDrive(0))).to.be.instanceOf(OperatorError);
      expect([...bench.loads]).to.deep.equal([]);
    });
  });
});
