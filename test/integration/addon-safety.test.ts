// SPDX-License-Identifier: Apache-2.0
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeBinding, NativeTapeDrive } from "../../lib/native/binding.ts";
import type { Collected } from "./collected-handles.ts";
import { HeldLibrary } from "./held-library.ts";
import type { HeldEnding } from "./held-user.ts";
import type { HostileReport } from "./hostile-calls.ts";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const native = nativeBinding();
const heldUser = join(here, "held-user.ts");

/** What a process printed, and how it ended. */
interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

describe("the addon's safety", () => {
  const libraries: HeldLibrary[] = [];
  const workers: Worker[] = [];
  const children: ChildProcess[] = [];
  const folders: string[] = [];

  async function newLibrary(): Promise<HeldLibrary> {
    const library = await HeldLibrary.create();
    libraries.push(library);
    return library;
  }

  function newFolder(): string {
    const folder = mkdtempSync(join(tmpdir(), "tidemark-safety-"));
    folders.push(folder);
    return folder;
  }

  function startWorker(library: HeldLibrary, ending: HeldEnding): Worker {
    const worker = new Worker(heldUser, { workerData: [library.folder, ending] });
    workers.push(worker);
    return worker;
  }

  function start(...args: readonly string[]): ChildProcess {
    const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "pipe"] });
    children.push(child);
    return child;
  }

  /** Starts a user of a held library, tells it to end once its command is in flight, and lets the command go then. */
  async function endInFlight(ending: HeldEnding): Promise<Ended & { readonly library: HeldLibrary }> {
    const library = await newLibrary();
    const child = start(heldUser, library.folder, ending);
    const ended = outcomeOf(child);
    await library.held();
    child.stdin?.write("go\n");
    if (ending.startsWith("worker-")) await library.awaited(child.pid);
    if (!isAtOnce(ending)) library.letGo();
    return { ...(await ended), library };
  }

  afterEach(async () => {
    for (const library of libraries) if (library.isHeld) library.letGo();
    for (const child of children.splice(0)) child.kill("SIGKILL");
    for (const worker of workers.splice(0)) await worker.terminate();
    for (const library of libraries.splice(0)) library.remove();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
  });

  /** The device has been let go, and of the queue behind the held command nothing has run. */
  async function expectAbandoned(library: HeldLibrary): Promise<void> {
    if (library.isHeld) library.letGo();
    expect(library.mediumBytes).to.equal(0);
    const drive = new native.TapeDrive({ kind: "simulated", folder: library.folder, unit: "drive-0" });
    expect((await drive.testUnitReady()).outcome).to.equal("completed");
    await drive.close();
  }

  describe("a worker thread", () => {
    for (const ending of ["none", "exit", "throw"] as const) {
      const how = { none: "is terminated", exit: "exits", throw: "throws" }[ending];
      it(`that ${how} with a command in flight waits for it, and drops the queue behind it`, async () => {
        const library = await newLibrary();
        const worker = startWorker(library, ending);
        // What was thrown is told before the worker has ended, and with it its devices.
        const ended = new Promise<string>((done) => {
          let thrown: string | undefined;
          worker.once("error", (error) => (thrown = (error as Error).message));
          worker.once("exit", (code) => done(thrown ?? `exit ${code}`));
        });
        await library.held();
        if (ending === "none") void worker.terminate();
        else worker.postMessage("end");
        await library.awaited();
        library.letGo();
        expect(await ended).to.equal({ none: "exit 1", exit: "exit 7", throw: "nobody catches this" }[ending]);
        await expectAbandoned(library);
      });
    }

    it("leaves no thread and no descriptor behind", async () => {
      const round = async (): Promise<void> => {
        const library = await newLibrary();
        const worker = startWorker(library, "none");
        await library.held();
        const ended = worker.terminate();
        await library.awaited();
        library.letGo();
        await ended;
      };
      await round();
      const threads = readdirSync("/proc/self/task").length;
      const descriptors = readdirSync("/proc/self/fd").length;
      for (let count = 0; count < 5; count++) await round();
      expect(readdirSync("/proc/self/task")).to.have.lengthOf(threads);
      expect(readdirSync("/proc/self/fd")).to.have.lengthOf(descriptors);
    });

    it("takes its lock and the drain of its ring with it", async () => {
      const path = join(newFolder(), "a-lock");
      const round = async (): Promise<void> => {
        const worker = new Worker(workerThatDrains(path), { eval: true });
        workers.push(worker);
        await once(worker, "message");
        expect(() => native.lockFile(path)).to.throw("is locked by");
        await worker.terminate();
        native.lockFile(path).release();
      };
      await round();
      const threads = readdirSync("/proc/self/task").length;
      for (let count = 0; count < 5; count++) await round();
      expect(readdirSync("/proc/self/task")).to.have.lengthOf(threads);
    });

    for (const ending of ["worker-none", "worker-exit"] as const) {
      it(`may be the only one that loads the addon, and ends in flight (${ending})`, async () => {
        const { status, signal, output, errors } = await endInFlight(ending);
        expect([status, signal, errors]).to.deep.equal([0, null, ""]);
        expect(output).to.include("after the worker: 2d06800538d394c2");
      });
    }
  });

  describe("a process", () => {
    it("exits at once with a command in flight, and drops the queue behind it", async () => {
      const { status, signal, output, errors, library } = await endInFlight("exit");
      expect([status, signal, errors]).to.deep.equal([7, null, ""]);
      expect(output).to.not.include("answered");
      await expectAbandoned(library);
    });

    it("ends with an uncaught exception and a command in flight", async () => {
      const { status, signal, errors, library } = await endInFlight("throw");
      expect([status, signal]).to.deep.equal([1, null]);
      expect(errors).to.include("Error: nobody catches this");
      await expectAbandoned(library);
    });

    it("exits with a worker's command in flight, which the worker waits for", async () => {
      const { status, signal, output, errors, library } = await endInFlight("worker-left");
      expect([status, signal, errors]).to.deep.equal([7, null, ""]);
      expect(output).to.not.include("answered");
      await expectAbandoned(library);
    });

    it("lives as long as an answer is on its way, and no longer", async () => {
      const { status, signal, output, errors, library } = await endInFlight("wait");
      expect([status, signal, errors]).to.deep.equal([0, null, ""]);
      expect(output).to.equal("answered: completed\nending\n");
      // So the others dropped a queue that would have written.
      expect(library.mediumBytes).to.equal(20 * 65536);
    });
  });

  it("handles that are collected keep their commands, and leave no thread and no descriptor behind", async () => {
    const { status, output, errors } = await outcomeOf(start("--expose-gc", join(here, "collected-handles.ts")));
    expect([status, errors]).to.deep.equal([0, ""]);
    expect(JSON.parse(output) as Collected).to.deep.equal({
      keptInFlight: 4,
      outcomes: Array<string>(8).fill("completed"),
      threadsLeft: 0,
      descriptorsLeft: 0,
      handlesLeft: 0,
      isLockFree: true,
    });
  });

  it("calls that make no sense are refused, whatever their arguments and their object are", async () => {
    const folder = newFolder();
    const child = spawn(process.execPath, [join(here, "hostile-calls.ts"), folder], { cwd: folder });
    children.push(child);
    const { status, signal, output, errors } = await outcomeOf(child);
    const lastCall = readFileSync(join(folder, "last-call"), "utf8").trim();
    expect([status, signal], `in ${lastCall}: ${errors}`).to.deep.equal([0, null]);
    const report = JSON.parse(output) as HostileReport;
    expect(report.wrong).to.deep.equal([]);
    expect(report.called).to.include.members(membersOf(native));
    expect(report.needArguments).to.include.members(["new TapeDrive", "TapeDrive.locate", "Packer.start", "lockFile"]);
    expect(report.calls).to.be.greaterThan(10_000);
  });

  it("a ring has one packer at a time", async () => {
    const ring = new native.Ring({ recordSizeBytes: 16384, capacityBytes: 32768 });
    const stream = { streamOffset: 0n, firstContainerId: 1n, segmentBytes: 1n };
    const newPacker = () => new native.Packer({ ring, readers: 1, ...stream, onEvent: () => undefined });
    const first = newPacker();
    expect(newPacker).to.throw(
      TypeError,
      "Packer: expected options.ring to be a Ring without another packer that has not been stopped",
    );
    await first.stop();
    await newPacker().stop();
  });

  describe("loaded a second time", () => {
    const require = createRequire(import.meta.url);

    function pathOfAddon(): string {
      return (require("node-gyp-build") as { path: (folder: string) => string }).path(root);
    }

    it("through a link is the same library with classes of its own", async () => {
      const link = join(newFolder(), "linked.node");
      symlinkSync(pathOfAddon(), link);
      const module = { exports: {} };
      // Not through require, which finds out that it is the same file.
      process.dlopen(module, link);
      await expectIndependent(module.exports as NativeBinding);
    });

    it("from a copy has nothing to do with the first one's objects", async () => {
      const copy = join(newFolder(), "copied.node");
      copyFileSync(pathOfAddon(), copy);
      const other = require(copy) as NativeBinding;
      await expectIndependent(other);
      const library = await newLibrary();
      const drive = new native.TapeDrive({ kind: "simulated", folder: library.folder, unit: "drive-0" });
      // Of another version perhaps, with another layout in memory.
      expect(() => new other.TapeWriter({ drive } as never)).to.throw(TypeError, "options.drive to be a TapeDrive");
      await drive.close();
    });

    async function expectIndependent(other: NativeBinding): Promise<void> {
      expect(other.TapeDrive).to.not.equal(native.TapeDrive);
      const library = await newLibrary();
      const address = { kind: "simulated", folder: library.folder, unit: "drive-0" } as const;
      const drives: readonly NativeTapeDrive[] = [native, other].map((binding) => new binding.TapeDrive(address));
      const [mine, theirs] = drives;
      if (mine === undefined || theirs === undefined) throw new Error("there are two of them");
      expect(() => void Reflect.apply(mine.rewind, theirs, [])).to.throw(TypeError);
      const answer = mine.inquiry();
      await library.held();
      library.letGo();
      expect((await answer).value).to.deep.equal((await theirs.inquiry()).value);
      for (const drive of drives) await drive.close();
    }
  });
});

