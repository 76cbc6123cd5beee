// SPDX-License-Identifier: Apache-2.0
/** Catalogs of older versions are brought up to this one in place. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import type { Database } from "better-sqlite3";
import { expect } from "chai";
import { SqliteCatalogStore } from "../../../../lib/catalog/sqlite/catalog-store.ts";
import { migrate } from "../../../../lib/catalog/sqlite/schema.ts";

/** As the program of version 1 left it: a finished job on one volume. */
function fillFirstVersion(database: Database): void {
  database.exec(`
    INSERT INTO job (status, started_at_ms, pool, interruptions, ended_at_ms, record_size, end_offset, objects, folded)
      VALUES ('complete', 1700000000000, 'default', 1, 1700000001000, 16384, 65536, 1, 2);
    INSERT INTO job (status, started_at_ms, pool, interruptions) VALUES ('interrupted', 1700000002000, 'weekly', 0);
    INSERT INTO source_volume VALUES (1, 0, x'2f61', 0, 65536, 1, 0);
    INSERT INTO job (status, started_at_ms, pool, interruptions) VALUES ('failed', 1700000003000, 'default', 0);
    INSERT INTO tape_volume VALUES ('u0', 'TM0002L9', 'default', 'full', 16384, 10320, 7, 81920, 2, 4, NULL, '1');
    INSERT INTO tape_volume VALUES ('u2', 'TM0003L9', 'default', 'empty', 16384, 10320, 3, 10320, 1, 1, NULL, NULL);
    INSERT INTO tape_volume VALUES ('u3', 'TM0004L9', 'weekly', 'inUse', 16384, 10320, 3, 10320, 1, 7, NULL, '2');
    INSERT INTO tape_volume VALUES ('u1', 'TM0001L9', 'default', 'appendable', 16384, 10320, 7, 81920, 2, 5, NULL, '1');
    INSERT INTO segment VALUES (1, 1, 1, 'u1', 'TM0001L9', 1, 3, 4, 0, 65536, 'closed', 8, 10, NULL);
    INSERT INTO extent VALUES (1, 0, 0, 100, x'000102030405060708090a0b0c0d0e0f');
    INSERT INTO directory VALUES (1, x'');
    INSERT INTO object VALUES (1, x'61', 1, 1, 1, 2, 0, 5, 0, 16877, 0, 0, 0, 512, 0, NULL, NULL);`);
}

describe("the catalog store's schema", () => {
  let folder = "";
  let path = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-schema-"));
    path = join(folder, "catalog.sqlite");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function tables(): string[] {
    const database = new SqliteDatabase(path, { readonly: true });
    const names = database
      .prepare<[], string>("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
      .pluck()
      .all();
    database.close();
    return names;
  }

  it("of version 1 is brought up to date in place, with all that is in it", () => {
    const old = new SqliteDatabase(path);
    migrate(old, path, 1);
    fillFirstVersion(old);
    const version = old.prepare<[], number>("SELECT version FROM tidemark_schema").pluck();
    expect(version.get()).to.equal(1);
    expect(() => old.prepare("SELECT media_set FROM job")).to.throw("no such column");
    old.close();
    const store = SqliteCatalogStore.open(path);
    const job = { sources: [], interruptions: 0, pool: "default" };
    expect(store.jobs.list().map(({ mediaSet: _, ...rest }) => rest)).to.deep.equal([
      {
        ...job,
        jobId: "1",
        status: "complete",
        startedAtMs: 1700000000000,
        endedAtMs: 1700000001000,
        sources: [Buffer.from("/a")],
        interruptions: 1,
      },
      { ...job, jobId: "2", status: "interrupted", startedAtMs: 1700000002000, pool: "weekly" },
      { ...job, jobId: "3", status: "failed", startedAtMs: 1700000003000 },
    ]);
    const { mediaSet: _, setNumber: __, ...volume } = store.volumes.getByTag("TM0001L9")!;
    expect(volume).to.deep.equal({
      volumeUuid: "u1",
      volumeTag: "TM0001L9",
      pool: "default",
      state: "appendable",
      recordSizeBytes: 16384,
      labelBytes: 10320n,
      endPosition: 7n,
      bytes: 81920n,
      tapeFiles: 2,
      labelledAtMs: 5,
      lastJobId: "1",
    });
    expect(store.segmentsOnVolume("u1").map(({ jobId, streamEnd }) => [jobId, streamEnd])).to.deep.equal([
      ["1", 65536n],
    ]);
    expect([...store.list(Buffer.alloc(0), undefined)].map(({ name }) => name.toString())).to.deep.equal(["a"]);
    const changed = { ...store.jobs.get("2")!, expiredAtMs: 5 };
    store.jobs.update(changed);
    store.close();
    const again = SqliteCatalogStore.open(path);
    expect(again.jobs.get("2")).to.deep.equal(changed);
    again.close();
  });

  it("takes what version 1 wrote in a pool for one media set", () => {
    const old = new SqliteDatabase(path);
    migrate(old, path, 1);
    fillFirstVersion(old);
    old.close();
    const store = SqliteCatalogStore.open(path);
    const [first, second] = store.mediaSets.list();
    expect(store.mediaSets.list()).to.deep.equal([
      { uuid: first?.uuid, pool: "default", createdAtMs: 4 },
      { uuid: second?.uuid, pool: "weekly", createdAtMs: 7 },
    ]);
    expect(first?.uuid).to.match(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(
      store.volumes.list().map(({ volumeUuid, mediaSet, setNumber }) => [volumeUuid, mediaSet, setNumber]),
    ).to.deep.equal([
      ["u1", first?.uuid, 2],
      ["u0", first?.uuid, 1],
      ["u2", undefined, undefined],
      ["u3", second?.uuid, 1],
    ]);
    expect(store.jobs.list().map(({ mediaSet }) => mediaSet)).to.deep.equal([first?.uuid, second?.uuid, undefined]);
    store.close();
  });

  it("of version 1 takes extents without a digest once it is brought up, and keeps those with one", () => {
    const old = new SqliteDatabase(path);
    migrate(old, path, 1);
    fillFirstVersion(old);
    old.close();
    const store = SqliteCatalogStore.open(path);
    const extent = { headerOffset: 0n, from: 0n, to: 100n, digest: undefined };
    const empty = { sources: [], segments: [], objects: [] };
    store.fold({ jobId: "2", recordSizeBytes: 16384, endOffset: 0n, ...empty, extents: [extent] });
    expect(store.extents("2", 0n)).to.deep.equal([extent]);
    const digest = Buffer.from("000102030405060708090a0b0c0d0e0f", "hex");
    expect(store.extents("1", 0n)).to.deep.equal([{ ...extent, digest }]);
    store.close();
  });

  it("is the same, brought up from version 1 or made new", () => {
    const old = new SqliteDatabase(path);
    migrate(old, path, 1);
    migrate(old, path);
    old.close();
    const upgraded = tables();
    rmSync(path);
    const made = new SqliteDatabase(path);
    migrate(made, path);
    made.close();
    expect(upgraded).to.deep.equal(tables());
  });

  it("is not brought up twice by two processes", () => {
    const first = new SqliteDatabase(path);
    migrate(first, path, 1);
    first.close();
    const [left, right] = [SqliteCatalogStore.open(path), SqliteCatalogStore.open(path)];
    left.drives.put({ name: "/dev/nst0", state: "inService", cleaning: "notNeeded" });
    expect(right.drives.list()).to.have.lengthOf(1);
    left.close();
    right.close();
  });
});
