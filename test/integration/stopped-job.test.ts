// SPDX-License-Identifier: Apache-2.0
/** A job that is stopped, or fails, while one of its segments is being ended: what is in the ring is not on tape yet. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { CatalogError } from "../../lib/errors.ts";
import type { JobNotice, JobResult } from "../../lib/protocol/job.ts";
import { Noise } from "../../scripts/make-tree.ts";
import { Installation } from "./installation.ts";
import { expectRestoredByProduct } from "./restored.ts";

describe("a job that stops while a segment is being ended", () => {
  let installation: Installation;
  let sources: readonly string[];

  beforeEach(async () => {
    installation = await new Installation().make();
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    await installation.succeed("volume", "label", "TMK002L9", "--pool", "vault", "--yes");
    // So little that nothing of a source is announced, and written, before its segment is being ended.
    sources = ["one", "two"].map((name, seed) => {
      const source = join(installation.folder, name);
      mkdirSync(source);
      writeFileSync(join(source, "file"), new Noise(seed + 1).bytes(60_000));
      return source;
    });
  });
  afterEach(() => installation.remove());

  /** Copies job 1, and asks it to stop as soon as the `turn`-th segment is to be ended. */
  async function copyStoppedAt(turn: number): Promise<JobResult> {
    const controller = new AbortController();
    let ended = 0;
    return installation.withRoles(
      ({ jobManager }) => jobManager.copy("1", { pool: "vault", signal: controller.signal }),
      ({ name }) => {
        if (name !== "endSegmentAt") return;
        ended += 1;
        if (ended === turn) controller.abort();
      },
    );
  }

  async function expectWhole(jobId: string): Promise<void> {
    await installation.succeed("job", "verify", jobId);
    await expectRestoredByProduct(installation, jobId, ...sources);
  }

  it("a copy that is stopped at its last segment writes it to its end, and is complete", async () => {
    await installation.succeed("backup", ...sources);
    const result = await copyStoppedAt(2);
    expect(result.status).to.equal("complete");
    await expectWhole("2");
  });

  it("a copy that is stopped at an earlier one ends that, begins no other, and goes on there", async () => {
    await installation.succeed("backup", ...sources);
    const { status, bytesWritten } = await copyStoppedAt(1);
    expect(status).to.equal("interrupted");
    expect(Number(bytesWritten)).to.be.greaterThan(60_000);
    const resumed = await installation.json<{ status: string; bytesSaved: number }>("job", "resume", "2");
    expect(resumed).to.include({ status: "complete", bytesSaved: Number(bytesWritten) });
    await expectWhole("2");
  });

  it("a copy that fails between a source volume's last block and its record makes that up", async () => {
    const missing = Buffer.from(join(installation.folder, "missing"));
    const given = [missing, ...sources.map((source) => Buffer.from(source))];
    await installation.withRoles(({ jobManager }) => jobManager.backup(given, {}));
    const run = installation.withRoles(({ catalogManager, jobManager }) => {
      const tell = catalogManager.sourceVolumeDone.bind(catalogManager);
      catalogManager.sourceVolumeDone = (...done) =>
        done[1] === 1 ? Promise.reject(new CatalogError("killed")) : tell(...done);
      return jobManager.copy("1", { pool: "vault" });
    });
    expect(await run.catch((error: unknown) => error)).to.have.property("message", "killed");
    const { status } = await installation.withRoles(({ jobManager }) => jobManager.resume("2", {}));
    expect(status).to.equal("completeWithExceptions");
    const [original, copied] = await installation.withRoles(({ store }) =>
      ["1", "2"].map((jobId) => store.histories.get(jobId)?.sourceVolumes),
    );
    expect(copied?.map((source) => source.status)).to.deep.equal(["complete", "complete", "complete"]);
    expect(copied).to.deep.equal(original);
    await expectWhole("2");
  });

  it("a copy that fails between its last block and its last footer ends every segment that it opens", async () => {
    await installation.succeed("backup", ...sources);
    const run = installation.withRoles(({ catalogManager, jobManager }) => {
      const tell = catalogManager.footerRecords.bind(catalogManager);
      // Only the last one of a job describes its media set.
      catalogManager.footerRecords = (...asked) =>
        asked[2] === undefined ? tell(...asked) : Promise.reject(new CatalogError("killed"));
      return jobManager.copy("1", { pool: "vault" });
    });
    expect(await run.catch((error: unknown) => error)).to.have.property("message", "killed");
    const described: boolean[] = [];
    const { status } = await installation.withRoles(({ catalogManager, jobManager }) => {
      const tell = catalogManager.footerRecords.bind(catalogManager);
      catalogManager.footerRecords = (...asked) => {
        described.push(asked[2] !== undefined);
        return tell(...asked);
      };
      return jobManager.resume("2", {});
    });
    expect(status).to.equal("complete");
    expect(described).to.deep.equal([false, true]);
    const segments = await installation.withRoles(({ store }) => store.finishedJob("2")?.segments);
    expect(segments?.filter(({ endPosition }) => endPosition === undefined)).to.deep.equal([]);
    await expectWhole("2");
  });

  it("a copy of which nothing could be recorded has failed, and asks the operator for nothing", async () => {
    await installation.succeed("backup", ...sources);
    const controller = new AbortController();
    const open = await installation.withRoles(async ({ jobManager, store }) => {
      const onNotice = ({ kind }: JobNotice): void => {
        if (kind !== "waitingForOperator") return;
        expect(store.requests.list().length).to.equal(1);
        controller.abort();
      };
      const options = { pool: "without-cartridges", signal: controller.signal, onNotice };
      expect(await jobManager.copy("1", options).catch((error: unknown) => error)).to.be.an("error");
      expect(store.jobs.get("2")?.status).to.equal("failed");
      return store.requests.list();
    });
    expect(open).to.deep.equal([]);
  });

  it("H6: a job that is asked to stop when the disk is full is paused like any other", async () => {
    const controller = new AbortController();
    const run = installation.withRoles(
      ({ catalogManager, jobManager }) => {
        catalogManager.durable = () => Promise.reject(new CatalogError("no room", { code: "ERR_TAPE_CATALOG_FULL" }));
        return jobManager.backup([Buffer.from(sources[0] ?? "")], { signal: controller.signal });
      },
      ({ name }) => {
        if (name === "startSource") controller.abort();
      },
    );
    expect(await run.catch((error: unknown) => error)).to.include({ code: "ERR_TAPE_JOB_PAUSED", exitCode: 4 });
  });

  it("a job that was killed while it was being cancelled leaves nothing on its volume, where no filemark stands", async () => {
    const controller = new AbortController();
    const run = installation.withRoles(
      ({ jobManager }) => jobManager.backup([Buffer.from(sources[0] ?? "")], { signal: controller.signal }),
      ({ name }) => {
        if (name === "startSource") controller.abort();
      },
    );
    expect((await run).status).to.equal("interrupted");
    await installation.withRoles(({ catalogManager }) => catalogManager.cancelJob("1"));
    const state = await installation.withRoles(async ({ jobManager, store }) => {
      expect((await jobManager.resume("1", {})).status).to.equal("cancelled");
      return store.volumes.getByTag("TMK001L9")?.state;
    });
    expect(state).to.equal("empty");
  });

  it("H5: blocks that the catalog could not be told of are not on tape, and no segment ends behind them", async () => {
    const run = installation.withRoles(({ catalogManager, jobManager }) => {
      const tell = catalogManager.blocksAnnounced.bind(catalogManager);
      let told = 0;
      catalogManager.blocksAnnounced = (...announced) => {
        told += 1;
        return told === 1 ? Promise.reject(new CatalogError("the disk is away for a moment")) : tell(...announced);
      };
      return jobManager.backup(
        sources.map((source) => Buffer.from(source)),
        {},
      );
    });
    expect(await run.catch((error: unknown) => error)).to.have.property("message", "the disk is away for a moment");
    // A resume that fails before its epoch has begun is none: why the job had stopped is told by the one that follows.
    const inVain = installation.withRoles(({ catalogManager, jobManager }) => {
      catalogManager.beginEpoch = () => Promise.reject(new CatalogError("nor can it begin an epoch"));
      return jobManager.resume("1", {});
    });
    expect(await inVain.catch((error: unknown) => error)).to.have.property("message", "nor can it begin an epoch");
    expect(await installation.json("job", "resume", "1")).to.include({ status: "complete" });
    const { entry, history } = await installation.withRoles(({ store }) => ({
      entry: store.jobs.get("1"),
      history: store.histories.get("1"),
    }));
    expect(history?.interruptions.map(({ story }) => story?.cause)).to.deep.equal(["the disk is away for a moment"]);
    expect(entry).to.include({ interruptions: 1 });
    await expectWhole("1");
  });

  it("a job that wrote everything, and whose catalog could not be taken in at once, tells what it wrote", async () => {
    const missing = Buffer.from(join(installation.folder, "missing"));
    const given = [missing, ...sources.map((source) => Buffer.from(source))];
    const kinds: string[] = [];
    const result = await installation.withRoles(({ catalogManager, jobManager }) => {
      const fold = catalogManager.foldJob.bind(catalogManager);
      catalogManager.foldJob = (jobId) => {
        catalogManager.foldJob = fold;
        return Promise.reject(new CatalogError(`job ${jobId}: the disk is away`, { code: "ERR_TAPE_CATALOG_IO" }));
      };
      return jobManager.backup(given, { onNotice: ({ kind }) => kinds.push(kind) });
    });
    expect(kinds).to.include("goesOn");
    expect(result).to.include({ status: "completeWithExceptions", objectsUnreadable: 1n, bytesSaved: 0n });
    expect(Number(result.bytesWritten)).to.be.greaterThan(120_000);
    // Two directories, and a file in each.
    expect(result).to.include({ objectsWritten: 4n, objectsSkipped: 0n });
  });
});
