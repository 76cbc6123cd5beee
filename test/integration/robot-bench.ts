// SPDX-License-Identifier: Apache-2.0
/**
 * A simulated library whose processes can be killed at every command to a device and at every write of the journal.
 * The devices are the shipped ones; only what lies between them and the transport is watched.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { MediumChanger } from "../../lib/device/medium-changer.ts";
import { TapeDrive } from "../../lib/device/tape-drive.ts";
import { ChangerLibrary } from "../../lib/media-server/changer-library.ts";
import type { DriveQueueEntry } from "../../lib/media-server/drive-queue.ts";
import type { LibraryEnvironment } from "../../lib/media-server/library-environment.ts";
import { writeLabel } from "../../lib/media-server/tape-label.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type {
  ExchangeMedium,
  LoadUnload,
  MoveMedium,
  NativeAnswer,
  NativeMediumChanger,
  NativeResult,
  NativeTapeDrive,
  SimulatedFault,
} from "../../lib/native/binding.ts";
import { planFaults } from "./fault-plan.ts";

export const hand = 1;
export const firstDrive = 256;
export const firstMailSlot = 768;
export const firstSlot = 4096;

export const slot = (index: number): number => firstSlot + index;
export const mailSlot = (index: number): number => firstMailSlot + index;
export const bay = (index: number): number => firstDrive + index;

/** Processes die here, the power does not fail: what the system holds in memory is as good as on the disk. */
const memoryFolder = "/dev/shm";

/** Ends a process: nothing of it reaches a device or a register any more. */
export class Crash extends Error {}

/** What a step's crash leaves behind. Those that begin with `stuck` are of MOVE MEDIUM and EXCHANGE MEDIUM alone. */
export type CrashKind = "before" | "after" | StuckKind;
/**
 * `stuckComing`: the first cartridge is in the robot's hand. Of an exchange: `stuckGoing` the other one is, and the first
 * has not been touched; `stuckSwapped`: the first has come to its place, the other one is in the hand; `stuckMadeRoom`:
 * the other one has come to its place, and the first is in the hand.
 */
export type StuckKind = "stuckComing" | "stuckGoing" | "stuckSwapped" | "stuckMadeRoom";

/** At a step: the process ends, or the answer never comes (`unknown`) and the process lives on. */
export interface Accident {
  readonly step: number;
  readonly kind: CrashKind;
  readonly survives?: boolean;
}

export interface Step {
  readonly name: string;
  readonly move?: { readonly source: number; readonly first: number; readonly second?: number };
}

/** What one process sent and wrote, in order. */
export class Process {
  readonly steps: Step[] = [];
  readonly opened: { close(): Promise<void> }[] = [];
  readonly store: SqliteCatalogStore;
  readonly accident: Accident | undefined;
  dead = false;

  constructor(storePath: string, accident: Accident | undefined) {
    this.store = SqliteCatalogStore.open(storePath);
    this.accident = accident;
  }

  /** The kernel closes what a dead process had open. */
  async end(): Promise<void> {
    this.dead = true;
    for (const device of this.opened) await device.close();
    this.store.close();
  }

  die(): Crash {
    this.dead = true;
    return new Crash(`step ${this.steps.length}, ${this.steps.at(-1)?.name ?? ""}`);
  }
}

interface Place {
  readonly address: number;
  readonly volumeTag: string;
  readonly words: readonly string[];
}

export interface BenchOptions {
  readonly drives?: number;
  readonly slots?: number;
  readonly mailSlots?: number;
  /** Lines of the inventory, each with its element address. */
  readonly inventory: Readonly<Record<number, string>>;
  readonly hasExchange?: boolean;
  readonly cleaning?: LibraryEnvironment["cleaning"];
  /** The drives as the configuration has them, by number of the simulated drive. */
  readonly driveOrder?: readonly number[];
}

