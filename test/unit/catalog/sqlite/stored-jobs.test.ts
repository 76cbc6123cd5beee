// SPDX-License-Identifier: Apache-2.0
/** Copies of finished jobs, and jobs that are forgotten when their cartridges are written over. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { memberPath, splitPath } from "../../../../lib/catalog/catalog-store.ts";
import { objectKind } from "../../../../lib/catalog/persistent-record.ts";
import { SqliteCatalogStore } from "../../../../lib/catalog/sqlite/catalog-store.ts";
import { CatalogError } from "../../../../lib/errors.ts";
import type { Segment } from "../../../../lib/protocol/tape.ts";
import { digest, fingerprint } from "../records.ts";

const segment = (volumeUuid: string, number: number, fields: Partial<Segment> = {}): Segment => ({
  segment: number,
  epoch: 1,
  volumeUuid,
  volumeTag: volumeUuid.toUpperCase(),
  tapeFile: number,
  headBlock: 3n,
  firstDataBlock: 4n,
  streamStart: BigInt(number - 1) * 16384n,
  streamEnd: BigInt(number) * 16384n,
  ended: "closed",
  ...fields,
});

describe("finished jobs in the catalog store", () => {
  let folder = "";
  let path = "";
  let store: SqliteCatalogStore;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-stored-"));
    path = join(folder, "catalog.sqlite");
    store = SqliteCatalogStore.open(path);
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const created = (copyOfJobId?: string): string =>
    store.jobs.create({
      status: "complete",
      startedAtMs: 1,
      pool: "p",
      sources: [Buffer.from("/a")],
      interruptions: 0,
      ...(copyOfJobId === undefined ? {} : { copyOfJobId }),
    }).jobId;

  function finished(segments: readonly Segment[], names: readonly string[] = ["one", "two"]): string {
    const jobId = created();
    store.fold({
      jobId,
      recordSizeBytes: 16384,
      endOffset: 32768n,
      sources: [{ index: 0, path: Buffer.from("/a"), streamStart: 0n, streamEnd: 32768n, objects: 2n, exceptions: 0n }],
      segments,
      objects: names.map((name, index) => ({
        ...splitPath(Buffer.from(`a/${name}`)),
        kind: objectKind.file,
        fingerprint: fingerprint({ ino: BigInt(index) }),
        headerOffset: BigInt(index) * 1024n,
        dataOffset: BigInt(index) * 1024n + 512n,
        endOffset: BigInt(index + 1) * 1024n,
        digest: digest(name),
        linkTarget: undefined,
      })),
      extents: [{ headerOffset: 0n, from: 0n, to: 100n, digest: digest("extent") }],
    });
    return jobId;
  }

  const names = (jobId: string): string[] =>
    [...store.objectsInStreamOrder(jobId, [])].map((object) => memberPath(object).toString());

  function rowsOf(table: string): number {
    const database = new SqliteDatabase(path, { readonly: true });
    const count = database.prepare<[], number>(`SELECT count(*) FROM ${table}`).pluck().get() ?? -1;
    database.close();
    return count;
  }

  it("says what is on a volume, of all jobs, in order of tape files", () => {
    const first = finished([segment("u1", 1), segment("u2", 2)]);
    const second = finished([segment("u2", 3), segment("u1", 4)]);
    expect(store.segmentsOnVolume("u2")).to.deep.equal([
      { ...segment("u2", 2), jobId: first },
      { ...segment("u2", 3), jobId: second },
    ]);
    expect(store.segmentsOnVolume("u3")).to.deep.equal([]);
  });

  it("has a copy's segments beside the job's; the copy can be listed and restored as the job itself", () => {
    const jobId = finished([segment("u1", 1), segment("u1", 2)]);
    const copyId = created(jobId);
    expect(store.finishedJob(jobId)?.copies).to.deep.equal([]);
    expect(store.finishedJob(copyId)).to.equal(undefined);
    const segments = [segment("c1", 1), segment("c2", 2)];
    store.addCopy(jobId, copyId, segments);
    expect(store.finishedJob(jobId)).to.deep.include({
      segments: [segment("u1", 1), segment("u1", 2)],
      copies: [{ jobId: copyId, segments }],
    });
    const { segments: _, copies: __, jobId: ___, ...same } = store.finishedJob(jobId)!;
    expect(store.finishedJob(copyId)).to.deep.equal({ ...same, jobId: copyId, segments, copies: [] });
    expect(store.segmentsOnVolume("c2")).to.deep.equal([{ ...segment("c2", 2), jobId: copyId }]);
    expect(names(copyId)).to.deep.equal(["a/one", "a/two"]);
    expect(store.objectByPath(copyId, Buffer.from("a/two"))?.headerOffset).to.equal(1024n);
    expect(store.extents(copyId, 0n)).to.have.lengthOf(1);
    expect([...store.list(Buffer.from("a/"), copyId)]).to.have.lengthOf(2);
    expect([...store.versions(Buffer.from("a/one"))], "a copy is no version").to.have.lengthOf(1);
  });

  it("refuses copies that are none", () => {
    const jobId = finished([segment("u1", 1)]);
    const stranger = created();
    expect(() => store.addCopy(jobId, stranger, [])).to.throw(
      CatalogError,
      `job ${stranger} is no copy of job ${jobId}`,
    );
    expect(() => store.addCopy(jobId, jobId, [])).to.throw(CatalogError, "is no copy");
    expect(() => store.addCopy(stranger, created(stranger), [])).to.throw(CatalogError, "no finished job");
    expect(store.finishedJob(jobId)?.segments).to.have.lengthOf(1);
  });

  it("forgets a job whole, and nothing else", () => {
    const first = finished([segment("u1", 1), segment("u2", 2)]);
    const second = finished([segment("u2", 3)]);
    store.forgetJob(first);
    expect(store.finishedJob(first)).to.equal(undefined);
    expect(store.jobs.get(first)?.status).to.equal("complete");
    expect(names(first)).to.deep.equal([]);
    expect(store.segmentsOnVolume("u1")).to.deep.equal([]);
    expect(store.segmentsOnVolume("u2")).to.deep.equal([{ ...segment("u2", 3), jobId: second }]);
    expect(names(second)).to.deep.equal(["a/one", "a/two"]);
    expect([rowsOf("object"), rowsOf("extent"), rowsOf("segment")]).to.deep.equal([2, 1, 1]);
    store.forgetJob(first);
    expect(() => store.forgetJob("99")).to.throw(CatalogError, "no job 99");
  });

  it("keeps the objects of a forgotten job as long as a copy is on tape", () => {
    const jobId = finished([segment("u1", 1)]);
    const [kept, unfinished] = [created(jobId), created(jobId)];
    store.addCopy(jobId, kept, [segment("c1", 1)]);
    store.forgetJob(jobId);
    expect(store.finishedJob(jobId), "it is where its copy is").to.deep.include({
      segments: [segment("c1", 1)],
      copies: [{ jobId: kept, segments: [segment("c1", 1)] }],
    });
    expect(names(jobId)).to.deep.equal(["a/one", "a/two"]);
    store.forgetJob(unfinished);
    expect(names(kept)).to.deep.equal(["a/one", "a/two"]);
    store.forgetJob(kept);
    expect([store.finishedJob(jobId), store.finishedJob(kept)]).to.deep.equal([undefined, undefined]);
    expect([rowsOf("object"), rowsOf("extent"), rowsOf("segment")]).to.deep.equal([0, 0, 0]);
  });

  it("forgets a copy alone where the job itself is still on tape", () => {
    const jobId = finished([segment("u1", 1)]);
    const copyId = created(jobId);
    store.addCopy(jobId, copyId, [segment("c1", 1)]);
    store.forgetJob(copyId);
    expect(store.finishedJob(copyId)).to.equal(undefined);
    expect(store.finishedJob(jobId)).to.deep.include({ segments: [segment("u1", 1)], copies: [] });
    expect(names(jobId)).to.have.lengthOf(2);
  });

  it("goes on forgetting where it was interrupted", () => {
    const jobId = finished([segment("u1", 1)]);
    // As a process leaves it that ends after its first step.
    const database = new SqliteDatabase(path);
    database.exec(`UPDATE job SET folded = 1 WHERE id = ${jobId}; DELETE FROM extent`);
    database.close();
    expect(store.finishedJob(jobId)).to.equal(undefined);
    expect(store.segmentsOnVolume("u1"), "what is needed again is seen").to.have.lengthOf(1);
    store.forgetJob(jobId);
    expect([rowsOf("object"), rowsOf("segment")]).to.deep.equal([0, 0]);
  });
});
