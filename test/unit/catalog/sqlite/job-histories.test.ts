// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { SqliteCatalogStore } from "../../../../lib/catalog/sqlite/catalog-store.ts";
import type { JobHistory } from "../../../../lib/protocol/catalog-manager.ts";

const sources = ["/a", "/b", "/c"].map((path) => Buffer.from(path));

const interruption = { volumeUuid: "u1", boundaryBlock: 40n, streamOffset: 32768n, adoptedBytes: 16384n };

const history: JobHistory = {
  epoch: 3,
  streamOffset: 2n ** 62n,
  sourceVolumes: [
    { index: 0, path: sources[0]!, status: "complete", streamStart: 0n, streamEnd: 512n, objects: 7n, exceptions: 1n },
    { index: 1, path: sources[1]!, status: "partial", streamStart: 512n, objects: 0n, exceptions: 0n },
    { index: 2, path: sources[2]!, status: "notStarted", objects: 0n, exceptions: 0n },
  ],
  durableMarks: [
    { volumeUuid: "u2", volumeTag: "TM0002L9", position: 90n, durableBytes: 1_000_000n },
    { volumeUuid: "u1", volumeTag: "TM0001L9", position: 41n, durableBytes: 500_000n },
  ],
  interruptions: [
    {
      ...interruption,
      epoch: 2,
      continued: Buffer.from([0x61, 0xff]),
      resumedAtMs: 1_700_000_000_000,
      story: {
        cause: "killed",
        endOfData: 44n,
        discardedObjects: 3n,
        repeatedBytes: 49152n,
        restarted: Buffer.from([0x62, 0xfe]),
        reasons: ["one", "two, with 'marks'"],
      },
    },
    { ...interruption, epoch: 3 },
  ],
};

describe("histories of jobs", () => {
  let folder = "";
  let store: SqliteCatalogStore;
  let jobId = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "tidemark-histories-"));
    store = SqliteCatalogStore.open(join(folder, "catalog.sqlite"));
    jobId = store.jobs.create({ status: "complete", startedAtMs: 1, pool: "p", sources, interruptions: 2 }).jobId;
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  it("are given back as they were kept", () => {
    expect(store.histories.get(jobId)).to.equal(undefined);
    store.histories.keep(jobId, history);
    expect(store.histories.get(jobId)).to.deep.equal(history);
  });

  it("take the place of what was kept before, and are of one job", () => {
    store.histories.keep(jobId, history);
    const other = store.jobs.create({ status: "cancelled", startedAtMs: 1, pool: "p", sources, interruptions: 0 });
    expect(store.histories.get(other.jobId)).to.equal(undefined);
    const later: JobHistory = {
      ...history,
      epoch: 4,
      durableMarks: history.durableMarks.slice(1),
      interruptions: history.interruptions.slice(1),
    };
    store.histories.keep(jobId, later);
    store.histories.keep(other.jobId, history);
    expect(store.histories.get(jobId)).to.deep.equal(later);
    expect(store.histories.get(other.jobId)).to.deep.equal(history);
  });
});
