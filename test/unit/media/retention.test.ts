// SPDX-License-Identifier: Apache-2.0
import { expect } from "chai";
import fc from "fast-check";
import { judgeRetention } from "../../../lib/media/retention.ts";
import type { JobEntry } from "../../../lib/protocol/job.ts";
import type { Retention } from "../../../lib/protocol/media-set.ts";
import { job } from "./media.ts";

const at = (jobId: string, time: string, fields: Partial<JobEntry> = {}): JobEntry =>
  job(jobId, { startedAtMs: Date.parse(time), ...fields });

/** `1 last`, `2 -` ..., in order of jobs. */
function judged(jobs: readonly JobEntry[], retention: Retention | undefined): string[] {
  const verdicts = judgeRetention(jobs, () => retention);
  return jobs.flatMap(({ jobId }) => {
    const verdict = verdicts.get(jobId);
    return verdict === undefined ? [] : [`${jobId} ${verdict.kind === "kept" ? verdict.rule : "-"}`];
  });
}

describe("retention", () => {
  it("keeps everything where nothing is said", () => {
    const jobs = [at("1", "2020-01-01T00:00:00Z"), at("2", "2026-01-01T00:00:00Z")];
    for (const retention of [undefined, {}, { keepLast: 0 }]) {
      expect(judged(jobs, retention)).to.deep.equal(["1 forever", "2 forever"]);
    }
  });

  it("keeps the last, whatever their days", () => {
    const jobs = ["01", "02", "03"].map((hour, index) => at(String(index + 1), `2026-03-01T${hour}:00:00Z`));
    expect(judged(jobs, { keepLast: 2 })).to.deep.equal(["1 -", "2 last", "3 last"]);
  });

  it("keeps the newest of each day that has one; days without a job do not count", () => {
    const jobs = [
      at("1", "2026-03-01T10:00:00Z"),
      at("2", "2026-03-05T10:00:00Z"),
      at("3", "2026-03-05T23:59:59.999Z"),
      at("4", "2026-03-06T00:00:00Z"),
    ];
    expect(judged(jobs, { keepDaily: 2 })).to.deep.equal(["1 -", "2 -", "3 daily", "4 daily"]);
    expect(judged(jobs, { keepDaily: 9 })).to.deep.equal(["1 daily", "2 -", "3 daily", "4 daily"]);
  });

  it("begins weeks on Monday, across the end of a year", () => {
    // 2026-12-28 is a Monday, 2027-01-03 the Sunday of the same week.
    const jobs = [
      at("1", "2026-12-27T23:59:59Z"),
      at("2", "2026-12-28T00:00:00Z"),
      at("3", "2027-01-03T23:59:59Z"),
      at("4", "2027-01-04T00:00:00Z"),
    ];
    expect(judged(jobs, { keepWeekly: 9 })).to.deep.equal(["1 weekly", "2 -", "3 weekly", "4 weekly"]);
    expect(judged(jobs, { keepMonthly: 9 })).to.deep.equal(["1 -", "2 monthly", "3 -", "4 monthly"]);
    expect(judged(jobs, { keepYearly: 9 })).to.deep.equal(["1 -", "2 yearly", "3 -", "4 yearly"]);
  });

  it("does not count a period again that has a job kept by an earlier rule", () => {
    const jobs = [
      at("1", "2026-01-31T10:00:00Z"),
      at("2", "2026-02-27T10:00:00Z"),
      at("3", "2026-03-03T10:00:00Z"),
      at("4", "2026-03-04T10:00:00Z"),
      at("5", "2026-03-05T09:00:00Z"),
      at("6", "2026-03-05T10:00:00Z"),
    ];
    expect(judged(jobs, { keepLast: 1, keepDaily: 1, keepWeekly: 1, keepMonthly: 1, keepYearly: 1 })).to.deep.equal([
      "1 monthly",
      "2 weekly",
      "3 -",
      "4 daily",
      "5 -",
      "6 last",
    ]);
  });

  it("keeps groups apart by pool and sources; the order of sources says nothing", () => {
    const [a, b] = [Buffer.from("/a"), Buffer.from([0x2f, 0xff])];
    const jobs = [
      job("1", { sources: [a, b] }),
      job("2", { sources: [b, a] }),
      job("3", { sources: [a] }),
      job("4", { sources: [Buffer.from([0x2f, 0xfe])] }),
      job("5", { sources: [b] }),
      job("6", { sources: [a], pool: "q" }),
    ];
    const verdicts = judgeRetention(jobs, (pool) => (pool === "q" ? undefined : { keepLast: 1 }));
    expect(jobs.filter(({ jobId }) => verdicts.get(jobId)?.kind === "expires")).to.deep.equal([jobs[0]]);
    expect(verdicts.size).to.equal(6);
    expect(verdicts.get("6")).to.deep.equal({ kind: "kept", rule: "forever" });
  });

  it("says nothing of jobs that are not finished or have expired, and does not count them", () => {
    const jobs = [
      job("1"),
      job("2", { status: "completeWithExceptions" }),
      job("3", { expiredAtMs: 7 }),
      ...(["queued", "running", "interrupted", "resuming", "failed", "cancelled"] as const).map((status, index) =>
        job(String(index + 4), { status }),
      ),
    ];
    expect(judged(jobs, { keepLast: 1 })).to.deep.equal(["1 -", "2 last"]);
  });

  it("parts go with their job; those of an unfinished one are left alone", () => {
    const jobs = [
      job("1"),
      job("2", { parentJobId: "1", sources: [Buffer.from("/part")] }),
      job("3"),
      job("4", { parentJobId: "3" }),
      job("5", { status: "running" }),
      job("6", { parentJobId: "5" }),
      job("7", { expiredAtMs: 9 }),
      job("8", { parentJobId: "7" }),
      job("9", { parentJobId: "99" }),
      job("10", { status: "cancelled" }),
      job("11", { parentJobId: "10" }),
    ];
    expect(judged(jobs, { keepLast: 1 })).to.deep.equal(["1 -", "2 -", "3 last", "4 last", "8 -", "11 -"]);
  });

  it("a copy counts in its own pool, with the time of what it is a copy of", () => {
    const jobs = [
      at("1", "2026-03-01T10:00:00Z", { expiredAtMs: 7 }),
      at("2", "2026-03-02T10:00:00Z"),
      at("3", "2026-03-05T10:00:00Z", { copyOfJobId: "2", pool: "q" }),
      at("4", "2026-03-06T10:00:00Z", { copyOfJobId: "1", pool: "q" }),
    ];
    expect(judged(jobs, { keepLast: 1 })).to.deep.equal(["2 last", "3 last", "4 -"]);
  });
});

