// SPDX-License-Identifier: Apache-2.0
/** Pools, media sets and retention through the command line, over the simulated library. */
import { join } from "node:path";
import { expect } from "chai";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { Installation, smallTape } from "./installation.ts";

const uuid = "5e7a0000-0000-4000-a000-000000000001";

describe("pools through the command line", () => {
  let installation: Installation;

  before(async () => {
    const config = `${smallTape}[pools.default]\nretention = { keepLast = 1 }\n[pools.weekly]\nallocation = "7 days"\n`;
    installation = await new Installation().make({ capacity: "64 MiB", config });
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    await installation.succeed("volume", "label", "TMK003L9", "--pool", "weekly", "--yes");
    const source = installation.makeSource();
    for (let count = 0; count < 3; count++) await installation.succeed("backup", source);
    inCatalog((store) => {
      const volume = store.volumes.getByTag("TMK001L9")!;
      if (volume.mediaSet !== undefined) return;
      store.mediaSets.put({ uuid, pool: "default", createdAtMs: 1_700_000_000_000 });
      store.volumes.put({ ...volume, mediaSet: uuid, setNumber: 1 });
    });
  });
  after(() => installation.remove());

  function inCatalog<T>(work: (store: SqliteCatalogStore) => T): T {
    const store = SqliteCatalogStore.open(join(installation.stateFolder, "catalog.sqlite"));
    try {
      return work(store);
    } finally {
      store.close();
    }
  }

  const setUuid = (): string => inCatalog((store) => store.volumes.getByTag("TMK001L9")?.mediaSet ?? "");

  it("lists pools", async () => {
    const text = await installation.succeed("pool", "list");
    expect(text).to.match(/^POOL +ALLOCATION +KEEPS +SETS/);
    expect(text).to.match(/^default +continue +1 last +1 +2 +1 +0 /m);
    expect(text).to.match(/^weekly +every 7 days +everything +0 +1 +1 +0 /m);
    const { pools } = await installation.json<{ pools: { pool: string; jobsToExpire: number }[] }>("pool", "list");
    expect(pools.map(({ pool, jobsToExpire }) => [pool, jobsToExpire])).to.deep.equal([
      ["default", 2],
      ["weekly", 0],
    ]);
  });

  it("shows a pool, a set and a volume", async () => {
    const pool = await installation.succeed("pool", "show", "default");
    expect(pool).to.match(/TMK001L9 +[0-9a-f]{8} +1 +appendable .* behind what is on it$/m);
    expect(pool).to.match(/TMK002L9 +- +- +empty .* from its beginning: nothing is on it$/m);
    expect(pool).to.match(/^ +1 +complete +\S+ \S+ +would expire/m);
    expect(pool).to.match(/^ +3 +complete +\S+ \S+ +kept: last/m);
    expect(await installation.succeed("pool", "show", "weekly")).to.include("no jobs yet");
    expect(await installation.succeed("media-set", "list")).to.include(setUuid());
    expect(await installation.succeed("media-set", "list", "--pool", "weekly")).to.include("no media sets yet");
    const set = await installation.succeed("media-set", "show", setUuid().slice(0, 6));
    expect(set).to.match(/^ +3 +complete .* TMK001L9:3 /m);
    const volume = await installation.succeed("volume", "show", "TMK001L9");
    expect(volume).to.match(new RegExp(`^  media set +${setUuid()}, number 1$`, "m"));
    expect(volume).to.include(", 3 tape files behind the label");
    const details = await installation.json<{ volume: { state: string }; jobs: unknown[] }>(
      "volume",
      "show",
      "TMK001L9",
    );
    expect([details.volume.state, details.jobs.length]).to.deep.equal(["appendable", 3]);
  });

  it("prunes only when it may, and what expired can still be restored", async () => {
    const dry = await installation.succeed("pool", "prune", "--dry-run");
    expect(dry).to.include("2 jobs would expire; no cartridge becomes free by that");
    const refused = await installation.run("pool", "prune", "default");
    expect(refused.code).to.equal(2);
    expect(refused.error).to.include("lets 2 jobs expire").and.include("nothing was changed");
    expect(await installation.succeed("pool", "prune", "weekly")).to.include("nothing to expire");
    const done = await installation.json<{ dryRun: boolean; jobs: { jobId: string }[] }>("pool", "prune", "--yes");
    expect([done.dryRun, done.jobs.map(({ jobId }) => jobId)]).to.deep.equal([false, ["1", "2"]]);
    expect(await installation.succeed("pool", "prune")).to.include("every finished job is kept");
    expect(await installation.succeed("pool", "show", "default")).to.match(/^ +2 +complete +\S+ \S+ +expired/m);
    expect(await installation.succeed("job", "list")).to.match(/^ +2 +complete, expired /m);
    const target = join(installation.folder, "restored");
    await installation.succeed("restore", "--job", "1", "--to", target);
  });

  it("retires a cartridge for good", async () => {
    const refused = await installation.run("volume", "retire", "TMK003L9");
    expect([refused.code, refused.error.includes("--yes")]).to.deep.equal([2, true]);
    await installation.succeed("volume", "retire", "TMK003L9", "--yes");
    expect(await installation.succeed("volume", "show", "TMK003L9")).to.include("no: it was taken out of use");
  });

  it("says with exit code 2 what it does not know", async () => {
    for (const args of [
      ["pool", "show", "none"],
      ["pool", "prune", "none"],
      ["media-set", "show", "ffff"],
      ["media-set", "list", "--pool", "none"],
      ["volume", "show", "NONE"],
      ["volume", "retire", "NONE", "--yes"],
    ]) {
      const { code, error } = await installation.run(...args);
      expect(code, args.join(" ")).to.equal(2);
      expect(error, args.join(" ")).to.match(/none|NONE|ffff/);
    }
  });
});
