// SPDX-License-Identifier: Apache-2.0
/** Two drives for one copy, from the queue that all processes share. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { DriveLease, DriveQueue, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import { PairedQueue } from "../../lib/media-server/paired-queue.ts";
import { openDriveQueue } from "../../lib/service/drive-queue.ts";

describe("a pair of drives", () => {
  let folder: string;
  let queue: DriveQueue;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-pair-"));
    queue = openDriveQueue({ stateFolder: folder, driveCount: 2 });
  });
  afterEach(() => {
    queue.close();
    rmSync(folder, { recursive: true });
  });

  const request = (among: readonly number[], ...volumeTags: readonly string[]): DriveRequest => ({
    jobId: "1",
    purpose: "copy",
    priority: 0,
    drives: 1,
    among,
    volumeTags,
  });

  it("each seat gets a drive of its own, the one that suits it where it has the choice", async () => {
    const pair = new PairedQueue(queue);
    const writing = await pair.acquire(request([1, 0]));
    const reading = await pair.acquire(request([1, 0], "A"));
    expect([writing.drives, reading.drives]).to.deep.equal([[1], [0]]);
    // One that has become unusable is not replaced in a pair: the attempt that follows gets another pair.
    for (const among of [
      [0, 1],
      [2, 3],
    ]) {
      const refused: unknown = await pair.acquire(request(among)).catch((error: unknown) => error);
      expect(refused).to.have.property("code", "ERR_TAPE_JOB_INTERRUPTED");
    }
    reading.release();
    expect((await pair.acquire(request([1, 0], "A"))).drives).to.deep.equal([0]);
  });

  it("a second copy waits for both, and holds none meanwhile", async () => {
    const first = new PairedQueue(queue);
    const halves = [await first.acquire(request([0, 1])), await first.acquire(request([0, 1]))];
    let waits = 0;
    let granted: DriveLease | undefined;
    const second = new PairedQueue(queue).acquire(request([0, 1]), { onWaiting: () => (waits += 1) });
    void second.then((lease) => (granted = lease));
    halves[0]?.release();
    halves[0]?.release();
    const holding = queue.list().filter(({ state }) => state === "holding");
    expect(holding.map(({ drives }) => drives)).to.deep.equal([[0, 1]]);
    expect(granted).to.equal(undefined);
    halves[1]?.release();
    expect((await second).drives).to.deep.equal([0]);
    expect(waits).to.be.at.least(1);
    (await second).release();
    expect(queue.list()).to.deep.equal([]);
  });

  it("a cartridge of another job is not waited for with drives in hand", async () => {
    const pair = new PairedQueue(queue);
    const other = await queue.acquire(request([0, 1], "A"));
    other.release();
    const writing = await pair.acquire(request([0, 1], "A"));
    const refused = await pair.acquire(request([0, 1], "A")).then(String, String);
    expect(refused).to.contain("cartridge A is used by another job");
    expect(writing.claim("B")).to.equal(true);
    writing.unclaim("A");
    expect((await pair.acquire(request([0, 1], "A"))).drives).to.deep.equal([1]);
  });

  it("one drive is not enough", async () => {
    expect(await new PairedQueue(queue).acquire(request([0])).then(String, String)).to.contain(
      "a copy needs two drives",
    );
  });
});