describe("retention, whatever jobs there are,", () => {
  const years = 5 * 365 * 86_400_000;
  const anyJobs = fc
    .array(fc.record({ startedAtMs: fc.integer({ min: 1_600_000_000_000, max: 1_600_000_000_000 + years }) }), {
      minLength: 1,
      maxLength: 40,
    })
    .map((jobs) => jobs.map((fields, index) => job(String(index + 1), fields)));
  const count = fc.integer({ min: 1, max: 5 });
  const anyRetention = fc
    .record(
      { keepLast: count, keepDaily: count, keepWeekly: count, keepMonthly: count, keepYearly: count },
      { requiredKeys: [] },
    )
    .filter((retention) => Object.keys(retention).length > 0) as fc.Arbitrary<Retention>;
  const kept = (jobs: readonly JobEntry[], retention: Retention): JobEntry[] => {
    const verdicts = judgeRetention(jobs, () => retention);
    return jobs.filter(({ jobId }) => verdicts.get(jobId)?.kind === "kept");
  };
  const newest = (jobs: readonly JobEntry[]): JobEntry | undefined =>
    jobs.toSorted((left, right) => right.startedAtMs - left.startedAtMs || Number(right.jobId) - Number(left.jobId))[0];

  it("keeps the newest job", () => {
    fc.assert(
      fc.property(anyJobs, anyRetention, (jobs, retention) => {
        expect(kept(jobs, retention)).to.include(newest(jobs));
      }),
    );
  });

  it("no rule keeps more than it may, and each says the rule that keeps it", () => {
    fc.assert(
      fc.property(anyJobs, anyRetention, (jobs, retention) => {
        const verdicts = [...judgeRetention(jobs, () => retention).values()];
        const rules = { last: "keepLast", daily: "keepDaily", weekly: "keepWeekly", monthly: "keepMonthly" } as const;
        for (const [rule, key] of [...Object.entries(rules), ["yearly", "keepYearly"] as const]) {
          const byRule = verdicts.filter((verdict) => verdict.kind === "kept" && verdict.rule === rule);
          expect(byRule.length).to.be.at.most(retention[key] ?? 0);
        }
      }),
    );
  });

  it("judging again, after what expired has gone, lets nothing more go", () => {
    fc.assert(
      fc.property(anyJobs, anyRetention, (jobs, retention) => {
        const first = kept(jobs, retention);
        expect(kept(first, retention)).to.deep.equal(first);
      }),
    );
  });
});
