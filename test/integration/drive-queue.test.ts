// SPDX-License-Identifier: Apache-2.0
/** The drive queue within one process and across processes that are killed. */
import { fork, spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { CatalogError, JobError } from "../../lib/errors.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { openDriveQueue } from "../../lib/service/drive-queue.ts";
import type { DriveLease, DriveQueue, DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import { randomNumbers } from "./random-numbers.ts";
import { QueueProcess } from "./queue-processes.ts";

const request = (fields: Partial<DriveRequest> = {}): DriveRequest => ({
  purpose: "backup",
  priority: 0,
  drives: 1,
  among: [0],
  volumeTags: [],
  ...fields,
});

describe("drive queue", () => {
  let folder: string;
  let stateFolder: string;
  const queues: DriveQueue[] = [];
  const processes: QueueProcess[] = [];
  /** Alive, with nothing open. */
  const idle: QueueProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-queue-"));
    stateFolder = join(folder, "state");
    mkdirSync(stateFolder);
  });

  afterEach(async () => {
    for (const queue of queues.splice(0)) queue.close();
    const alive = processes.splice(0).filter(({ isAlive }) => isAlive);
    for (const process of alive) await process.closes();
    idle.push(...alive);
    rmSync(folder, { recursive: true });
  });

  after(async () => {
    await Promise.all(idle.map((process) => process.kill()));
  });

  function open(driveCount = 2): DriveQueue {
    const queue = openDriveQueue({ stateFolder, driveCount });
    queues.push(queue);
    return queue;
  }

  /** A process that has opened the queue. */
  async function start(driveCount = 2): Promise<QueueProcess> {
    const started = idle.pop() ?? new QueueProcess();
    processes.push(started);
    return started.opens(stateFolder, driveCount);
  }

  /** Asks, and resolves when it has to wait; the grant is still to come. */
  async function waits(
    queue: DriveQueue,
    wish: DriveRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly before: readonly DriveQueueEntry[]; readonly grant: Promise<DriveLease> }> {
    return new Promise((resolve, reject) => {
      const grant: Promise<DriveLease> = queue.acquire(wish, {
        ...(signal === undefined ? {} : { signal }),
        onWaiting: (before) => {
          // The promise is not there yet where it is told at once.
          queueMicrotask(() => resolve({ before, grant }));
        },
      });
      grant.catch(reject);
    });
  }

  /** What the queue's folder holds when nobody is in the queue. */
  const leftOver = (): readonly string[] => readdirSync(join(stateFolder, "drive-queue"));

  describe("within one process", () => {
    it("gives a drive to one at a time, in the order of asking", async () => {
      const queue = open(1);
      const order: string[] = [];
      const one = async (jobId: string): Promise<void> => {
        const lease = await queue.acquire(request({ jobId }));
        order.push(`${jobId} has ${lease.drives.join()}`);
        await new Promise((next) => setImmediate(next));
        order.push(`${jobId} goes`);
        lease.release();
      };
      await Promise.all(["1", "2", "3"].map(one));
      expect(order).to.deep.equal(["1 has 0", "1 goes", "2 has 0", "2 goes", "3 has 0", "3 goes"]);
      expect(queue.list()).to.deep.equal([]);
      expect(leftOver()).to.deep.equal([]);
    });

    it("says who is before a request, and lists holders and waiters", async () => {
      const queue = open();
      await queue.acquire(request({ jobId: "7", volumeTags: ["A"] }));
      const { before } = await waits(queue, request({ purpose: "restore", priority: 5, volumeTags: ["B"] }));
      const holder: DriveQueueEntry = {
        processId: process.pid,
        jobId: "7",
        purpose: "backup",
        priority: 0,
        state: "holding",
        drives: [0],
        volumeTags: ["A"],
      };
      const waiter: DriveQueueEntry = {
        processId: process.pid,
        purpose: "restore",
        priority: 5,
        state: "waiting",
        drives: [],
        volumeTags: ["B"],
      };
      expect(before).to.deep.equal([holder]);
      expect(open().list()).to.deep.equal([holder, waiter]);
    });

    it("tells again that it waits when others are before it, and only then", async () => {
      const queue = open(2);
      const first = await queue.acquire(request({ jobId: "1" }));
      const second = await queue.acquire(request({ jobId: "2", among: [1] }));
      const told: string[] = [];
      let tellAgain: () => void = () => undefined;
      const toldAgain = new Promise<void>((resolve) => {
        tellAgain = resolve;
      });
      const grant = queue.acquire(request({ jobId: "3", drives: 2, among: [0, 1] }), {
        onWaiting: (before) => {
          told.push(before.map(({ jobId }) => jobId).join());
          if (told.length === 2) tellAgain();
        },
      });
      first.release();
      await toldAgain;
      second.release();
      expect((await grant).drives).to.deep.equal([0, 1]);
      expect(told).to.deep.equal(["1,2", "2"]);
    });

    it("grants two drives at once, before later requests for one", async () => {
      const queue = open();
      const one = await queue.acquire(request());
      const two = await waits(queue, request({ drives: 2, among: [1, 0] }));
      const later = await waits(queue, request({ among: [1, 0] }));
      one.release();
      const lease = await two.grant;
      expect(lease.drives).to.deep.equal([1, 0]);
      lease.release();
      expect((await later.grant).drives).to.deep.equal([1]);
    });

    it("refuses what could never be granted", async () => {
      const queue = open(2);
      const failure = async (fields: Partial<DriveRequest>): Promise<unknown> => {
        try {
          return await queue.acquire(request(fields));
        } catch (error) {
          return error;
        }
      };
      expect(await failure({ drives: 2 }))
        .to.be.instanceOf(JobError)
        .with.property("message")
        .that.includes("2 drives");
      for (const among of [[2], [-1], [0.5], [0, 0]]) {
        expect(await failure({ among }))
          .to.be.instanceOf(JobError)
          .with.property("code", "ERR_TAPE_INTERNAL");
      }
      expect(await failure({ priority: NaN })).to.have.property("code", "ERR_TAPE_INTERNAL");
      expect(queue.list()).to.deep.equal([]);
    });

    it("leaves when it is aborted while waiting, and lets those behind it on", async () => {
      const queue = open();
      const holder = await queue.acquire(request());
      const abort = new AbortController();
      // It wants both drives, and so keeps the free one from the last.
      const large = await waits(queue, request({ drives: 2, among: [0, 1], jobId: "8" }), abort.signal);
      const last = await waits(queue, request({ among: [1] }));
      abort.abort();
      const error: unknown = await large.grant.catch((reason: unknown) => reason);
      expect(error).to.be.instanceOf(JobError).with.property("code", "ERR_TAPE_JOB_INTERRUPTED");
      expect((error as Error).message).to.include("job 8");
      expect((await last.grant).drives).to.deep.equal([1]);
      expect(queue.list()).to.have.lengthOf(2);
      holder.release();
      const already: unknown = await queue
        .acquire(request(), { signal: AbortSignal.abort() })
        .catch((reason: unknown) => reason);
      expect(already).to.have.property("code", "ERR_TAPE_JOB_INTERRUPTED");
      expect(queue.list()).to.have.lengthOf(1);
    });

    it("gives cartridges to one at a time, as they are claimed and given back", async () => {
      const queue = open(3);
      const first = await queue.acquire(request({ volumeTags: ["A"] }));
      const second = await queue.acquire(request({ among: [1] }));
      expect(second.claim("A")).to.equal(false);
      expect(second.claim("B")).to.equal(true);
      expect(second.claim("B")).to.equal(true);
      const third = await waits(queue, request({ among: [2], volumeTags: ["A", "B"] }));
      second.unclaim("B");
      second.unclaim("B");
      first.unclaim("A");
      const lease = await third.grant;
      expect([first.claim("A"), first.claim("B")]).to.deep.equal([false, false]);
      lease.release();
      expect([first.claim("A"), lease.claim("A")]).to.deep.equal([true, false]);
      lease.unclaim("A");
      expect(first.claim("A")).to.equal(true);
    });

    it("releases once", async () => {
      const queue = open(1);
      const first = await queue.acquire(request());
      first.release();
      const second = await queue.acquire(request());
      first.release();
      expect(first.isWanted()).to.equal(false);
      expect(queue.list()).to.have.lengthOf(1);
      second.release();
    });

    it("lets one job at a time to the robot, in the order of asking, also when one fails", async () => {
      const queue = open();
      const order: number[] = [];
      const move = (number: number): Promise<number> =>
        queue.withRobot(async () => {
          order.push(number);
          await new Promise((next) => setImmediate(next));
          order.push(-number);
          if (number === 2) throw new Error("the robot is stuck");
          return number;
        });
      const results = await Promise.allSettled([1, 2, 3].map(move));
      expect(order).to.deep.equal([1, -1, 2, -2, 3, -3]);
      expect(results.map(({ status }) => status)).to.deep.equal(["fulfilled", "rejected", "fulfilled"]);
      expect(leftOver()).to.deep.equal([]);
      // It is a queue of its own.
      await queue.acquire(request());
      expect(await move(4)).to.equal(4);
      expect(queue.list()).to.have.lengthOf(1);
    });

    it("gives everything back when it is closed, and turns those away who wait", async () => {
      const queue = open(1);
      await queue.acquire(request());
      const waiter = await waits(queue, request());
      const other = open(1);
      const next = await waits(other, request());
      queue.close();
      expect(await waiter.grant.catch((reason: unknown) => reason)).to.be.instanceOf(JobError);
      await next.grant;
      expect(other.list()).to.have.lengthOf(1);
      expect(await queue.acquire(request()).catch((reason: unknown) => reason)).to.be.instanceOf(JobError);
      expect(() => queue.list()).to.throw(JobError);
      other.close();
      expect(leftOver()).to.deep.equal([]);
    });

    it("works in a state folder whose path is longer than a socket's may be", async () => {
      stateFolder = join(stateFolder, ..."a very deep folder".repeat(20).split(" "), "end");
      expect(stateFolder.length).to.be.above(300);
      mkdirSync(stateFolder, { recursive: true });
      const queue = open(1);
      const first = await queue.acquire(request());
      const child = await start(1);
      await child.waits("x", request());
      first.release();
      expect((await child.hears("granted")).drives).to.deep.equal([0]);
      await child.releases("x");
      expect(leftOver()).to.deep.equal([]);
    });
  });

  describe("across processes", () => {
    it("lets two processes with one drive finish both", async () => {
      const [first, second] = await Promise.all([start(1), start(1)]);
      await first.granted("a", request());
      const before = await second.waits("b", request());
      expect(before.map(({ processId }) => processId)).to.deep.equal([first.processId]);
      await first.releases("a");
      await second.hears("granted");
      // And the other way round.
      await first.waits("c", request());
      await second.releases("b");
      await first.hears("granted");
      await first.releases("c");
      expect(open().list()).to.deep.equal([]);
      expect(leftOver()).to.deep.equal([]);
    });

    it("lets several make the table at once", async () => {
      const users = await Promise.all([start(), start(), start(), start()]);
      for (let count = 0; count < 8; count++) {
        const fresh = join(folder, `fresh-${count}`);
        mkdirSync(fresh);
        for (const user of users) await user.closes();
        await Promise.all(users.map((user) => user.opens(fresh, 1)));
        await Promise.all(
          users.map(async (user) => {
            await user.granted("a", request());
            await user.releases("a");
          }),
        );
      }
    });

    it("serves a more urgent request between three on two drives, and tells one holder that it is wanted", async () => {
      const among = [0, 1];
      const [first, second, third, urgent] = await Promise.all([start(), start(), start(), start()]);
      expect(await first.granted("a", request({ among }))).to.deep.equal([0]);
      expect(await second.granted("b", request({ among }))).to.deep.equal([1]);
      await third.waits("c", request({ among }));
      expect(await first.isWanted("a")).to.equal(false);
      const before = await urgent.waits("d", request({ among, purpose: "restore", priority: 10 }));
      expect(before.map(({ processId }) => processId)).to.deep.equal([first.processId, second.processId]);
      expect(await second.isWanted("b")).to.equal(true);
      expect(await first.isWanted("a"), "one is enough").to.equal(false);
      expect(await second.isWanted("b"), "it stays so").to.equal(true);
      await second.releases("b");
      expect((await urgent.hears("granted")).drives).to.deep.equal([1]);
      expect(await first.isWanted("a")).to.equal(false);
      await first.releases("a");
      expect((await third.hears("granted")).drives).to.deep.equal([0]);
    });

    it("takes the word back where the more urgent one does not wait any more", async () => {
      const [holder, urgent] = await Promise.all([start(1), start(1)]);
      await holder.granted("a", request());
      await urgent.waits("b", request({ priority: 1 }));
      expect(await holder.isWanted("a")).to.equal(true);
      await urgent.kill();
      expect(await holder.isWanted("a")).to.equal(false);
      expect(await holder.lists()).to.have.lengthOf(1);
    });

    it("goes on when the holder is killed", async () => {
      const [holder, waiter] = await Promise.all([start(1), start(1)]);
      await holder.granted("a", request({ volumeTags: ["A"] }));
      await waiter.waits("b", request({ volumeTags: ["A"] }));
      await holder.kill();
      expect((await waiter.hears("granted")).drives).to.deep.equal([0]);
      await waiter.releases("b");
      expect(leftOver()).to.deep.equal([]);
    });

    it("goes on when one who waits in front is killed", async () => {
      const [holder, large, small] = await Promise.all([start(), start(), start()]);
      await holder.granted("a", request({ among: [0] }));
      await large.waits("b", request({ drives: 2, among: [0, 1] }));
      await small.waits("c", request({ among: [1] }));
      await large.kill();
      expect((await small.hears("granted")).drives).to.deep.equal([1]);
      expect(await holder.lists()).to.have.lengthOf(2);
    });

    it("leaves dead processes out of the list, and changes nothing by listing", async () => {
      const [holder, other] = await Promise.all([start(), start()]);
      await holder.granted("a", request({ jobId: "5" }));
      await other.granted("b", request({ among: [1] }));
      const looking = open();
      expect(looking.list()).to.have.lengthOf(2);
      await holder.kill();
      expect(looking.list().map(({ processId }) => processId)).to.deep.equal([other.processId]);
      const rows = new SqliteDatabase(join(stateFolder, "drive-queue.sqlite"), { readonly: true });
      expect(rows.prepare("SELECT count(*) FROM entry").pluck().get()).to.equal(2);
      rows.close();
      // Whoever asks next drops it.
      expect((await looking.acquire(request())).drives).to.deep.equal([0]);
    });

    it("hears of a cartridge that is given back, of two drives that come free one by one, and of an abort", async () => {
      const [first, second, waiter] = await Promise.all([start(), start(), start()]);
      await first.granted("a", request({ volumeTags: ["A"] }));
      await second.granted("b", request({ among: [1] }));
      expect(await second.claims("b", "A")).to.equal(false);
      await waiter.waits("c", request({ drives: 2, among: [0, 1], volumeTags: ["B"] }));
      expect(await second.claims("b", "B")).to.equal(true);
      await first.releases("a");
      await second.releases("b");
      expect((await waiter.hears("granted")).drives).to.deep.equal([0, 1]);
      await first.waits("d", request({ drives: 0, volumeTags: ["B"] }));
      waiter.say({ do: "unclaim", name: "c", volumeTag: "B" });
      expect((await first.hears("granted")).drives).to.deep.equal([]);
      await second.waits("e", request());
      second.say({ do: "abort", name: "e" });
      expect((await second.hears("failed")).code).to.equal("ERR_TAPE_JOB_INTERRUPTED");
      expect(await waiter.lists()).to.have.lengthOf(2);
    });

    it("gives the robot on when the process that has it is killed", async () => {
      const [holder, waiter] = await Promise.all([start(), start()]);
      holder.say({ do: "takeRobot" });
      await holder.hears("robot");
      waiter.say({ do: "takeRobot" });
      // It answers in the order of what it is told: it stands in the queue now.
      await waiter.lists();
      await holder.kill();
      await waiter.hears("robot");
      waiter.say({ do: "releaseRobot" });
      await waiter.hears("done");
      expect(leftOver()).to.deep.equal([]);
    });

    it("gives everything of a process on that closes its queue", async () => {
      const [holder, waiter] = await Promise.all([start(), start()]);
      await holder.granted("a", request());
      await waiter.waits("b", request());
      holder.say({ do: "close" });
      await waiter.hears("granted");
    });
  });

  describe("at the edges", () => {
    const running: ChildProcess[] = [];

    afterEach(() => {
      for (const child of running.splice(0)) child.kill("SIGKILL");
    });

    /** A program that has opened the queue. */
    function program(text: string): ChildProcess & { readonly stdout: Readable; readonly stderr: Readable } {
      const url = (path: string): string => JSON.stringify(new URL(`../../lib/${path}`, import.meta.url));
      const code = `import { closeSync, openSync } from "node:fs";
        import { openDriveQueue } from ${url("service/drive-queue.ts")};
        import { nativeBinding } from ${url("native/binding.ts")};
        const queue = openDriveQueue({ stateFolder: ${JSON.stringify(stateFolder)}, driveCount: 1 });
        const request = ${JSON.stringify(request())};
        ${text}`;
      const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
        stdio: ["ignore", "pipe", "pipe"],
      });
      running.push(child);
      return child;
    }

    /** Runs a program to its end. */
    async function run(text: string): Promise<{ readonly out: string; readonly error: string; readonly code: number }> {
      const child = program(text);
      let out = "";
      let error = "";
      child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
      child.stderr.on("data", (bytes: Buffer) => (error += bytes.toString()));
      const [code] = (await once(child, "close")) as [number];
      return { out, error, code };
    }

    it("keeps no process alive that only has something, or has closed", async () => {
      const forgotten = await run(`await queue.acquire(request); console.log("has it");`);
      expect(forgotten).to.deep.equal({ out: "has it\n", error: "", code: 0 });
      const closed = await run(`(await queue.acquire(request)).release(); queue.close(); console.log("closed");`);
      expect(closed).to.deep.equal({ out: "closed\n", error: "", code: 0 });
    });

    it("keeps a process alive that waits", async () => {
      const queue = open(1);
      const lease = await queue.acquire(request());
      const waiting = run(
        `await queue.acquire(request, { onWaiting: () => console.log("waits") }); console.log("has it");`,
      );
      // The waiter connects to the socket: nothing else tells from outside that it stands in the queue.
      while (queue.list().length < 2) await new Promise((next) => setImmediate(next));
      lease.release();
      expect(await waiting).to.deep.equal({ out: "waits\nhas it\n", error: "", code: 0 });
    });

    it("waits until the kernel has closed all files of a process that was killed", async () => {
      const used = JSON.stringify(join(folder, "used"));
      // Between what the lease is for and the lease's own files there are many others, which take some milliseconds.
      const holder = program(`globalThis.device = nativeBinding().lockFile(${used});
        const others = [];
        try { for (let count = 0; count < 16000; count++) others.push(openSync(process.execPath, "r")); } catch {}
        for (const fd of others.slice(-50)) closeSync(fd);
        globalThis.lease = await queue.acquire(request);
        console.log("has it");
        setInterval(() => undefined, 1000);`);
      await once(holder.stdout, "data");
      const queue = open(1);
      const waiter = await waits(queue, request());
      const inUse = waiter.grant.then(() => nativeBinding().lockFile(join(folder, "used")));
      holder.kill("SIGKILL");
      (await inUse).release();
    });

    it("removes what processes have left that died before they stood in the table", async () => {
      await run("");
      writeFileSync(join(stateFolder, "drive-queue", "a-dead-one.lock"), "");
      writeFileSync(join(stateFolder, "drive-queue", "a-dead-one.0"), "");
      const queue = open();
      queue.list();
      expect(leftOver()).to.have.lengthOf(2);
      (await queue.acquire(request())).release();
      expect(leftOver()).to.deep.equal([]);
    });

    it("gives back without a word to the table where the disk is full", async () => {
      const queue = open(1);
      const lease = await queue.acquire(request());
      const waiter = await waits(queue, request());
      const table = new SqliteDatabase(join(stateFolder, "drive-queue.sqlite"));
      // As a full disk does, this lets nothing be removed.
      table.exec("CREATE TRIGGER full BEFORE DELETE ON entry BEGIN SELECT raise(ABORT, 'full'); END");
      lease.release();
      expect(queue.list().map(({ state }) => state)).to.deep.equal(["waiting"]);
      const error: unknown = await waiter.grant.catch((reason: unknown) => reason);
      expect(error)
        .to.be.instanceOf(CatalogError)
        .with.property("message")
        .that.includes("drive-queue.sqlite failed: full");
      table.exec("DROP TRIGGER full");
      table.close();
      expect((await queue.acquire(request())).drives).to.deep.equal([0]);
      expect(queue.list()).to.have.lengthOf(1);
    });

    it("says so where its row or its lock was removed from outside", async () => {
      const queue = open(1);
      const lease = await queue.acquire(request({ jobId: "3" }));
      for (const name of leftOver()) rmSync(join(stateFolder, "drive-queue", name));
      expect(() => lease.claim("A")).to.throw(JobError, "job 3) has vanished");
      expect(() => lease.isWanted()).to.throw(JobError, "job 3) has vanished");
      lease.release();
    });

    it("replaces another version's table where nobody is in the queue, and refuses it where somebody is", async () => {
      const lease = await open(1).acquire(request());
      const path = join(stateFolder, "drive-queue.sqlite");
      const table = new SqliteDatabase(path);
      table.pragma("user_version = 99");
      expect(() => open(1)).to.throw(CatalogError, `${path} is in use by another version`);
      lease.release();
      expect((await open(1).acquire(request())).drives).to.deep.equal([0]);
      expect(table.pragma("user_version", { simple: true })).to.equal(1);
      table.close();
    });

    it("refuses a file that is no database, and says what to do", () => {
      const path = join(stateFolder, "drive-queue.sqlite");
      writeFileSync(path, "this is no database, but long enough to be taken for one".repeat(20));
      expect(() => open(1)).to.throw(
        CatalogError,
        `${path} failed: file is not a database. When no Tidemark process runs`,
      );
    });
  });

  it("holds nothing twice and leaves nobody waiting, whoever is killed whenever", async function () {
    this.timeout(600_000);
    const contenders = Number(process.env["TIDEMARK_QUEUE_CONTENDERS"] ?? 30);
    const seed = Number(process.env["TIDEMARK_QUEUE_SEED"] ?? Date.now() % 100_000);
    const ends = await contend(folder, contenders, seed);
    const failures = ends.filter(({ code, signal }) => code !== 0 && signal !== "SIGKILL");
    expect(failures, `seed ${seed}`).to.deep.equal([]);
    expect(ends.filter(({ signal }) => signal === "SIGKILL").length).to.be.within(1, contenders - 1);
    (await open(1).acquire(request())).release();
    expect(open(1).list()).to.deep.equal([]);
    expect(leftOver()).to.deep.equal([]);
  });
});

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error: string;
}

