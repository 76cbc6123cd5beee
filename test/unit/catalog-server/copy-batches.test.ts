// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { copyBatches } from "../../../lib/catalog-server/copy-batches.ts";
import { splitPath } from "../../../lib/catalog/catalog-store.ts";
import type { StoredExtent, StoredJob } from "../../../lib/catalog/catalog-store.ts";
import { DiskBasedCatalog } from "../../../lib/catalog/disk-based-catalog.ts";
import { decodeRecords, objectKind } from "../../../lib/catalog/persistent-record.ts";
import { SqliteCatalogStore } from "../../../lib/catalog/sqlite/catalog-store.ts";
import type { CopyBatch } from "../../../lib/protocol/catalog-server.ts";
import type { Segment } from "../../../lib/protocol/tape.ts";
import * as records from "../catalog/records.ts";

const { r, recordSizeBytes } = records;

describe("what a copy of a finished job is made of", () => {
  let folder: string;
  let store: SqliteCatalogStore;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-batches-"));
    store = SqliteCatalogStore.open(join(folder, "catalog.sqlite"));
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  const segment = (number: number, from: bigint, to: bigint, fields: Partial<Segment>): Segment => ({
    segment: number,
    epoch: 1,
    volumeUuid: "v1",
    volumeTag: "TM0001L9",
    tapeFile: number,
    headBlock: BigInt(number) * 100n,
    firstDataBlock: BigInt(number) * 100n + 1n,
    streamStart: from,
    streamEnd: to,
    ended: "closed",
    endPosition: BigInt(number) * 100n + 50n,
    ...fields,
  });

  /** A source with its folder, and a file of whole records behind the folder's member. */
  function folded(segments: readonly Segment[], extents: readonly StoredExtent[] = []): StoredJob {
    const { jobId } = store.jobs.create({
      status: "complete",
      startedAtMs: 1,
      pool: "default",
      sources: [Buffer.from("/a")],
      interruptions: 0,
    });
    const common = { dataOffset: 512n, digest: undefined, linkTarget: undefined };
    store.fold({
      jobId,
      recordSizeBytes,
      endOffset: r(8),
      sources: [{ index: 0, path: Buffer.from("/a"), streamStart: 0n, streamEnd: r(8), objects: 2n, exceptions: 0n }],
      segments,
      extents,
      objects: [
        {
          ...common,
          ...splitPath(Buffer.from("a")),
          kind: objectKind.directory,
          fingerprint: records.directoryFingerprint(7n),
          headerOffset: 0n,
          endOffset: 512n,
        },
        {
          ...common,
          ...splitPath(Buffer.from("a/file")),
          kind: objectKind.file,
          fingerprint: records.fingerprint({ ino: 11n, sizeBytes: r(4) - 512n }),
          headerOffset: r(4),
          dataOffset: r(4) + 512n,
          endOffset: r(8),
          digest: records.digest("file"),
        },
      ],
    });
    const job = store.finishedJob(jobId);
    if (job === undefined) throw new Error("the job was not folded");
    return job;
  }
  const batchesOf = (job: StoredJob): CopyBatch[] => [
    ...copyBatches(store, job, records.hash128, { from: 0n, firstContainerId: 1 }),
  ];
  const endsOf = (job: StoredJob): (readonly [bigint, string | undefined])[] =>
    batchesOf(job).map(({ streamEnd, endsSegment }) => [streamEnd, endsSegment]);
  const onNext = { volumeUuid: "v2", volumeTag: "TM0002L9" };

  it("one piece across the end of a tape between two members: nothing was given up there", () => {
    const job = folded([segment(1, 0n, r(4), { ended: "cut" }), segment(3, r(4), r(8), onNext)]);
    expect(endsOf(job)).to.deep.equal([[r(8), "closed"]]);
  });

  it("two pieces where a member was given up, by an interruption or, in a copy, at the end of a tape", () => {
    const ends = [
      [r(4), "givenUp"],
      [r(8), "closed"],
    ];
    const byInterruption = [segment(1, 0n, r(4), { ended: "cut" }), segment(3, r(4), r(8), { ...onNext, epoch: 2 })];
    expect(endsOf(folded(byInterruption))).to.deep.equal(ends);
    const inCopy = [segment(1, 0n, r(4), { ended: "givenUp" }), segment(3, r(4), r(8), onNext)];
    expect(endsOf(folded(inCopy))).to.deep.equal(ends);
  });

  it("records that a reader of its footers finds every digest in, those inside a large file too", async () => {
    const extents: readonly StoredExtent[] = [
      { headerOffset: r(4), from: 0n, to: r(1), digest: records.digest("first") },
      { headerOffset: r(4), from: r(1), to: r(2), digest: undefined },
    ];
    const job = folded([segment(1, 0n, r(8), {})], extents);
    const told = batchesOf(job).flatMap((batch) => decodeRecords(batch.records, "a batch"));
    const list = [
      records.job(["/a"]),
      records.sourceOpen(0, "/a", 0n),
      records.segmentOpen(1, 0n),
      ...told,
      records.durable(1, 12n, r(8)),
    ];
    const options = records.generating(list);
    const catalog = await DiskBasedCatalog.generate(options);
    try {
      expect([...catalog.extents()]).to.deep.equal(extents);
      expect(catalog.summary()).to.include({ objectsDurable: 2n, containersPartial: 0n });
    } finally {
      catalog.close();
    }
  });
});
