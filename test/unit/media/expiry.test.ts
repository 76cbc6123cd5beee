// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { liveJobsOn } from "../../../lib/media/expiry.ts";
import type { JobEntry } from "../../../lib/protocol/job.ts";
import { job, media, volume } from "./media.ts";

describe("what keeps a volume from being written over", () => {
  const live = (jobs: readonly JobEntry[], on: readonly string[], lastJobId?: string): readonly string[] => {
    const full = volume("A", "full", lastJobId === undefined ? {} : { lastJobId });
    const known = media([full], jobs, { A: on });
    return liveJobsOn(full, known);
  };

  it("is every job that is not expired, in order of their numbers", () => {
    const jobs = [job("2"), job("10"), job("3", { expiredAtMs: 1 }), job("4", { status: "completeWithExceptions" })];
    expect(live(jobs, ["10", "3", "2", "4"])).to.deep.equal(["2", "4", "10"]);
  });

  it("is an unfinished job, whose segments no register knows, by having written last", () => {
    for (const status of ["queued", "running", "interrupted", "resuming"] as const) {
      expect(live([job("1", { status })], [], "1"), status).to.deep.equal(["1"]);
      expect(live([job("1", { status, expiredAtMs: 5 })], ["1"]), `${status}, whatever else is said`).to.deep.equal([
        "1",
      ]);
    }
  });

  it("is not a job that was given up, or that all rules have let go", () => {
    const jobs = [
      job("1", { status: "cancelled" }),
      job("2", { status: "failed" }),
      job("3", { status: "completeWithExceptions", expiredAtMs: 5 }),
    ];
    expect(live(jobs, ["1", "3"], "2")).to.deep.equal([]);
  });

  it("is a copy that is kept, where the job itself has expired", () => {
    const jobs = [job("1", { expiredAtMs: 5 }), job("2", { copyOfJobId: "1" })];
    expect(live(jobs, ["1"])).to.deep.equal([]);
    expect(live(jobs, ["2"])).to.deep.equal(["2"]);
  });

  it("is a job that nobody knows", () => {
    expect(live([], ["7"])).to.deep.equal(["7"]);
    expect(live([], [], "8")).to.deep.equal(["8"]);
  });
});
