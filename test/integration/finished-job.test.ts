// SPDX-License-Identifier: Apache-2.0
/** Jobs that are over: their temporary catalogs are gone, and all that was told of them still is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { expect } from "chai";
import { jobHistory } from "../../lib/catalog-manager/job-records.ts";
import type { JobHistory } from "../../lib/protocol/catalog-manager.ts";
import type { JobDetails } from "../../lib/service/api.ts";
import { Installation, smallTape } from "./installation.ts";
import { killedAt } from "./killed-process.ts";

describe("a job that is over", () => {
  let installation: Installation;
  let source: string;

  beforeEach(async () => {
    installation = await new Installation().make({ config: `${smallTape}[checkpoint]\nsize = "256 KiB"\n` });
    await installation.succeed("volume", "label", "TMK001L9", "--yes");
    source = installation.makeSource("source", 2 ** 21);
  });
  afterEach(() => installation.remove());

  const isRecorded = (jobId: string): boolean => existsSync(join(installation.stateFolder, "jobs", jobId));
  const show = (jobId: string): Promise<JobDetails> => installation.json("job", "show", jobId);

  /** Killed in the middle of its large file, behind a checkpoint. */
  async function interrupted(): Promise<void> {
    expect(await killedAt(installation, { volume: "TMK001L9", object: 100 }, "backup", source)).to.equal(true);
  }

  it("has in the catalog what its records said: sources, durable bytes, interruptions and why", async () => {
    await interrupted();
    expect((await show("1")).temporaryCatalog)
      .to.have.property("frames")
      .above(0);
    let said: JobHistory | undefined;
    const kept = await installation.withRoles(async ({ catalogManager, jobManager, store }) => {
      const retire = catalogManager.retireJob.bind(catalogManager);
      catalogManager.retireJob = async (jobId) => {
        said = jobHistory(await catalogManager.loadJob(jobId));
        await retire(jobId);
      };
      expect((await jobManager.resume("1", {})).status).to.equal("complete");
      return store.histories.get("1");
    });
    expect(kept).to.deep.equal(said);
    expect(kept?.interruptions[0]?.story?.reasons).to.have.length.above(0);
    expect(isRecorded("1")).to.equal(false);
    const { interruptionHistory, sourceVolumes, tapeVolumes, ...shown } = await show("1");
    expect(shown).to.not.have.property("temporaryCatalog");
    expect([interruptionHistory.length, sourceVolumes[0]?.status, tapeVolumes[0]?.volumeTag]).to.deep.equal([
      1,
      "complete",
      "TMK001L9",
    ]);
    expect(await installation.succeed("job", "show", "1")).to.contain("the job had stopped: ");
    await installation.succeed("job", "verify", "1");
  });

  it("was cancelled: what it had come to is told, and nothing of it can be read", async () => {
    await interrupted();
    await installation.succeed("job", "cancel", "1", "--yes");
    expect(isRecorded("1")).to.equal(false);
    const { sourceVolumes, status, tapeVolumes } = await show("1");
    expect([status, sourceVolumes[0]?.status]).to.deep.equal(["cancelled", "partial"]);
    expect(Number(tapeVolumes[0]?.counts.durable)).to.be.above(0);
    const { code, error } = await installation.run("volume", "recipe", "1", "--folder", installation.folder);
    expect(code).to.equal(1);
    expect(error).to.contain("job 1 is cancelled");
  });

  it("of a version that kept its records is told of from them, and they go before the next job", async () => {
    await installation.withRoles(({ catalogManager, jobManager }) => {
      catalogManager.retireJob = () => Promise.resolve();
      return jobManager.backup([Buffer.from(source)], {});
    });
    const database = new SqliteDatabase(join(installation.stateFolder, "catalog.sqlite"));
    for (const table of ["job_history", "durable_mark", "interruption"]) database.exec(`DELETE FROM ${table}`);
    database.close();
    const { temporaryCatalog, ...before } = await show("1");
    expect(temporaryCatalog).to.have.property("damaged", false);
    await installation.succeed("backup", source);
    expect(isRecorded("1")).to.equal(false);
    expect(await show("1")).to.deep.equal(before);
  });
});
