// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import { dealSources, statusOf, undealt } from "../../../lib/job-manager/job-parts.ts";
import type { JobEntry } from "../../../lib/protocol/job.ts";

const paths = (...names: readonly string[]): Uint8Array[] => names.map((name) => Buffer.from(name));
const names = (sources: readonly Uint8Array[]): string[] => sources.map((source) => Buffer.from(source).toString());
const job = (...sources: readonly string[]): JobEntry => ({
  jobId: "1",
  status: "running",
  startedAtMs: 0,
  pool: "default",
  sources: paths(...sources),
  interruptions: 0,
});

describe("parts of a job", () => {
  it("deals the source volumes in turn, each to one part", () => {
    const dealt = dealSources(paths("a", "b", "c", "d", "e"), 2);
    expect(dealt.map(names)).to.deep.equal([
      ["a", "c", "e"],
      ["b", "d"],
    ]);
  });

  it("makes no more parts than there are source volumes, and at least one", () => {
    expect(dealSources(paths("a", "b"), 8)).to.have.lengthOf(2);
    expect(dealSources(paths("a"), 1).map(names)).to.deep.equal([["a"]]);
  });

  it("finds the source volumes that no part has: its process was killed while it dealt them", () => {
    const whole = job("a", "b", "c");
    expect(names(undealt(whole, [job("a", "c")]))).to.deep.equal(["b"]);
    expect(undealt(whole, [job("a", "c"), job("b")])).to.deep.equal([]);
  });

  it("is over where every part is, and given up where one was: it does not wait for that one for ever", () => {
    expect(statusOf(["complete", "complete"])).to.equal("complete");
    expect(statusOf(["complete", "completeWithExceptions"])).to.equal("completeWithExceptions");
    expect(statusOf(["complete", "cancelled", "interrupted"])).to.equal("interrupted");
    expect(statusOf(["complete", "cancelled", "failed"])).to.equal("interrupted");
    expect(statusOf(["complete", "cancelled"])).to.equal("cancelled");
  });
});
