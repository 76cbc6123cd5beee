// SPDX-License-Identifier: Apache-2.0
/**
 * A process that moves cartridges ends before and after every command to the changer and the drives and every write of
 * the journal and the registers, exhaustively, and with a cartridge left in the robot's hand. Another process goes on.
 */
import { expect } from "chai";
import type { ChangerLibrary } from "../../lib/media-server/changer-library.ts";
import { Crash, RobotBench, bay, firstMailSlot, hand, mailSlot, slot } from "./robot-bench.ts";
import type { Accident, BenchOptions, Step, StuckKind } from "./robot-bench.ts";

interface Operation {
  readonly title: string;
  readonly bench: BenchOptions;
  /** What was done before, by a process that lived. */
  readonly prepare?: (bench: RobotBench) => void;
  readonly run: (library: ChangerLibrary, bench: RobotBench) => Promise<unknown>;
  /** Where each cartridge must be in the end. */
  readonly goal: Readonly<Record<string, number | readonly number[]>>;
  /** Cartridges that are to be put into a drive, each once. */
  readonly loads: readonly string[];
  /** Of a full library: what was in the drive has no place but the drive when the robot stopped with it in its hand. */
  readonly goesBack?: string;
}

const cleaningDrive = (bench: RobotBench): void =>
  bench.store.drives.put({ name: "drive-0", state: "inService", cleaning: "now" });

const isCleaned = (bench: RobotBench): boolean => bench.store.drives.get("drive-0")?.lastCleanedAtMs !== undefined;

const operations: readonly Operation[] = [
  {
    title: "mount into an empty drive",
    bench: { inventory: { [slot(0)]: "TMK001L9", [slot(1)]: "TMK002L9" } },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "mount over a loaded drive, by two moves",
    bench: {
      inventory: { [slot(0)]: "TMK001L9", [bay(0)]: `TMK002L9 source=${slot(1)} loaded` },
      hasExchange: false,
    },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "mount by exchange, the other cartridge to its own slot",
    bench: { inventory: { [slot(0)]: "TMK001L9", [bay(0)]: `TMK002L9 source=${slot(1)} loaded` } },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "mount by exchange in a full library, the other cartridge to the wanted one's slot",
    bench: {
      slots: 2,
      inventory: { [slot(0)]: "TMK001L9", [slot(1)]: "TMK003L9", [bay(0)]: `TMK002L9 source=${slot(1)} loaded` },
    },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(0), TMK003L9: slot(1) },
    loads: ["TMK001L9"],
    goesBack: "TMK002L9",
  },
  {
    title: "mount from a mail slot",
    bench: { inventory: { [mailSlot(1)]: "TMK001L9 operator", [slot(1)]: "TMK002L9" } },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "mount of a cartridge that stands in another drive",
    bench: { inventory: { [bay(1)]: `TMK001L9 source=${slot(0)} loaded`, [slot(1)]: "TMK002L9" } },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "mount over a loaded drive of a cartridge that stands in another drive",
    bench: {
      inventory: { [bay(1)]: `TMK001L9 source=${slot(0)} loaded`, [bay(0)]: `TMK002L9 source=${slot(1)} loaded` },
    },
    run: async (library) => library.mount(0, "TMK001L9"),
    goal: { TMK001L9: bay(0), TMK002L9: slot(1) },
    loads: ["TMK001L9"],
  },
  {
    title: "unmount",
    bench: { inventory: { [bay(0)]: `TMK001L9 source=${slot(3)} loaded`, [slot(1)]: "TMK002L9" } },
    run: async (library) => library.unmount(0),
    goal: { TMK001L9: slot(3), TMK002L9: slot(1) },
    loads: [],
  },
  {
    title: "export of two cartridges, one of them in a drive",
    bench: {
      inventory: {
        [slot(0)]: "TMK001L9",
        [bay(1)]: `TMK002L9 source=${slot(1)} loaded`,
        [slot(2)]: "TMK003L9",
      },
    },
    run: async (library) => library.exportCartridges(["TMK001L9", "TMK002L9"], "bank"),
    goal: {
      TMK001L9: [mailSlot(0), mailSlot(1)],
      TMK002L9: [mailSlot(0), mailSlot(1)],
      TMK003L9: slot(2),
    },
    loads: [],
  },
  {
    title: "import of two cartridges",
    bench: {
      inventory: { [mailSlot(0)]: "TMK001L9 operator", [mailSlot(1)]: "TMK002L9 operator", [slot(0)]: "TMK003L9" },
    },
    run: async (library) => library.importCartridges(),
    goal: {
      TMK001L9: [slot(1), slot(2)],
      TMK002L9: [slot(1), slot(2)],
      TMK003L9: slot(0),
    },
    loads: [],
  },
  {
    title: "clean",
    bench: { inventory: { [slot(0)]: "CLN001L1", [bay(0)]: `TMK002L9 source=${slot(1)} loaded` } },
    // Whoever finds the drive cleaned does not ask for it again.
    run: async (library, bench) => (isCleaned(bench) ? library.unmount(0) : library.cleanDrive(0)),
    goal: { CLN001L1: slot(0), TMK002L9: slot(1) },
    loads: ["CLN001L1"],
  },
  {
    title: "unmount from a drive that must be cleaned",
    bench: { inventory: { [slot(0)]: "CLN001L1", [bay(0)]: `TMK002L9 source=${slot(1)} loaded` } },
    prepare: cleaningDrive,
    run: async (library) => library.unmount(0),
    goal: { CLN001L1: slot(0), TMK002L9: slot(1) },
    loads: ["CLN001L1"],
  },
];

