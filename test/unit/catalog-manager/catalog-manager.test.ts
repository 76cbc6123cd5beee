// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import type { LocalCatalogManager } from "../../../lib/catalog-manager/catalog-manager.ts";
import { decodeRecords, encodeRecords } from "../../../lib/catalog/persistent-record.ts";
import type { ExtentRecord } from "../../../lib/catalog/persistent-record.ts";
import type { Boundary, EpochToken, JobRecords, ResumeStory } from "../../../lib/protocol/catalog-manager.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";
import type { MemoryFileSystem } from "../catalog/memory-file-system.ts";
import * as records from "../catalog/records.ts";
import { begin, jobId, ManagedJobs } from "./managed-jobs.ts";

const { r } = records;
const segment: Segment = {
  segment: 1,
  epoch: 1,
  volumeUuid: "v1",
  volumeTag: "TM0001L9",
  tapeFile: 1,
  headBlock: 3n,
  firstDataBlock: 4n,
  streamStart: 0n,
};
const mark = (position: bigint, streamOffset: bigint) => ({
  volumeUuid: "v1",
  segment: 1,
  position,
  streamOffset,
  durableBytes: streamOffset,
});

const story: ResumeStory = {
  cause: "killed",
  discardedObjects: 2n,
  repeatedBytes: r(2),
  reasons: ["why"],
};

interface Writing {
  readonly manager: LocalCatalogManager;
  readonly token: EpochToken;
}

