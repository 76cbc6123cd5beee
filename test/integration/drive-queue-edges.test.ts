// SPDX-License-Identifier: Apache-2.0
/** The drive queue where things go wrong: files that are left or gone, a full disk, another version, a slow death. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { CatalogError, JobError } from "../../lib/errors.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { SharedQueue, request } from "./shared-queue.ts";

interface Outcome {
  readonly out: string;
  readonly error: string;
  readonly code: number;
}

describe("drive queue at its edges", () => {
  const shared = new SharedQueue();

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
        const queue = openDriveQueue({ stateFolder: ${JSON.stringify(shared.stateFolder)}, driveCount: 1 });
        const request = ${JSON.stringify(request())};
        ${text}`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", code], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.push(child);
    return child;
  }

  /** Runs a program to its end. */
  function run(text: string): Promise<Outcome> {
    return outcome(program(text));
  }

  async function outcome(child: ReturnType<typeof program>): Promise<Outcome> {
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
    const queue = shared.open(1);
    const lease = await queue.acquire(request());
    const waiter = program(
      `await queue.acquire(request, { onWaiting: () => console.log("waits") }); console.log("has it");`,
    );
    const ended = outcome(waiter);
    // It stands in the table before it looks whether it must wait: only its own word tells that it does.
    await once(waiter.stdout, "data");
    lease.release();
    expect(await ended).to.deep.equal({ out: "waits\nhas it\n", error: "", code: 0 });
  });

  it("waits until the kernel has closed all files of a process that was killed", async () => {
    const used = JSON.stringify(join(shared.folder, "used"));
    // Between what the lease is for and the lease's own files there are many others, which take some milliseconds.
    const holder = program(`globalThis.device = nativeBinding().lockFile(${used});
        const others = [];
        try { for (let count = 0; count < 16000; count++) others.push(openSync(process.execPath, "r")); } catch {}
        for (const fd of others.slice(-50)) closeSync(fd);
        globalThis.lease = await queue.acquire(request);
        console.log("has it");
        setInterval(() => undefined, 1000);`);
    await once(holder.stdout, "data");
    const queue = shared.open(1);
    const waiter = await shared.waits(queue, request());
    const inUse = waiter.grant.then(() => nativeBinding().lockFile(join(shared.folder, "used")));
    holder.kill("SIGKILL");
    (await inUse).release();
  });

  it("removes what processes have left that died before they stood in the table", async () => {
    await run("");
    writeFileSync(join(shared.stateFolder, "drive-queue", "a-dead-one.lock"), "");
    writeFileSync(join(shared.stateFolder, "drive-queue", "a-dead-one.0"), "");
    const queue = shared.open();
    queue.list();
    expect(shared.leftOver()).to.have.lengthOf(2);
    (await queue.acquire(request())).release();
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("gives back without a word to the table where the disk is full", async () => {
    const queue = shared.open(1);
    const lease = await queue.acquire(request());
    const waiter = await shared.waits(queue, request());
    const table = new SqliteDatabase(join(shared.stateFolder, "drive-queue.sqlite"));
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
    const queue = shared.open(1);
    const lease = await queue.acquire(request({ jobId: "3" }));
    for (const name of shared.leftOver()) rmSync(join(shared.stateFolder, "drive-queue", name));
    expect(() => lease.claim("A")).to.throw(JobError, "job 3) has vanished");
    expect(() => lease.isWanted()).to.throw(JobError, "job 3) has vanished");
    lease.release();
  });

  it("replaces another version's table where nobody is in the queue, and refuses it where somebody is", async () => {
    const lease = await shared.open(1).acquire(request());
    const path = join(shared.stateFolder, "drive-queue.sqlite");
    const table = new SqliteDatabase(path);
    table.pragma("user_version = 99");
    expect(() => shared.open(1)).to.throw(CatalogError, `${path} is in use by another version`);
    lease.release();
    expect((await shared.open(1).acquire(request())).drives).to.deep.equal([0]);
    expect(table.pragma("user_version", { simple: true })).to.equal(1);
    table.close();
  });

  it("refuses a file that is no database, and says what to do", () => {
    const path = join(shared.stateFolder, "drive-queue.sqlite");
    writeFileSync(path, "this is no database, but long enough to be taken for one".repeat(20));
    expect(() => shared.open(1)).to.throw(
      CatalogError,
      `${path} failed: file is not a database. When no Tidemark process runs`,
    );
  });
});
