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
    INSERT INTO tape_volume VALUES ('u1', 'TM0001L9', 'default', 'appendable', 16384, 10320, 7, 81920, 2, 5, NULL, '1');
    INSERT INTO segment VALUES (1, 1, 1, 'u1', 'TM0001L9', 1, 3, 4, 0, 65536, 'closed', 8, 10, NULL);
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
    expect(store.jobs.list()).to.deep.equal([
      {
        jobId: "1",
        status: "complete",
        startedAtMs: 1700000000000,
        endedAtMs: 1700000001000,
        pool: "default",
        sources: [Buffer.from("/a")],
        interruptions: 1,
      },
      { jobId: "2", status: "interrupted", startedAtMs: 1700000002000, pool: "weekly", sources: [], interruptions: 0 },
    ]);
    expect(store.volumes.list()).to.deep.equal([
      {
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
      },
    ]);
    expect(store.segmentsOnVolume("u1").map(({ jobId, streamEnd }) => [jobId, streamEnd])).to.deep.equal([
      ["1", 65536n],
    ]);
    expect([...store.list(Buffer.alloc(0), undefined)].map(({ name }) => name.toString())).to.deep.equal(["a"]);
    store.jobs.update({ ...store.jobs.get("2")!, mediaSet: "s1" });
    store.close();
    const again = SqliteCatalogStore.open(path);
    expect(again.jobs.get("2")?.mediaSet).to.equal("s1");
    again.close();
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
