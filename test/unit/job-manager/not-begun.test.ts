// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { beginningPlan } from "../../../lib/job-manager/beginning-plan.ts";
import type { JobManagerEnvironment } from "../../../lib/job-manager/environment.ts";
import { notBegun } from "../../../lib/job-manager/job-attempt.ts";
import type { JobEntry } from "../../../lib/protocol/job.ts";
import { runningJob as job } from "./running-job.ts";

/** What becomes of a job whose beginning failed, by what is found of its records. */
async function left(found: () => Promise<"none" | "some" | "lost">): Promise<readonly string[]> {
  const did: string[] = [];
  const environment = {
    catalogManager: { hasRecords: found },
    jobs: { update: ({ status }: JobEntry) => did.push(status) },
    mediaServer: { releaseVolumes: () => Promise.resolve(did.push("its volumes are released")) },
    nowMs: () => 2,
  };
  await notBegun(environment as unknown as JobManagerEnvironment, job, new Error("no cartridge"));
  return did;
}

describe("a job whose beginning fails", () => {
  it("gives its volumes back where nothing was recorded", async () => {
    expect(await left(() => Promise.resolve("none"))).to.deep.equal(["failed", "its volumes are released"]);
  });

  it("H4: may be resumed where its records are lost, or cannot be read: it has written, or may have", async () => {
    expect(await left(() => Promise.resolve("lost"))).to.deep.equal(["interrupted"]);
    expect(await left(() => Promise.reject(new Error("EIO")))).to.deep.equal(["interrupted"]);
  });

  it("H4: is told in the plan why it begins", () => {
    expect(beginningPlan(job, "none").reasons.join()).to.match(/ended before anything of it was recorded/);
    expect(beginningPlan(job, "lost").reasons.join()).to.match(/damaged from its first record on.*may write over/);
  });
});