/** The steps of an operation that nothing happens to. */
async function stepsOf(operation: Operation): Promise<readonly Step[]> {
  const bench = benchOf(operation);
  try {
    const { library, process } = bench.start();
    await operation.run(library, bench);
    expectGoal(operation, bench);
    await process.end();
    expectJournal(process.steps);
    return process.steps;
  } finally {
    bench.remove();
  }
}

/** Every move is in the journal before its command is sent, and leaves it before anything else is done. */
function expectJournal(steps: readonly Step[]): void {
  const names = steps.map(({ name }) => name);
  for (const [index, { move }] of steps.entries()) {
    if (move === undefined) continue;
    expect(names.slice(index - 1, index + 2)).to.deep.equal(["journal.begin", names[index], "journal.end"]);
  }
}

/** Nothing is moved after an answer that did not come before the elements were read (C6). */
function expectLook(after: readonly Step[]): void {
  const next = after.findIndex(({ move }) => move !== undefined);
  const before = (next === -1 ? after : after.slice(0, next)).map(({ name }) => name);
  expect(before).to.include("changer elements");
}

function benchOf(operation: Operation): RobotBench {
  const bench = new RobotBench(operation.bench);
  operation.prepare?.(bench);
  return bench;
}

/**
 * A process has the accident; where that was its end, or it gave up, another one does the same again, with an accident
 * of its own, until one comes through. Gives the steps of the one that did.
 */
async function survive(operation: Operation, accidents: readonly Accident[]): Promise<readonly Step[]> {
  const bench = benchOf(operation);
  try {
    for (const accident of [...accidents, undefined]) {
      const { library, process } = bench.start(accident);
      const failure = await failureOf(async () => operation.run(library, bench));
      await process.end();
      if (accident !== undefined) expect(process.steps.length, "the accident happened").to.be.at.least(accident.step);
      if (accident?.survives === true) expectLook(process.steps.slice(accident.step));
      if (failure === undefined) {
        const isGoingBack = accidents.some(({ kind }) => kind === "stuckGoing");
        expectGoal(operation, bench, isGoingBack ? operation.goesBack : undefined);
        return process.steps;
      }
      if (accident?.survives !== true) expect(failure).to.be.instanceOf(Crash);
    }
    throw new Error("the last process had no accident, and failed");
  } finally {
    bench.remove();
  }
}

async function failureOf(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error;
  }
}