/** Several processes at any time, until so many have run; about half of them are killed in the midst of something. */
async function contend(folder: string, count: number, seed: number): Promise<readonly End[]> {
  const libraryFolder = join(folder, "library");
  nativeBinding().createSimulatedLibrary(libraryFolder, {
    drives: 3,
    storageElements: 1,
    importExportElements: 1,
    barcodes: [],
    capacityBytes: 64n << 20n,
    earlyWarningBytes: 1n << 20n,
    bufferBytes: 1 << 20,
  });
  const program = fileURLToPath(new URL("./queue-contender.ts", import.meta.url));
  const below = randomNumbers(seed);
  const ends: End[] = [];
  let started = 0;
  const one = async (): Promise<void> => {
    while (started < count) {
      const args = [join(folder, "state"), libraryFolder, String(seed * 1000 + started++), "6"];
      const child = fork(program, args, { stdio: ["ignore", "ignore", "pipe", "ipc"] });
      let error = "";
      child.stderr?.on("data", (bytes: Buffer) => (error += bytes.toString()));
      let roundsLeft = below(12);
      let turnsLeft = below(200);
      const kill = (): void => {
        if (turnsLeft-- > 0) setImmediate(kill);
        else child.kill("SIGKILL");
      };
      child.on("message", () => {
        if (roundsLeft-- === 0) kill();
      });
      const [code, signal] = (await once(child, "close")) as [number | null, string | null];
      ends.push({ code, signal, error });
    }
  };
  await Promise.all(Array.from({ length: 6 }, one));
  return ends;
}
