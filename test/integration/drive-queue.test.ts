// SPDX-License-Identifier: Apache-2.0
/** The drive queue within one process. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { JobError } from "../../lib/errors.ts";
import type { DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import { SharedQueue, request } from "./shared-queue.ts";

describe("drive queue within one process", () => {
  const shared = new SharedQueue();

  it("gives a drive to one at a time, in the order of asking", async () => {
    const queue = shared.open(1);
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
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("says who is before a request, and lists holders and waiters", async () => {
    const queue = shared.open();
    await queue.acquire(request({ jobId: "7", volumeTags: ["A"] }));
    const { before } = await shared.waits(queue, request({ purpose: "restore", priority: 5, volumeTags: ["B"] }));
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
    expect(shared.open().list()).to.deep.equal([holder, waiter]);
  });

  it("tells again that it waits when others are before it, and only then", async () => {
    const queue = shared.open(2);
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
    const queue = shared.open();
    const one = await queue.acquire(request());
    const two = await shared.waits(queue, request({ drives: 2, among: [1, 0] }));
    const later = await shared.waits(queue, request({ among: [1, 0] }));
    one.release();
    const lease = await two.grant;
    expect(lease.drives).to.deep.equal([1, 0]);
    lease.release();
    expect((await later.grant).drives).to.deep.equal([1]);
  });

  it("refuses what could never be granted", async () => {
    const queue = shared.open(2);
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
    const queue = shared.open();
    const holder = await queue.acquire(request());
    const abort = new AbortController();
    // It wants both drives, and so keeps the free one from the last.
    const large = await shared.waits(queue, request({ drives: 2, among: [0, 1], jobId: "8" }), abort.signal);
    const last = await shared.waits(queue, request({ among: [1] }));
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
    const queue = shared.open(3);
    const first = await queue.acquire(request({ volumeTags: ["A"] }));
    const second = await queue.acquire(request({ among: [1] }));
    expect(second.claim("A")).to.equal(false);
    expect(second.claim("B")).to.equal(true);
    expect(second.claim("B")).to.equal(true);
    const third = await shared.waits(queue, request({ among: [2], volumeTags: ["A", "B"] }));
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
    const queue = shared.open(1);
    const first = await queue.acquire(request());
    first.release();
    const second = await queue.acquire(request());
    first.release();
    expect(first.isWanted()).to.equal(false);
    expect(queue.list()).to.have.lengthOf(1);
    second.release();
  });

  it("lets one job at a time to the robot, in the order of asking, also when one fails", async () => {
    const queue = shared.open();
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
    expect(shared.leftOver()).to.deep.equal([]);
    // It is a queue of its own.
    await queue.acquire(request());
    expect(await move(4)).to.equal(4);
    expect(queue.list()).to.have.lengthOf(1);
  });

  it("gives everything back when it is closed, and turns those away who wait", async () => {
    const queue = shared.open(1);
    await queue.acquire(request());
    const waiter = await shared.waits(queue, request());
    const other = shared.open(1);
    const next = await shared.waits(other, request());
    queue.close();
    expect(await waiter.grant.catch((reason: unknown) => reason)).to.be.instanceOf(JobError);
    await next.grant;
    expect(other.list()).to.have.lengthOf(1);
    expect(await queue.acquire(request()).catch((reason: unknown) => reason)).to.be.instanceOf(JobError);
    expect(() => queue.list()).to.throw(JobError);
    other.close();
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("works in a state folder whose path is longer than a socket's may be", async () => {
    shared.stateFolder = join(shared.stateFolder, ..."a very deep folder".repeat(20).split(" "), "end");
    expect(shared.stateFolder.length).to.be.above(300);
    mkdirSync(shared.stateFolder, { recursive: true });
    const queue = shared.open(1);
    const first = await queue.acquire(request());
    const child = await shared.start(1);
    await child.waits("x", request());
    first.release();
    expect((await child.hears("granted")).drives).to.deep.equal([0]);
    await child.releases("x");
    expect(shared.leftOver()).to.deep.equal([]);
  });
});