/** Node.js runs no cleanup for the main thread of a process that exits: the command goes with the process. */
function isAtOnce(ending: HeldEnding): boolean {
  return ending === "exit" || ending === "throw";
}

async function outcomeOf(child: ChildProcess): Promise<Ended> {
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error("the process has no pipes");
  let output = "";
  stdout.setEncoding("utf8").on("data", (piece: string) => (output += piece));
  const errors = text(stderr);
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  return { status, signal, output, errors: await errors };
}

/** A worker that holds a lock and drains a ring which nobody fills. */
function workerThatDrains(lockPath: string): string {
  const binding = new URL("../../lib/native/binding.ts", import.meta.url).href;
  return `
    import(${JSON.stringify(binding)}).then(({ nativeBinding }) => {
      const native = nativeBinding();
      const ring = new native.Ring({ recordSizeBytes: 16384, capacityBytes: 32768 });
      globalThis.inUse = [ring, native.lockFile(${JSON.stringify(lockPath)})];
      void native.drainRing(ring, 2);
      require("node:worker_threads").parentPort.postMessage("draining");
    });
  `;
}

/** `TapeDrive.rewind`, `xxh3_64` and so on: everything that can be called. */
function membersOf(binding: NativeBinding): readonly string[] {
  return Object.entries(binding as unknown as Readonly<Record<string, { readonly prototype: object }>>).flatMap(
    ([name, { prototype }]) => {
      if (!/^[A-Z]/.test(name)) return [name];
      return Object.getOwnPropertyNames(prototype).map((key) =>
        key === "constructor" ? `new ${name}` : `${name}.${key}`,
      );
    },
  );
}