export class RobotBench {
  readonly folder: string;
  readonly libraryFolder: string;
  /** What outlives the processes, as an onlooker sees it. */
  readonly store: SqliteCatalogStore;
  readonly holders: DriveQueueEntry[] = [];
  /** How often a cartridge was put into a drive, by all processes. */
  readonly loads = new Map<string, number>();
  readonly #options: BenchOptions;
  nowMs = 1_000_000;

  constructor(options: BenchOptions) {
    this.#options = options;
    this.folder = mkdtempSync(join(existsSync(memoryFolder) ? memoryFolder : tmpdir(), "tidemark-robot-"));
    this.libraryFolder = join(this.folder, "library");
    this.store = SqliteCatalogStore.open(this.#storePath);
    const barcodes = Object.values(options.inventory).map((line) => line.split(" ")[0] ?? "");
    nativeBinding().createSimulatedLibrary(this.libraryFolder, {
      drives: options.drives ?? 2,
      storageElements: Math.max(options.slots ?? 6, barcodes.length),
      importExportElements: options.mailSlots ?? 2,
      barcodes,
      capacityBytes: 4n << 20n,
      earlyWarningBytes: 1n << 18n,
      bufferBytes: 1 << 16,
    });
    // As many slots as wanted, now that the cartridges do not need to stand in them.
    const path = join(this.libraryFolder, "library");
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/^storage-elements .*$/m, `storage-elements ${options.slots ?? 6}`));
    this.setInventory(Object.entries(options.inventory).map(([address, line]) => `${address} ${line}`));
  }

  /** A library as a process opens it; `accident` says where that process ends. */
  start(accident?: Accident): { readonly library: ChangerLibrary; readonly process: Process } {
    const process = this.newProcess(accident);
    return { library: new ChangerLibrary(this.environment(process)), process };
  }

  newProcess(accident?: Accident): Process {
    return new Process(this.#storePath, accident);
  }

  environment(process: Process): LibraryEnvironment {
    const { cartridges, drives, moves, requests } = process.store;
    const sync = <T>(name: string, work: () => T): T => this.#syncStep(process, name, work);
    return {
      journal: {
        begin: (move) => sync("journal.begin", () => moves.begin(move)),
        end: (id) => sync("journal.end", () => moves.end(id)),
        open: () => moves.open(),
      },
      cartridges: {
        get: (volumeTag) => cartridges.get(volumeTag),
        list: () => cartridges.list(),
        put: (entry) => sync("cartridges.put", () => cartridges.put(entry)),
        change: (volumeTag, decide) => {
          const known = cartridges.get(volumeTag);
          // What changes nothing is no step at which a process could leave something half done.
          if (known === undefined || decide(known) === undefined) return known;
          return sync("cartridges.change", () => cartridges.change(volumeTag, decide));
        },
      },
      drives: {
        get: (name) => drives.get(name),
        list: () => drives.list(),
        put: (entry) => sync("drives.put", () => drives.put(entry)),
        change: (name, decide) => {
          const known = drives.get(name);
          return decide(known) === undefined ? known : sync("drives.change", () => drives.change(name, decide));
        },
      },
      requests,
      blockProtection: false,
      queue: { withRobot: async (work) => work(), list: () => this.holders },
      access: {
        driveNames: this.#driveOrder.map((drive) => `drive-${drive}`),
        openChanger: () => WatchedChanger.of(this.#changer(process)),
        openDrive: (drive) => this.#openDrive(process, this.#driveOrder[drive] ?? drive),
      },
      cleaning: this.#options.cleaning ?? { automatic: true, uses: 3 },
      nowMs: () => this.nowMs,
      after: (ms, callback) => {
        this.nowMs += ms;
        setImmediate(callback);
        return () => undefined;
      },
    };
  }

  remove(): void {
    this.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get inventory(): readonly Place[] {
    return readFileSync(join(this.libraryFolder, "inventory"), "utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => {
        const [address = "", volumeTag = "", ...words] = line.split(" ");
        return { address: Number(address), volumeTag, words };
      });
  }

  /** Where a cartridge stands, in each of its places. */
  placesOf(volumeTag: string): readonly number[] {
    return this.inventory.filter((place) => place.volumeTag === volumeTag).map(({ address }) => address);
  }

  setInventory(lines: readonly string[]): void {
    writeFileSync(join(this.libraryFolder, "inventory"), lines.map((line) => `${line}\n`).join(""));
  }

  /** Labels cartridges of the library, and puts them back. */
  async label(...volumeTags: readonly string[]): Promise<void> {
    const { library, process } = this.start();
    for (const [index, volumeTag] of volumeTags.entries()) {
      const drive = await library.mount(0, volumeTag);
      await drive.setVariableBlocks();
      const uuid = `00000000-0000-4000-8000-00000000000${index}`;
      await writeLabel(drive, { barcode: volumeTag, uuid, pool: "default", recordSizeBytes: 16384, createdAtMs: 0 });
      const entry = this.store.cartridges.get(volumeTag);
      if (entry !== undefined) this.store.cartridges.put({ ...entry, kind: "data" });
    }
    await library.unmount(0);
    await process.end();
  }

  /** What goes wrong from the next process on. */
  setFaults(...faults: readonly SimulatedFault[]): void {
    planFaults(this.libraryFolder, faults);
  }

  /** From the next process on: no changer, and a drive that takes the cartridges of the slots one after the other. */
  makeSequential(turnsRound: boolean): void {
    const path = join(this.libraryFolder, "library");
    appendFileSync(path, `feed sequential\n${turnsRound ? "feed-wraps yes\n" : ""}`);
  }

  /** By hand, as a person does who does not ask the changer. */
  moveByHand(from: number, to: number | undefined, words: readonly string[] = []): void {
    const lines = this.inventory.flatMap((place) => {
      if (place.address !== from) return [[place.address, place.volumeTag, ...place.words].join(" ")];
      return to === undefined ? [] : [[to, place.volumeTag, ...words].join(" ")];
    });
    this.setInventory(lines);
  }

  get #storePath(): string {
    return join(this.folder, "catalog.sqlite");
  }

  #changer(process: Process): NativeMediumChanger {
    const address = { kind: "simulated", folder: this.libraryFolder, unit: "changer" } as const;
    const native = new (nativeBinding().MediumChanger)(address);
    process.opened.push(native);
    const watched = this.#watch(process, "changer", native);
    if (this.#options.hasExchange !== false) return watched;
    return withMethod(watched, "capabilities", async () => withoutExchanges(await watched.capabilities()));
  }

  get #driveOrder(): readonly number[] {
    return this.#options.driveOrder ?? Array.from({ length: this.#options.drives ?? 2 }, (_, drive) => drive);
  }

  #openDrive(process: Process, drive: number): TapeDrive {
    const unit = `drive-${drive}`;
    const native = new (nativeBinding().TapeDrive)({ kind: "simulated", folder: this.libraryFolder, unit });
    process.opened.push(native);
    return WatchedDrive.of(unit, this.#watch(process, unit, native));
  }

  #watch<Native extends object>(process: Process, unit: string, native: Native): Native {
    return new Proxy(native, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== "function") return value;
        if (key === "close") return async () => (value as () => Promise<void>).call(target);
        return async (...args: readonly unknown[]) =>
          this.#step(
            process,
            { name: `${unit} ${commandName(key, args)}`, ...moveOf(key, args) },
            async () => Reflect.apply(value, target, args) as Promise<unknown>,
          );
      },
    });
  }

  #syncStep<T>(process: Process, name: string, work: () => T): T {
    const kind = this.#enter(process, { name });
    if (kind === "before") throw process.die();
    const result = work();
    if (kind === "after") throw process.die();
    return result;
  }

  async #step(process: Process, step: Step, work: () => Promise<unknown>): Promise<unknown> {
    const kind = this.#enter(process, step);
    const survives = process.accident?.survives === true;
    if (kind === undefined) return this.#counted(step, work);
    if (kind === "after") await this.#counted(step, work);
    else if (kind !== "before") this.#stick(step, kind);
    if (!survives) throw process.die();
    return unanswered(step.name);
  }

  #enter(process: Process, step: Step): CrashKind | undefined {
    if (process.dead) throw new Crash(`${step.name}: the process is dead`);
    process.steps.push(step);
    return process.accident?.step === process.steps.length ? process.accident.kind : undefined;
  }

  async #counted(step: Step, work: () => Promise<unknown>): Promise<unknown> {
    if (step.move === undefined) return work();
    const before = this.inventory;
    const result = await work();
    for (const { address, volumeTag } of this.inventory) {
      const isInDrive = address >= firstDrive && address < firstMailSlot;
      const wasThere = before.some((place) => place.address === address && place.volumeTag === volumeTag);
      if (isInDrive && !wasThere) this.loads.set(volumeTag, (this.loads.get(volumeTag) ?? 0) + 1);
    }
    return result;
  }

  /** The robot stops in mid-move. */
  #stick({ move }: Step, kind: StuckKind): void {
    if (move === undefined) throw new Error("only a move gets stuck");
    const { source, first, second = 0 } = move;
    switch (kind) {
      case "stuckComing":
        return this.#take(source, hand);
      case "stuckGoing":
        return this.#take(first, hand);
      case "stuckSwapped":
        this.#take(first, hand);
        return this.#take(source, first, ["loaded"]);
      case "stuckMadeRoom":
        this.#take(source, hand);
        return this.#take(first, second);
    }
  }

  #take(from: number, to: number, words: readonly string[] = []): void {
    const place = this.inventory.find(({ address }) => address === from);
    if (place === undefined) throw new Error(`nothing is in element ${from}`);
    const known = place.words.filter((word) => word.startsWith("source="));
    const origin = from >= firstSlot ? [`source=${from}`] : known;
    this.moveByHand(from, to, [...(to >= firstSlot ? [] : origin), ...words]);
  }
}