describe("catalog manager", () => {
  let jobs: ManagedJobs;
  let fileSystem: MemoryFileSystem;
  let open: ManagedJobs["open"];
  beforeEach(() => {
    jobs = new ManagedJobs();
    ({ fileSystem, open } = jobs);
  });
  afterEach(() => jobs.remove());

  /** The job's next start, which withdraws what is claimed on the volume from a block on, where one is given. */
  async function start(boundary?: Boundary, lostFrom?: bigint): Promise<Writing> {
    const manager = open();
    await manager.loadJob(jobId);
    if (lostFrom !== undefined) await manager.applyVolumeLost(jobId, "v1", lostFrom);
    await manager.applyBoundary(jobId, boundary);
    return { manager, token: await manager.beginEpoch(jobId, story) };
  }

  it("has a segment's opening on the disk before its first write", async () => {
    const manager = open();
    const token = await begin(manager);
    await manager.segmentOpened(token, segment);
    fileSystem.crash();
    expect((await open().loadJob(jobId)).segments).to.have.length(1);
  });

  it("has a durable mark on the disk before anybody is told", async () => {
    const manager = open();
    const token = await begin(manager);
    await manager.segmentOpened(token, segment);
    await manager.durable(token, mark(6n, r(2)));
    fileSystem.crash();
    expect((await open().loadJob(jobId)).durableStreamOffset).to.equal(r(2));
  });

  /** A job in the middle of a large object: its data begins at r(1) + 512, its extents have come early. */
  async function writing(epoch = 1, ...extents: readonly ExtentRecord[]): Promise<Writing> {
    const manager = open();
    const token = await begin(manager);
    expect(token.epoch).to.equal(epoch);
    await manager.sourceVolumeOpened(token, 0, 0n);
    await manager.segmentOpened(token, { ...segment, epoch });
    const opens = [records.containerOpen(1, "a/"), records.objectOpen(1, "big", r(1), r(30))];
    await manager.appendFrame({ token, bytes: encodeRecords([...opens, ...extents]) });
    return { manager, token };
  }

  async function interrupted(...given: Parameters<typeof writing>): Promise<void> {
    const { manager, token } = await writing(...given);
    await manager.durable(token, mark(6n, r(2)));
    await manager.close();
  }
  const extent = (from: bigint, to: bigint): ExtentRecord => records.extent(1, "big", r(1), from, to);

  it("counts of a cut object's extents those that end at or before the boundary", async () => {
    await interrupted(1, extent(0n, r(3)), extent(r(3), r(6)), extent(r(6), r(10)));
    const manager = open();
    await manager.loadJob(jobId);
    const digested = async (at: bigint) => (await manager.objectAcross(jobId, at))?.digestedBytes;
    expect(await digested(r(9))).to.equal(r(6));
    expect(await digested(r(7) + 512n)).to.equal(r(6));
    expect(await digested(r(7))).to.equal(r(3));
    expect(await digested(r(2))).to.equal(0n);
    await manager.close();
  });

  it("keeps a durable mark that goes back out of the catalog: it could never be read again", async () => {
    await interrupted();
    const { manager, token } = await start();
    const back = await manager.durable(token, mark(5n, r(1))).catch((error: unknown) => error);
    expect(back).to.have.property("code", "ERR_TAPE_CATALOG_DAMAGED");
    await manager.close();
    expect((await open().loadJob(jobId)).durableStreamOffset).to.equal(r(2));
  });

  describe("VOLUME_LOST", () => {
    const durableTo = (job: JobRecords) => job.durableMarks.map(({ position }) => position);

    it("withdraws claims with the epoch that begins, in the journal and in a second file", async () => {
      await interrupted();
      const manager = open();
      expect(durableTo(await manager.loadJob(jobId))).to.deep.equal([6n]);
      await manager.applyVolumeLost(jobId, "v1", 4n);
      await manager.applyBoundary(jobId, undefined);
      expect(durableTo(await open().loadJob(jobId))).to.deep.equal([6n]);
      await manager.beginEpoch(jobId, story);
      await manager.close();
      expect([...fileSystem.files.keys()].join()).to.contain("volume-lost-000001.tmc");
      expect(durableTo(await open().loadJob(jobId))).to.deep.equal([]);
    });

    it("H4: outlives the journal's tail, and stands in the next start's first frame", async () => {
      await interrupted();
      const { manager, token } = await start(undefined, 4n);
      expect(token.epoch).to.equal(2);
      await manager.close();
      fileSystem.files.delete(`${jobs.jobFolder}/catalog-000003.tmc`);
      const second = open();
      expect(await second.loadJob(jobId)).to.deep.include({ epoch: 2, durableMarks: [] });
      await second.applyBoundary(jobId, undefined);
      // The lost start's number is not used again.
      expect((await second.beginEpoch(jobId, story)).epoch).to.equal(3);
      await second.close();
      fileSystem.files.delete(`${jobs.jobFolder}/volume-lost-000001.tmc`);
      const third = open();
      expect(durableTo(await third.loadJob(jobId))).to.deep.equal([]);
      await third.close();
    });

    it("leaves alone what a later start wrote on the volume", async () => {
      await interrupted();
      const { manager, token } = await start({ durable: mark(4n, 0n), epochOnTape: 1 }, 4n);
      await manager.segmentOpened(token, {
        ...segment,
        segment: 2,
        epoch: 2,
        tapeFile: 2,
        headBlock: 5n,
        firstDataBlock: 6n,
      });
      await manager.durable(token, { ...mark(9n, r(3)), segment: 2 });
      await manager.close();
      const again = open();
      expect(durableTo(await again.loadJob(jobId))).to.deep.equal([9n]);
      await again.close();
    });

    it("H4: says nothing of what is written there by a job that began anew", async () => {
      await interrupted();
      await (await start(undefined, 4n)).manager.close();
      fileSystem.files.get(`${jobs.jobFolder}/catalog-000001.tmc`)!.bytes[50]! ^= 1;
      await interrupted(3);
      for (const epoch of [4, 5]) {
        const again = open();
        expect(durableTo(await again.loadJob(jobId))).to.deep.equal([6n]);
        await again.applyBoundary(jobId, { durable: mark(6n, r(2)), epochOnTape: 1 });
        expect((await again.beginEpoch(jobId, story)).epoch).to.equal(epoch);
        await again.close();
      }
    });

    it("H5: leaves a copy a hole, which its stream goes back to; before, it cannot be complete (I2)", async () => {
      const manager = open();
      const token = await begin(manager, { copyOfJobId: "3" });
      const ends = { streamEnd: r(2), ended: "cut", endPosition: 7n } as const;
      await manager.segmentOpened(token, segment);
      await manager.segmentEnded(token, { ...segment, ...ends });
      await manager.durable(token, mark(7n, r(2)));
      const onSecond = { ...segment, segment: 2, volumeUuid: "v2", volumeTag: "TM0002L9", streamStart: r(2) };
      await manager.segmentOpened(token, onSecond);
      await manager.durable(token, { ...mark(6n, r(4)), volumeUuid: "v2", segment: 2 });
      await manager.close();
      // The start that withdraws the first volume reaches the second file only.
      await (await start({ durable: mark(3n, 0n), epochOnTape: 1 }, 0n)).manager.close();
      fileSystem.files.delete(`${jobs.jobFolder}/catalog-000003.tmc`);
      const first = open();
      const offsets = { durableStreamOffset: r(4), resumableStreamOffset: 0n };
      expect(await first.loadJob(jobId)).to.deep.include(offsets);
      await first.applyBoundary(jobId, {
        durable: { ...mark(6n, r(4)), volumeUuid: "v2", segment: 2 },
        epochOnTape: 1,
      });
      const done = first.finishJob(await first.beginEpoch(jobId, story), "complete", r(4));
      expect(String(await done.catch((error: unknown) => error))).to.contain("job 17 is not done");
      await first.close();
      const second = open();
      expect(await second.loadJob(jobId)).to.deep.include(offsets);
      await second.applyBoundary(jobId, undefined);
      await second.beginEpoch(jobId, story);
      await second.close();
      expect(await open().loadJob(jobId)).to.deep.include({ durableStreamOffset: 0n, segments: [] });
    });

    it("is not taken behind the boundary that would have to know of it", async () => {
      await interrupted();
      const manager = open();
      await manager.loadJob(jobId);
      await manager.applyBoundary(jobId, undefined);
      expect(() => manager.applyVolumeLost(jobId, "v1", 4n)).to.throw("before the boundary is applied");
      await manager.close();
    });
  });

  it("closes a volume in the boundary's own frame, and keeps it closed when it is interrupted again before the next", async () => {
    await interrupted();
    const { manager, token } = await start({ durable: mark(4n, 0n), epochOnTape: 1, closes: "it is given up" });
    expect(manager.hasBegun(token)).to.equal(true);
    expect(manager.hasBegun({ ...token, nonce: Buffer.alloc(8) })).to.equal(false);
    await manager.close();
    expect(manager.hasBegun(token)).to.equal(false);
    for (const epoch of [3, 4]) {
      const again = open();
      expect(await again.loadJob(jobId)).to.not.have.property("currentVolumeUuid");
      await again.applyBoundary(jobId, undefined);
      expect((await again.beginEpoch(jobId, story)).epoch).to.equal(epoch);
      await again.close();
    }
  });

  it("gives no segment number twice, though the segment that had it was voided", async () => {
    await interrupted();
    for (const epoch of [2, 3]) {
      const manager = open();
      const { nextSegment, segments } = await manager.loadJob(jobId);
      expect([nextSegment, segments.length]).to.deep.equal([epoch, epoch - 1]);
      await manager.applyBoundary(jobId, undefined);
      const token = await manager.beginEpoch(jobId, story);
      const head = { segment: epoch, epoch, tapeFile: 2, headBlock: 7n, firstDataBlock: 8n, streamStart: r(2) };
      if (epoch === 2) await manager.segmentOpened(token, { ...segment, ...head });
      await manager.close();
    }
    const manager = open();
    const { nextSegment, segments } = await manager.loadJob(jobId);
    expect([nextSegment, segments.length]).to.deep.equal([3, 1]);
    await manager.close();
  });

  describe("H4: a damaged catalog", () => {
    /** A flipped bit in the second file, behind which a frame testifies to what is lost. */
    async function damaged(): Promise<LocalCatalogManager> {
      await interrupted();
      const content = fileSystem.files.get(`${jobs.jobFolder}/catalog-000002.tmc`)!;
      content.bytes[100]! ^= 1;
      return open();
    }

    it("begins no epoch before the tapes have answered for what is left of it", async () => {
      const manager = await damaged();
      expect(await manager.loadJob(jobId)).to.deep.include({ damaged: true, segments: [] });
      await manager.applyBoundary(jobId, undefined);
      const error = await manager.beginEpoch(jobId, story).catch((thrown: unknown) => thrown);
      expect(error).to.include({ code: "ERR_TAPE_CATALOG_DAMAGED" });
      expect((error as Error).message).to.match(/is damaged at byte \d+ of .*catalog-000002.tmc/);
      await manager.claimsProved(jobId);
      // Frames behind the damage carry it: a number must not come again.
      expect((await manager.beginEpoch(jobId, story)).epoch).to.equal(2);
      await manager.close();
      expect(await open().loadJob(jobId)).to.deep.include({ damaged: false });
    });

    it("is given up without a look at any tape", async () => {
      const manager = await damaged();
      await manager.cancelJob(jobId);
      await manager.close();
      expect(await open().loadJob(jobId)).to.deep.include({ damaged: false, done: "cancelled" });
    });

    it("of which nothing is left begins anew behind its highest epoch", async () => {
      await interrupted();
      fileSystem.files.get(`${jobs.jobFolder}/catalog-000001.tmc`)!.bytes[50]! ^= 1;
      const manager = open();
      expect(await manager.hasRecords(jobId)).to.equal("lost");
      expect(await manager.hasRecords("18")).to.equal("none");
      expect((await begin(manager)).epoch).to.equal(2);
      await manager.close();
      expect(await open().loadJob(jobId)).to.deep.include({ epoch: 2, damaged: false, segments: [] });
    });
  });

  describe("JOB_DONE", () => {
    it("is refused while a source volume is not complete, or its end is not durable (I7)", async () => {
      await interrupted();
      const { manager, token } = await start({ durable: mark(6n, r(2)), epochOnTape: 1 });
      const done = async (offset: bigint): Promise<string> =>
        String(await manager.finishJob(token, "complete", offset).catch((error: unknown) => error));
      expect(await done(r(2))).to.contain("job 17 is not done");
      await manager.sourceVolumeDone(token, 0, { containers: 0n, objects: 0n, exceptions: 0n, endOffset: r(2) });
      expect(await done(r(3))).to.contain("job 17 is not done");
      expect((await manager.sourceVolumes(jobId))[0]).to.deep.include({ status: "complete", streamEnd: r(2) });
      // It comes as far as the store, which nobody told of the job.
      expect(await done(r(2))).to.contain("has no job 17 to take in");
      expect(await open().loadJob(jobId)).to.deep.include({ done: "complete" });
      await manager.close();
    });
  });

  it("H6: says when the disk runs full, and nothing where the job's records are closed before", async () => {
    const manager = open({ reserveBytes: 2_500_000 });
    fileSystem.free = 3_000_000n;
    const token = await begin(manager);
    const low = manager.spaceLow(token);
    await manager.appendFrame({ token, bytes: Buffer.alloc(600_000) });
    expect(await low).to.deep.equal({ folder: jobs.jobFolder, neededBytes: 2_500_000n });
    await manager.close();
    const other = open();
    const second = await begin(other, {}, "18");
    const never = other.spaceLow(second);
    await other.closeJob("18");
    expect(await never).to.equal(undefined);
  });

  it("tells of a job that it is writing, which goes on; it is not opened a second time", async () => {
    const { manager, token } = await writing();
    const { records: found, openObject } = await manager.readJob(jobId);
    expect(found).to.deep.include({ epoch: 1, durableStreamOffset: 0n, damaged: false });
    expect(Buffer.from(openObject?.name ?? []).toString()).to.equal("big");
    const again = await manager.loadJob(jobId).catch((error: unknown) => error);
    expect(again).to.have.property("code", "ERR_TAPE_PROTOCOL");
    await manager.durable(token, mark(6n, r(2)));
    expect((await manager.readJob(jobId)).records.durableStreamOffset).to.equal(r(2));
    await manager.close();
    expect((await open().readJob(jobId)).records.durableStreamOffset).to.equal(r(2));
  });

  it("drops the late frame of an old epoch", async () => {
    await interrupted();
    const { manager, token } = await start({ durable: mark(6n, r(2)), epochOnTape: 1 });
    const frames = async () => (await open().loadJob(jobId)).frames;
    const before = await frames();
    const bytes = encodeRecords([records.object(1, "late", 0n, 512n)]);
    await manager.appendFrame({ token: { ...token, epoch: 1 }, bytes });
    // Numbers can come again after damage; the nonce cannot.
    await manager.appendFrame({ token: { ...token, nonce: Buffer.alloc(8, 9) }, bytes });
    expect(await frames()).to.equal(before);
    await manager.appendFrame({ token, bytes });
    expect(await frames()).to.equal(before + 1);
    await manager.close();
  });

  it("puts into the next footer what a boundary left of the extents, whatever becomes durable until then", async () => {
    await interrupted(1, extent(0n, r(3)), extent(r(3), r(6)), extent(r(6), r(10)));
    const manager = open();
    await manager.loadJob(jobId);
    const across = await manager.objectAcross(jobId, r(9));
    if (across === undefined) throw new Error("no object lies across the boundary");
    await manager.applyBoundary(jobId, { durable: mark(13n, r(9)), epochOnTape: 1 });
    const token = await manager.beginEpoch(jobId, story);
    const to = r(8) - 512n;
    await manager.extentsCut(token, across, [
      { from: r(6), to: r(7) },
      { from: r(7), to, digest: Buffer.alloc(16, 3) },
    ]);
    const second = { ...segment, segment: 2, epoch: 2, tapeFile: 2, headBlock: 15n, firstDataBlock: 16n };
    await manager.segmentOpened(token, { ...second, streamStart: r(9), continuedHeaderOffset: r(1) });
    await manager.durable(token, { ...mark(25n, r(18)), segment: 2 });
    const footer = await manager.footerRecords(token, { ...second, streamStart: r(9) });
    const pieces: Uint8Array[] = [];
    for await (const piece of footer.pieces()) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    expect(footer.bytes).to.equal(BigInt(bytes.length));
    const extents = decodeRecords(bytes, "the footer").filter((record) => record.type === "extent");
    expect(extents.map((each) => [each.from, each.to, each.digest === null])).to.deep.equal([
      [0n, r(3), false],
      [r(3), r(6), false],
      [r(6), r(7), true],
      [r(7), to, false],
    ]);
    await manager.close();
  });

  it("puts into the next footer what stood in one that is lost with its volume, though a later one stands", async () => {
    const manager = open();
    const token = await begin(manager);
    for (const [index, name] of ["first", "second"].entries()) {
      const streamStart = r(index * 4);
      const part = { ...segment, segment: index + 1, volumeUuid: `v${index + 1}`, streamStart };
      const ended = {
        ...part,
        streamEnd: streamStart + r(4),
        ended: "closed",
        footerBlock: 9n,
        endPosition: 11n,
      } as const;
      await manager.segmentOpened(token, part);
      await manager.appendFrame({
        token,
        bytes: encodeRecords([records.object(1, name, streamStart, streamStart + r(2))]),
      });
      await manager.footerRecords(token, part);
      await manager.segmentEnded(token, ended);
      const { volumeUuid } = part;
      await manager.durable(token, { ...mark(11n, streamStart + r(4)), segment: index + 1, volumeUuid });
    }
    await manager.close();
    const names = async (): Promise<readonly string[]> => {
      const { manager: next, token: later } = await start(undefined, 3n);
      const third = { ...segment, segment: 3, epoch: later.epoch, volumeUuid: "v3", streamStart: r(8) };
      await next.segmentOpened(later, third);
      const pieces: Uint8Array[] = [];
      for await (const piece of (await next.footerRecords(later, third)).pieces()) pieces.push(piece);
      await next.close();
      const all = decodeRecords(Buffer.concat(pieces), "the footer");
      return all.flatMap((record) => (record.type === "object" ? [record.name.toString()] : []));
    };
    expect(await names()).to.deep.equal(["first", "second"]);
    expect(await names(), "the resume that was to write it ended before").to.deep.equal(["first", "second"]);
  });
});
