// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { CatalogError } from "../../../../lib/errors.ts";
import { memberPath, splitPath } from "../../../../lib/catalog/catalog-store.ts";
import type { FinishedJob, StoredObject } from "../../../../lib/catalog/catalog-store.ts";
import { objectKind } from "../../../../lib/catalog/persistent-record.ts";
import { SqliteCatalogStore } from "../../../../lib/catalog/sqlite/catalog-store.ts";
import { digest, directoryFingerprint, fingerprint } from "../records.ts";

type Folded = Omit<StoredObject, "jobId">;

function stored(path: string | Buffer, headerOffset: bigint, fields: Partial<Folded> = {}): Folded {
  return {
    ...splitPath(Buffer.from(path)),
    kind: objectKind.file,
    fingerprint: fingerprint({ ino: headerOffset + 1n }),
    headerOffset,
    dataOffset: headerOffset + 512n,
    endOffset: headerOffset + 1024n,
    digest: digest(path.toString()),
    linkTarget: undefined,
    ...fields,
  };
}

const directory = (path: string, headerOffset: bigint): Folded =>
  stored(path, headerOffset, {
    kind: objectKind.directory,
    fingerprint: directoryFingerprint(headerOffset),
    digest: undefined,
  });

const tree: readonly Folded[] = [
  directory("home", 0n),
  directory("home/anna", 512n),
  stored("home/anna/one.txt", 4096n),
  stored("home/anna/two.txt", 2048n),
  directory("home/anna/deep", 1024n),
  stored("home/anna/deep/three.txt", 8192n),
  stored("home/anna0", 16384n),
];

function job(jobId: string, objects: Iterable<Folded> = tree, fields: Partial<FinishedJob> = {}): FinishedJob {
  return {
    jobId,
    recordSizeBytes: 16384,
    endOffset: 65536n,
    objects,
    extents: [],
    sources: [
      { index: 0, path: Buffer.from("/home"), streamStart: 0n, streamEnd: 65536n, objects: 7n, exceptions: 1n },
    ],
    segments: [
      {
        segment: 1,
        epoch: 2,
        volumeUuid: "v1",
        volumeTag: "TM0001L9",
        tapeFile: 2,
        headBlock: 9n,
        firstDataBlock: 10n,
        streamStart: 32768n,
        streamEnd: 65536n,
        ended: "closed",
        footerBlock: 12n,
        endPosition: 14n,
        continuedHeaderOffset: 20000n,
      },
      {
        segment: 0,
        epoch: 1,
        volumeUuid: "v1",
        volumeTag: "TM0001L9",
        tapeFile: 1,
        headBlock: 3n,
        firstDataBlock: 4n,
        streamStart: 0n,
      },
    ],
    ...fields,
  };
}

const paths = (objects: Iterable<StoredObject>): string[] =>
  [...objects].map((object) => memberPath(object).toString());