function expectGoal({ goal, loads }: Operation, bench: RobotBench, goesBack?: string): void {
  const tags = bench.inventory.map(({ volumeTag }) => volumeTag).sort();
  expect(tags, "every cartridge is in one place").to.deep.equal(Object.keys(goal).sort());
  for (const { volumeTag, address } of bench.inventory) {
    const wanted = goal[volumeTag];
    expect([wanted].flat(), `${volumeTag} is where it was to go`).to.include(address);
    const { location } = bench.store.cartridges.get(volumeTag) ?? {};
    const isOut = address >= firstMailSlot && address < slot(0);
    const known = isOut ? { kind: "vault", name: "bank" } : { kind: "library", elementAddress: address };
    expect(location, `the register knows where ${volumeTag} is`).to.deep.equal(known);
  }
  expect(bench.store.moves.open(), "no move is open").to.deep.equal([]);
  expect(bench.store.requests.list(), "nobody is asked for anything").to.deep.equal([]);
  for (const [volumeTag, count] of bench.loads) {
    expect([...loads, goesBack], `${volumeTag} was put into a drive`).to.include(volumeTag);
    if (volumeTag !== goesBack) expect(count, `${volumeTag} was put into a drive`).to.equal(1);
  }
}

/** How a robot may stop in mid-move. */
function stuckKinds({ move }: Step): readonly StuckKind[] {
  if (move === undefined || move.source === hand) return [];
  if (move.second === undefined) return ["stuckComing"];
  const all: readonly StuckKind[] = ["stuckComing", "stuckGoing", "stuckSwapped", "stuckMadeRoom"];
  return move.second === move.source ? all.slice(0, 3) : all;
}

function crashesOf(steps: readonly Step[]): readonly Accident[] {
  return steps.flatMap((step, index) =>
    (["before", "after", ...stuckKinds(step)] as const).map((kind) => ({ step: index + 1, kind })),
  );
}

/** Moves whose answer never comes, while the process lives on (C6). */
function lostAnswersOf(steps: readonly Step[]): readonly Accident[] {
  return steps.flatMap((step, index) => {
    if (step.move === undefined) return [];
    return (["before", "after", ...stuckKinds(step)] as const).map((kind) => ({
      step: index + 1,
      kind,
      survives: true,
    }));
  });
}

describe("a crash after every step of every operation of the changer (C4, C6)", () => {
  const counts = { crashes: 0, lostAnswers: 0, second: 0 };

  after(() => {
    process.stdout.write(
      `      ${counts.crashes} crashes, ${counts.second} second crashes in the recovery, ${counts.lostAnswers} lost answers\n`,
    );
  });

  for (const operation of operations) {
    it(operation.title, async () => {
      const steps = await stepsOf(operation);
      for (const accident of crashesOf(steps)) {
        await named(operation, steps, [accident], async () => survive(operation, [accident]));
        counts.crashes++;
      }
      for (const accident of lostAnswersOf(steps)) {
        await named(operation, steps, [accident], async () => survive(operation, [accident]));
        counts.lostAnswers++;
      }
    });

    it(`${operation.title}: the process that puts the robot's hand right ends too`, async () => {
      const steps = await stepsOf(operation);
      for (const first of crashesOf(steps).filter(({ kind }) => kind.startsWith("stuck"))) {
        const recovery = await survive(operation, [first]);
        // Before each step is after the one before.
        for (const second of crashesOf(recovery).filter(({ kind }) => kind !== "after")) {
          await named(operation, recovery, [first, second], async () => survive(operation, [first, second]));
          counts.second++;
        }
      }
    });
  }
});

/** Says in the message which accident it was. */
async function named(
  { title }: Operation,
  steps: readonly Step[],
  accidents: readonly Accident[],
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const last = accidents.at(-1);
    const { name = "" } = steps[(last?.step ?? 0) - 1] ?? {};
    const texts = accidents.map(({ kind, step }) => `${kind} step ${step}`).join(", then ");
    if (error instanceof Error) error.message = `${title}: ${texts} (${name}): ${error.message}`;
    throw error;
  }
}