function commandName(key: string | symbol, args: readonly unknown[]): string {
  if (key !== "loadUnload") return String(key);
  return (args[0] as LoadUnload).load ? "load" : "unload";
}

function moveOf(key: string | symbol, args: readonly unknown[]): Pick<Step, "move"> {
  if (key === "moveMedium") {
    const { source, destination } = args[0] as MoveMedium;
    return { move: { source, first: destination } };
  }
  if (key !== "exchangeMedium") return {};
  const { source, firstDestination, secondDestination } = args[0] as ExchangeMedium;
  return { move: { source, first: firstDestination, second: secondDestination } };
}

function unanswered(command: string): NativeResult {
  return {
    command,
    outcome: "unknown",
    scsiStatus: 0,
    hostStatus: 3,
    driverStatus: 0,
    errno: 0,
    residual: 0,
    durationUs: 0,
    nexus: 0,
  };
}

function withMethod<Native extends object>(native: Native, name: keyof Native, method: unknown): Native {
  return new Proxy(native, { get: (target, key) => (key === name ? method : Reflect.get(target, key, target)) });
}

type Abilities = Awaited<ReturnType<NativeMediumChanger["capabilities"]>>;

function withoutExchanges(answer: Abilities): NativeAnswer<NonNullable<Abilities["value"]>> {
  const { value } = answer;
  if (value === undefined) return answer;
  const nowhere = { transport: false, storage: false, importExport: false, dataTransfer: false };
  const exchanges = {
    fromTransport: nowhere,
    fromStorage: nowhere,
    fromImportExport: nowhere,
    fromDataTransfer: nowhere,
  };
  return { ...answer, value: { ...value, exchanges } };
}

class WatchedChanger extends MediumChanger {
  static of(native: NativeMediumChanger): MediumChanger {
    return new WatchedChanger("changer", native);
  }
}

class WatchedDrive extends TapeDrive {
  static of(name: string, native: NativeTapeDrive): TapeDrive {
    return new WatchedDrive(name, native);
  }
}