describe("the catalog store in SQLite", () => {
  let folder = "";
  let path = "";
  let store: SqliteCatalogStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-store-"));
    path = join(folder, "catalog.sqlite");
    store = SqliteCatalogStore.open(path);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const begun = (): string =>
    store.jobs.create({
      status: "running",
      startedAtMs: 1700000000000,
      pool: "default",
      sources: [Buffer.from("/home")],
      interruptions: 0,
    }).jobId;

  it("keeps jobs", () => {
    const [first, second] = [begun(), begun()];
    expect([first, second]).to.deep.equal(["1", "2"]);
    store.jobs.update({ ...store.jobs.get("2")!, status: "complete", endedAtMs: 1700000001000, interruptions: 3 });
    expect(store.jobs.list().map(({ jobId, status }) => [jobId, status])).to.deep.equal([
      ["1", "running"],
      ["2", "complete"],
    ]);
    expect(store.jobs.get("2")).to.deep.include({
      endedAtMs: 1700000001000,
      interruptions: 3,
      pool: "default",
      sources: [Buffer.from("/home")],
    });
    for (const unknown of ["3", "x", "1 OR 1", ""]) expect(store.jobs.get(unknown)).to.equal(undefined);
  });

  it("keeps tape volumes; one labelled again takes its barcode along", () => {
    const volume = {
      volumeUuid: "u1",
      volumeTag: "TM0001L9",
      pool: "default",
      state: "empty" as const,
      recordSizeBytes: 524288,
      labelBytes: 10320n,
      endPosition: 3n,
      bytes: 10320n,
      tapeFiles: 1,
      labelledAtMs: 5,
    };
    store.volumes.put(volume);
    store.volumes.put({ ...volume, state: "appendable", bytes: 2n ** 50n, mediumSerial: "S1", lastJobId: "1" });
    expect(store.volumes.get("u1")).to.deep.equal({
      ...volume,
      state: "appendable",
      bytes: 2n ** 50n,
      mediumSerial: "S1",
      lastJobId: "1",
    });
    store.volumes.put({ ...volume, volumeUuid: "u2" });
    expect(store.volumes.list().map(({ volumeUuid }) => volumeUuid)).to.deep.equal(["u2"]);
    expect(store.volumes.getByTag("TM0001L9")?.volumeUuid).to.equal("u2");
    expect(store.volumes.getByTag("none")).to.equal(undefined);
  });

  it("gives back a folded job", () => {
    const jobId = begun();
    expect(store.finishedJob(jobId)).to.equal(undefined);
    store.fold(job(jobId));
    const found = store.finishedJob(jobId);
    expect(found).to.deep.include({
      jobId,
      recordSizeBytes: 16384,
      endOffset: 65536n,
      objects: 7n,
      sources: job(jobId).sources,
    });
    expect(found?.segments.map(({ segment }) => segment)).to.deep.equal([0, 1]);
    expect(found?.segments[1]).to.deep.equal(job(jobId).segments[0]);
    expect(found?.segments[0]).to.deep.equal({ ...job(jobId).segments[1], streamEnd: 0n, ended: "cut" });
  });

  it("gives back every field of an object, numbers beyond 63 bits included", () => {
    const jobId = begun();
    const wide = fingerprint({
      dev: 2n ** 64n - 1n,
      ino: 2n ** 63n,
      sizeBytes: 2n ** 63n + 5n,
      mtimeNs: -5n,
      ctimeNs: 2n ** 62n,
      mode: 0o120777,
      uid: 4294967295,
    });
    const object = stored(Buffer.from([0x61, 0x2f, 0xff, 0xfe]), 2n ** 50n, {
      kind: objectKind.symbolicLink,
      fingerprint: wide,
      digest: undefined,
      linkTarget: Buffer.from([0xff, 0x2f]),
    });
    store.fold(job(jobId, [object]));
    expect(store.objectByPath(jobId, Buffer.from([0x61, 0x2f, 0xff, 0xfe]))).to.deep.equal({ ...object, jobId });
    expect(store.objectByPath(jobId, Buffer.from("a/x"))).to.equal(undefined);
  });

  it("streams the objects at or below paths in stream order", () => {
    const jobId = begun();
    store.fold(job(jobId));
    const wanted = (...list: string[]): string[] =>
      paths(
        store.objectsInStreamOrder(
          jobId,
          list.map((one) => Buffer.from(one)),
        ),
      );
    expect(wanted()).to.deep.equal([
      "home",
      "home/anna",
      "home/anna/deep",
      "home/anna/two.txt",
      "home/anna/one.txt",
      "home/anna/deep/three.txt",
      "home/anna0",
    ]);
    expect(wanted("home/anna")).to.deep.equal([
      "home/anna",
      "home/anna/deep",
      "home/anna/two.txt",
      "home/anna/one.txt",
      "home/anna/deep/three.txt",
    ]);
    expect(wanted("home/anna/deep/", "home/anna0")).to.deep.equal([
      "home/anna/deep",
      "home/anna/deep/three.txt",
      "home/anna0",
    ]);
    expect(wanted("home/anna/one.txt")).to.deep.equal(["home/anna/one.txt"]);
    expect(wanted("none")).to.deep.equal([]);
    expect(paths(store.directoriesDeepestFirst(jobId, []))).to.deep.equal(["home/anna/deep", "home/anna", "home"]);
    expect(paths(store.directoriesDeepestFirst(jobId, [Buffer.from("home/anna/deep")]))).to.deep.equal([
      "home/anna/deep",
    ]);
  });

  it("writes while a stream of objects is being taken", () => {
    const jobId = begun();
    store.fold(job(jobId));
    for (const object of store.objectsInStreamOrder(jobId, [])) {
      store.jobs.update({ ...store.jobs.get(jobId)!, interruptions: object.name.length });
      expect(store.extents(jobId, object.headerOffset)).to.deep.equal([]);
    }
  });

  it("knows versions: of one job, the newest, all", () => {
    const [first, second] = [begun(), begun()];
    store.fold(job(first));
    store.fold(job(second, [stored("home/anna/one.txt", 0n), stored("home/anna/new.txt", 1024n)]));
    const anna = Buffer.from("home/anna/");
    expect(paths(store.list(anna, first))).to.deep.equal(["home/anna/deep", "home/anna/one.txt", "home/anna/two.txt"]);
    expect([...store.list(anna, undefined)].map(({ name, jobId }) => [name.toString(), jobId])).to.deep.equal([
      ["deep", "1"],
      ["new.txt", "2"],
      ["one.txt", "2"],
      ["two.txt", "1"],
    ]);
    expect([...store.versions(Buffer.from("home/anna/one.txt"))].map(({ jobId }) => jobId)).to.deep.equal(["2", "1"]);
    expect(paths(store.find(Buffer.from("*.txt"), 3))).to.deep.equal([
      "home/anna/new.txt",
      "home/anna/one.txt",
      "home/anna/two.txt",
    ]);
    expect(paths(store.find(Buffer.from("home/*/deep*"), 9))).to.deep.equal([
      "home/anna/deep",
      "home/anna/deep/three.txt",
    ]);
    expect(paths(store.find(Buffer.from("*"), 0))).to.deep.equal([]);
  });

  it("keeps extents in order", () => {
    const jobId = begun();
    const extents = [
      { headerOffset: 0n, from: 100n, to: 300n, digest: digest("b") },
      { headerOffset: 0n, from: 0n, to: 100n, digest: digest("a") },
      { headerOffset: 9n, from: 0n, to: 100n, digest: digest("c") },
    ];
    store.fold(job(jobId, tree, { extents }));
    expect(store.extents(jobId, 0n)).to.deep.equal([extents[1], extents[0]]);
  });

  it("keeps extents without a digest", () => {
    const jobId = begun();
    const extents = [
      { headerOffset: 0n, from: 0n, to: 100n, digest: undefined },
      { headerOffset: 0n, from: 100n, to: 300n, digest: digest("b") },
    ];
    store.fold(job(jobId, tree, { extents }));
    expect(store.extents(jobId, 0n)).to.deep.equal(extents);
  });

  it("folds again what an interrupted fold left, and shows nothing of it before", () => {
    const jobId = begun();
    function* torn(): Generator<Folded> {
      for (let index = 0; index < 10_001; index += 1) yield stored(`torn/${index}`, BigInt(index) * 1024n);
      throw new CatalogError("power failed");
    }
    expect(() => store.fold(job(jobId, torn()))).to.throw(CatalogError, "power failed");
    expect(store.finishedJob(jobId)).to.equal(undefined);
    expect(paths(store.find(Buffer.from("*"), 5))).to.deep.equal([]);
    store.fold(job(jobId));
    expect(store.finishedJob(jobId)?.objects).to.equal(7n);
    expect(paths(store.objectsInStreamOrder(jobId, [])).length).to.equal(7);
    expect(() => store.fold(job("99"))).to.throw(CatalogError, "no job 99");
  });

  it("takes fewer than 90 bytes an object, pages half filled included", () => {
    const jobId = begun();
    function* many(): Generator<Folded> {
      for (let index = 0; index < 20_000; index += 1) {
        const mtimeNs = 1700000000123456789n + BigInt(index);
        const print = fingerprint({
          dev: 2049n,
          ino: BigInt(1_000_000 + index),
          sizeBytes: BigInt(index),
          mtimeNs,
          ctimeNs: mtimeNs,
        });
        const name = `file-${String(index % 50).padStart(2, "0")}.c`;
        const headerOffset = BigInt(index) * 4096n;
        const endOffset = headerOffset + 512n + BigInt(Math.ceil(index / 512) * 512);
        yield stored(`home/anna/project/${Math.floor(index / 50)}/${name}`, headerOffset, {
          fingerprint: print,
          endOffset,
        });
      }
    }
    store.fold(job(jobId, many()));
    const database = new SqliteDatabase(path, { readonly: true });
    const pages =
      database
        .prepare<[], number>("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        .pluck()
        .get() ?? 0;
    database.close();
    expect(pages / 20_000).to.be.lessThan(90);
  });

  describe("refuses, and leaves as it is,", () => {
    const refused = (file: string, message: string | RegExp): void => {
      const before = readFileSync(file);
      expect(() => SqliteCatalogStore.open(file))
        .to.throw(CatalogError, message)
        .with.property("exitCode", 7);
      expect(readFileSync(file).equals(before)).to.equal(true);
    };

    it("a catalog of a newer version", () => {
      store.close();
      const database = new SqliteDatabase(path);
      database.exec("UPDATE tidemark_schema SET version = 99");
      database.pragma("journal_mode = DELETE");
      database.close();
      refused(path, /has version 99, this Tidemark knows versions up to 4: use the newer one/);
      const back = new SqliteDatabase(path);
      back.exec("UPDATE tidemark_schema SET version = 4");
      back.close();
      store = SqliteCatalogStore.open(path);
    });

    it("a database of another program", () => {
      const other = join(folder, "other.sqlite");
      const database = new SqliteDatabase(other);
      database.exec("CREATE TABLE t (a)");
      database.close();
      refused(other, "a database of another program");
      const marked = join(folder, "marked.sqlite");
      const empty = new SqliteDatabase(marked);
      empty.pragma("application_id = 5");
      empty.close();
      refused(marked, "a database of another program");
    });

    it("what is no database, and a folder", () => {
      const text = join(folder, "text");
      writeFileSync(text, "not a database, but long enough to be looked at\n".repeat(50));
      refused(text, "is no catalog");
      expect(() => SqliteCatalogStore.open(folder)).to.throw(CatalogError, "cannot open the catalog");
    });
  });

  it("is opened by two processes, and again", () => {
    const second = SqliteCatalogStore.open(path);
    const jobId = begun();
    second.fold(job(jobId));
    expect(store.finishedJob(jobId)?.objects).to.equal(7n);
    second.close();
  });
});
