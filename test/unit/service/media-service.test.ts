// SPDX-License-Identifier: Apache-2.0
/** Pools, media sets and volumes as the service tells of them, over a real catalog store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SqliteCatalogStore } from "../../../lib/catalog/sqlite/catalog-store.ts";
import { ConfigError, JobError } from "../../../lib/errors.ts";
import type { JobEntry } from "../../../lib/protocol/job.ts";
import type { VolumeEntry, VolumeState } from "../../../lib/protocol/volume.ts";
import { parseConfig } from "../../../lib/service/config.ts";
import { LocalMediaService } from "../../../lib/service/media-service.ts";
import { cartridge, volume } from "../media/media.ts";

const day = 86_400_000;
const now = 100 * day;
const config = parseConfig(
  'stateFolder = "s"\n[library]\nkind = "simulated"\nfolder = "l"\n[backup]\npool = "p"\n' +
    '[pools.p]\nretention = { keepLast = 1 }\n[pools.q]\nallocation = "7 days"\n',
  "/t/t.toml",
);

describe("pools, sets and volumes of the service", () => {
  let folder = "";
  let store: SqliteCatalogStore;
  let media: LocalMediaService;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-media-"));
    store = SqliteCatalogStore.open(join(folder, "catalog.sqlite"));
    media = new LocalMediaService({ store, config, nowMs: () => now });
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  function put(tag: string, state: VolumeState, fields: Partial<VolumeEntry> = {}): void {
    store.volumes.put(volume(tag, state, fields));
  }

  /** A finished job with a segment on each of the volumes. */
  function finished(tags: readonly string[], fields: Partial<JobEntry> = {}): string {
    const { jobId } = store.jobs.create({
      status: "complete",
      startedAtMs: now - 10 * day,
      pool: "p",
      sources: [Buffer.from("/home")],
      interruptions: 0,
      ...fields,
    });
    store.fold({
      jobId,
      recordSizeBytes: 16384,
      endOffset: 16384n,
      sources: [],
      objects: [],
      extents: [],
      segments: tags.map((volumeTag, index) => ({
        segment: index + 1,
        epoch: 1,
        volumeUuid: `uuid-${volumeTag}`,
        volumeTag,
        tapeFile: Number(jobId),
        headBlock: 3n,
        firstDataBlock: 4n,
        streamStart: BigInt(index),
        streamEnd: BigInt(index + 1),
        ended: "closed",
      })),
    });
    return jobId;
  }

  /** Two jobs on A and B, of which the first would expire; C empty; D of another pool. */
  function twoJobs(): void {
    store.mediaSets.put({ uuid: "aaaa-1", pool: "p", createdAtMs: now - 20 * day });
    put("A", "full", { mediaSet: "aaaa-1", setNumber: 1, bytes: 100n });
    put("B", "appendable", { mediaSet: "aaaa-1", setNumber: 2, bytes: 50n });
    put("C", "empty");
    put("D", "empty", { pool: "r" });
    finished(["A", "B"]);
    finished(["B"], { startedAtMs: now - 5 * day, mediaSet: "aaaa-1" });
  }

  it("lists the pools that are configured or in use, with what the next prune would do", () => {
    twoJobs();
    const pools = media.listPools();
    expect(pools.map(({ pool }) => pool)).to.deep.equal(["p", "q", "r"]);
    expect(pools[0]).to.deep.equal({
      pool: "p",
      allocation: { kind: "continue" },
      retention: { keepLast: 1 },
      mediaSets: 1,
      volumes: 3,
      empty: 1,
      expired: 0,
      bytes: 100n + 50n + 10320n,
      jobsKept: 1,
      jobsToExpire: 1,
    });
    expect(pools[1]).to.deep.include({ allocation: { kind: "period", periodMs: 7 * day }, volumes: 0 });
    expect(pools[2]).to.deep.include({ allocation: { kind: "continue" }, volumes: 1, empty: 1 });
  });

  it("shows of a pool how each volume can be written, and which rule keeps which job", () => {
    twoJobs();
    store.cartridges.put(
      cartridge("B", { location: { kind: "vault", name: "bank" }, wear: { atMs: 5, capacityBytes: 1000n } }),
    );
    const pool = media.showPool("p");
    expect(pool.volumeList).to.deep.equal([
      {
        volumeTag: "A",
        volumeUuid: "uuid-A",
        state: "full",
        bytes: 100n,
        mediaSet: "aaaa-1",
        setNumber: 1,
        refusal: "it is full, and job 1 on it is not expired",
      },
      {
        volumeTag: "B",
        volumeUuid: "uuid-B",
        state: "appendable",
        bytes: 50n,
        capacityBytes: 1000n,
        mediaSet: "aaaa-1",
        setNumber: 2,
        location: { kind: "vault", name: "bank" },
        refusal: "it is in the vault bank",
      },
      { volumeTag: "C", volumeUuid: "uuid-C", state: "empty", bytes: 10320n, use: "first" },
    ]);
    expect(pool.jobs.map(({ jobId, verdict }) => [jobId, verdict])).to.deep.equal([
      ["1", { kind: "expires" }],
      ["2", { kind: "kept", rule: "last" }],
    ]);
    expect(pool.sets.map(({ uuid, volumes, bytes }) => [uuid, volumes, bytes])).to.deep.equal([["aaaa-1", 2, 150n]]);
    expect(() => media.showPool("none")).to.throw(ConfigError, 'there is no pool "none"; there are p, q, r');
  });

  it("judges volumes by the set that the next job of the pool would go to", () => {
    const use = (): readonly (string | undefined)[] => media.showPool("q").volumeList.map((each) => each.use);
    put("E", "appendable", { pool: "q", mediaSet: "s1", lastJobId: "9" });
    store.mediaSets.put({ uuid: "s1", pool: "q", createdAtMs: now - 6 * day });
    expect(use()).to.deep.equal(["append"]);
    store.mediaSets.put({ uuid: "s2", pool: "q", createdAtMs: now - 8 * day });
    expect(use(), "a new set would begin").to.deep.equal([undefined]);
  });

  it("prunes: a dry run changes nothing, a real one marks and destroys nothing", () => {
    twoJobs();
    const planned = media.prune({ dryRun: true });
    expect(planned.jobs.map(({ jobId, pool }) => [jobId, pool])).to.deep.equal([["1", "p"]]);
    expect(planned.freed).to.deep.equal(["A"]);
    expect(store.jobs.get("1")?.expiredAtMs).to.equal(undefined);
    expect(media.prune({ dryRun: false, pool: "q" }).jobs).to.deep.equal([]);
    expect(media.prune({ dryRun: false, onlyJobs: [] }).jobs).to.deep.equal([]);
    const done = media.prune({ dryRun: false, pool: "p" });
    const { verdict: _, ...job } = planned.jobs[0]!;
    expect(done).to.deep.equal({
      dryRun: false,
      jobs: [{ ...job, verdict: { kind: "expired", atMs: now } }],
      freed: ["A"],
    });
    expect(store.jobs.get("1")?.expiredAtMs).to.equal(now);
    expect(store.jobs.get("2")?.expiredAtMs).to.equal(undefined);
    expect(store.finishedJob("1")?.segments, "what is on tape stays known").to.have.lengthOf(2);
    expect(media.showPool("p").volumeList.map((each) => each.use)).to.deep.equal(["relabel", "append", "first"]);
    expect(media.prune({ dryRun: false })).to.deep.equal({ dryRun: false, jobs: [], freed: [] });
    expect(() => media.prune({ dryRun: false, pool: "none" })).to.throw(ConfigError, "no pool");
  });

  it("never lets a cartridge free that an interrupted job has written", () => {
    twoJobs();
    const { jobId } = store.jobs.create({
      status: "interrupted",
      startedAtMs: now,
      pool: "p",
      sources: [Buffer.from("/other")],
      interruptions: 0,
    });
    put("A", "full", { mediaSet: "aaaa-1", lastJobId: jobId });
    expect(media.prune({ dryRun: false }).freed).to.deep.equal([]);
    expect(media.showVolume("A").refusal).to.equal(`it is full, and job ${jobId} on it is not expired`);
  });

  it("lists sets, and shows one by the beginning of its UUID", () => {
    twoJobs();
    put("E", "full", { pool: "q", mediaSet: "aabb-2", setNumber: 1 });
    store.mediaSets.put({ uuid: "aabb-2", pool: "q", createdAtMs: now, closedAtMs: now });
    store.mediaSets.put({ uuid: "aadd-3", pool: "q", createdAtMs: now, closedAtMs: now });
    expect(media.listMediaSets().map(({ uuid }) => uuid)).to.deep.equal(["aaaa-1", "aabb-2"]);
    expect(media.listMediaSets("q").map(({ uuid }) => uuid)).to.deep.equal(["aabb-2"]);
    expect(() => media.listMediaSets("none")).to.throw(ConfigError, "no pool");
    const set = media.showMediaSet("AAAA");
    expect(set.volumeList.map(({ volumeTag, setNumber }) => [volumeTag, setNumber])).to.deep.equal([
      ["A", 1],
      ["B", 2],
    ]);
    const places = set.jobs.map(({ jobId, segments }) => [
      jobId,
      segments.map(({ volumeTag, tapeFile }) => `${volumeTag}:${tapeFile}`),
    ]);
    expect(places).to.deep.equal([
      ["1", ["A:1", "B:1"]],
      ["2", ["B:2"]],
    ]);
    expect(() => media.showMediaSet("aa")).to.throw(ConfigError, '3 media sets begin with "aa"');
    expect(media.showMediaSet("aadd"), "of which nothing is left").to.deep.include({ volumes: 0, bytes: 0n, jobs: [] });
    expect(() => media.showMediaSet("c")).to.throw(ConfigError, 'no media set "c"');
  });

  it("shows a volume with its cartridge and jobs, and a cartridge without a label", () => {
    twoJobs();
    const known = cartridge("B", { lastError: { atMs: 5, text: "write error" } });
    store.cartridges.put(known);
    store.cartridges.put(cartridge("X", { kind: "foreign" }));
    const { volume: entry, jobs, ...rest } = media.showVolume("B");
    expect(entry?.volumeUuid).to.equal("uuid-B");
    expect(jobs.map(({ jobId, tapeFiles }) => [jobId, tapeFiles])).to.deep.equal([
      ["1", [1]],
      ["2", [2]],
    ]);
    expect(rest).to.deep.equal({ volumeTag: "B", cartridge: known, use: "append" });
    expect(media.showVolume("X")).to.deep.equal({
      volumeTag: "X",
      cartridge: cartridge("X", { kind: "foreign" }),
      jobs: [],
    });
    expect(() => media.showVolume("none")).to.throw(ConfigError, "the catalog knows no volume none");
  });

  it("retires a volume, but not under a job", () => {
    twoJobs();
    expect(media.retireVolume("C")).to.deep.include({ refusal: "it was taken out of use" });
    expect(store.volumes.getByTag("C")?.state).to.equal("retired");
    put("B", "inUse", { lastJobId: "2" });
    expect(() => media.retireVolume("B")).to.throw(JobError, "tidemark job cancel 2");
    expect(store.volumes.getByTag("B")?.state).to.equal("inUse");
    expect(() => media.retireVolume("none")).to.throw(ConfigError);
  });
});
