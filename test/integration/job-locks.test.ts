// SPDX-License-Identifier: Apache-2.0
/** Who may deal, go on with and cancel a job in parts while another process has it, or has had it. */
import { expect } from "chai";
import { loadConfig } from "../../lib/service/config.ts";
import { openRoles } from "../../lib/service/roles.ts";
import type { Roles } from "../../lib/service/roles.ts";
import type { JobEntry } from "../../lib/protocol/job.ts";
import { Installation } from "./installation.ts";

describe("a job in parts", () => {
  let installation: Installation;
  let roles: Roles;
  let sources: readonly Buffer[];

  beforeEach(async () => {
    installation = await new Installation().make();
    await installation.succeed("volume", "label", "TMK001L9", "TMK002L9", "--yes");
    sources = ["one", "two"].map((name) => Buffer.from(installation.makeSource(name)));
    roles = openRoles(loadConfig(installation.configPath));
  });
  afterEach(async () => {
    await roles.close();
    installation.remove();
  });

  /** As a process leaves it that was killed before it had dealt the second part. */
  function leaveHalfDealt(): JobEntry {
    const entry = { status: "queued", startedAtMs: 1, pool: "default", sources, interruptions: 0 } as const;
    const job = roles.store.jobs.create(entry);
    roles.store.jobs.create({ ...entry, sources: sources.slice(0, 1), parentJobId: job.jobId });
    return job;
  }
  const codeOf = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => "done",
      (error: unknown) => (error as { readonly code?: string }).code,
    );

  it("H8: is not dealt, gone on with or cancelled while another process has it", async () => {
    const { jobId } = leaveHalfDealt();
    const lock = roles.jobEnvironment.lockJob(jobId);
    expect(await codeOf(roles.jobManager.resume(jobId, {}))).to.equal("ERR_TAPE_JOB_LOCKED");
    expect(await codeOf(roles.jobManager.cancel(jobId))).to.equal("ERR_TAPE_JOB_LOCKED");
    lock.release();
    expect(roles.store.jobs.list().map(({ status }) => status)).to.deep.equal(["queued", "queued"]);
    const { status } = await roles.jobManager.resume(jobId, {});
    expect(status).to.equal("complete");
    expect(roles.store.jobs.list().length).to.equal(3);
  });

  it("one of which was cancelled is gone on with, and ends: given up, for not all of it is backed up", async () => {
    const { jobId } = leaveHalfDealt();
    await roles.jobManager.cancel("2");
    expect((await roles.jobManager.resume(jobId, {})).status).to.equal("cancelled");
    expect(roles.store.jobs.list().map(({ status }) => status)).to.deep.equal(["cancelled", "cancelled", "complete"]);
  });

  it("one of which had failed before its first record is begun by a resume of the job", async () => {
    const { jobId } = leaveHalfDealt();
    const part = roles.store.jobs.get("2");
    if (part !== undefined) roles.store.jobs.update({ ...part, status: "failed" });
    expect((await roles.jobManager.resume(jobId, {})).status).to.equal("complete");
  });

  it("of which nothing was recorded has a plan: it begins", async () => {
    const { jobId } = leaveHalfDealt();
    const [plan] = await roles.jobManager.plan(jobId, {});
    expect(plan).to.include({ jobId: "2", epoch: 1, bytesSaved: 0n });
    expect(plan?.sourceVolumes.map(({ status }) => status)).to.deep.equal(["notStarted"]);
    expect(await installation.succeed("job", "resume", jobId, "--plan")).to.include("it begins");
  });
});
