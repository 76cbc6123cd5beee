// SPDX-License-Identifier: Apache-2.0
/** The drive queue across processes that are killed. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { nativeBinding } from "../../lib/native/binding.ts";
import { randomNumbers } from "./random-numbers.ts";
import { SharedQueue, request } from "./shared-queue.ts";

describe("drive queue across processes", () => {
  const shared = new SharedQueue();

  it("lets two processes with one drive finish both", async () => {
    const [first, second] = await Promise.all([shared.start(1), shared.start(1)]);
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
    expect(shared.open().list()).to.deep.equal([]);
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("lets several make the table at once", async () => {
    const users = await Promise.all([shared.start(), shared.start(), shared.start(), shared.start()]);
    for (let count = 0; count < 8; count++) {
      const fresh = join(shared.folder, `fresh-${count}`);
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
    const [first, second, third, urgent] = await Promise.all([
      shared.start(),
      shared.start(),
      shared.start(),
      shared.start(),
    ]);
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
    const [holder, urgent] = await Promise.all([shared.start(1), shared.start(1)]);
    await holder.granted("a", request());
    await urgent.waits("b", request({ priority: 1 }));
    expect(await holder.isWanted("a")).to.equal(true);
    await urgent.kill();
    expect(await holder.isWanted("a")).to.equal(false);
    expect(await holder.lists()).to.have.lengthOf(1);
  });

  it("goes on when the holder is killed", async () => {
    const [holder, waiter] = await Promise.all([shared.start(1), shared.start(1)]);
    await holder.granted("a", request({ volumeTags: ["A"] }));
    await waiter.waits("b", request({ volumeTags: ["A"] }));
    await holder.kill();
    expect((await waiter.hears("granted")).drives).to.deep.equal([0]);
    await waiter.releases("b");
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("goes on when one who waits in front is killed", async () => {
    const [holder, large, small] = await Promise.all([shared.start(), shared.start(), shared.start()]);
    await holder.granted("a", request({ among: [0] }));
    await large.waits("b", request({ drives: 2, among: [0, 1] }));
    await small.waits("c", request({ among: [1] }));
    await large.kill();
    expect((await small.hears("granted")).drives).to.deep.equal([1]);
    expect(await holder.lists()).to.have.lengthOf(2);
  });

  it("leaves dead processes out of the list, and changes nothing by listing", async () => {
    const [holder, other] = await Promise.all([shared.start(), shared.start()]);
    await holder.granted("a", request({ jobId: "5" }));
    await other.granted("b", request({ among: [1] }));
    const looking = shared.open();
    expect(looking.list()).to.have.lengthOf(2);
    await holder.kill();
    expect(looking.list().map(({ processId }) => processId)).to.deep.equal([other.processId]);
    const rows = new SqliteDatabase(join(shared.stateFolder, "drive-queue.sqlite"), { readonly: true });
    expect(rows.prepare("SELECT count(*) FROM entry").pluck().get()).to.equal(2);
    rows.close();
    // Whoever asks next drops it.
    expect((await looking.acquire(request())).drives).to.deep.equal([0]);
  });

  it("hears of a cartridge that is given back, of two drives that come free one by one, and of an abort", async () => {
    const [first, second, waiter] = await Promise.all([shared.start(), shared.start(), shared.start()]);
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
    const [holder, waiter] = await Promise.all([shared.start(), shared.start()]);
    holder.say({ do: "takeRobot" });
    await holder.hears("robot");
    waiter.say({ do: "takeRobot" });
    // It answers in the order of what it is told: it stands in the queue now.
    await waiter.lists();
    await holder.kill();
    await waiter.hears("robot");
    waiter.say({ do: "releaseRobot" });
    await waiter.hears("done");
    expect(shared.leftOver()).to.deep.equal([]);
  });

  it("gives everything of a process on that closes its queue", async () => {
    const [holder, waiter] = await Promise.all([shared.start(), shared.start()]);
    await holder.granted("a", request());
    await waiter.waits("b", request());
    holder.say({ do: "close" });
    await waiter.hears("granted");
  });

  it("holds nothing twice and leaves nobody waiting, whoever is killed whenever", async () => {
    const contenders = Number(process.env["TIDEMARK_QUEUE_CONTENDERS"] ?? 30);
    const seed = Number(process.env["TIDEMARK_QUEUE_SEED"] ?? Date.now() % 100_000);
    const ends = await contend(shared.folder, contenders, seed);
    const failures = ends.filter(({ code, signal }) => code !== 0 && signal !== "SIGKILL");
    expect(failures, `seed ${seed}`).to.deep.equal([]);
    expect(ends.filter(({ signal }) => signal === "SIGKILL").length).to.be.within(1, contenders - 1);
    (await shared.open(1).acquire(request())).release();
    expect(shared.open(1).list()).to.deep.equal([]);
    expect(shared.leftOver()).to.deep.equal([]);
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
