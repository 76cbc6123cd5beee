// SPDX-License-Identifier: Apache-2.0
/**
 * Which finished jobs are kept, and by which rule. The rules are applied in order; each keeps the newest job of a period
 * that has no job kept by the rules before it, until it has kept as many as it may. So "3 last, 7 daily" keeps three jobs
 * and one of each of seven days before those.
 */
import type { JobEntry } from "../protocol/job.ts";
import type { Retention } from "../protocol/media-set.ts";

export type KeepRule = "last" | "daily" | "weekly" | "monthly" | "yearly";

/** `forever`: the pool has no retention. */
export type RetentionVerdict =
  { readonly kind: "kept"; readonly rule: KeepRule | "forever" } | { readonly kind: "expires" };

const millisecondsPerDay = 86_400_000;
/** 1 January 1970 was a Thursday: three days behind a Monday. */
const daysSinceMonday = 3;

interface Rule {
  readonly name: KeepRule;
  readonly count: (retention: Retention) => number | undefined;
  /** Two jobs are in the same period where this is the same; UTC. */
  readonly period: (timeMs: number, jobId: string) => number | string;
}

const rules: readonly Rule[] = [
  { name: "last", count: ({ keepLast }) => keepLast, period: (_, jobId) => jobId },
  { name: "daily", count: ({ keepDaily }) => keepDaily, period: dayOf },
  {
    name: "weekly",
    count: ({ keepWeekly }) => keepWeekly,
    period: (timeMs) => Math.floor((dayOf(timeMs) + daysSinceMonday) / 7),
  },
  {
    name: "monthly",
    count: ({ keepMonthly }) => keepMonthly,
    period: (timeMs) => new Date(timeMs).getUTCFullYear() * 12 + new Date(timeMs).getUTCMonth(),
  },
  { name: "yearly", count: ({ keepYearly }) => keepYearly, period: (timeMs) => new Date(timeMs).getUTCFullYear() },
];

/**
 * Verdicts on all finished jobs that are not expired yet. Jobs with the same sources in the same pool make room for one
 * another; a job's parts go with it, and a copy counts in its own pool with the time of the job that it is a copy of.
 */
export function judgeRetention(
  jobs: readonly JobEntry[],
  retentionOf: (pool: string) => Retention | undefined,
): ReadonlyMap<string, RetentionVerdict> {
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  const candidates = jobs.filter(isFinished).filter((job) => job.expiredAtMs === undefined);
  const groups = grouped(candidates.filter((job) => job.parentJobId === undefined));
  const verdicts = new Map<string, RetentionVerdict>();
  for (const group of groups) {
    const retention = retentionOf(group[0]?.pool ?? "");
    for (const [jobId, verdict] of judgeGroup(group, retention, byId)) verdicts.set(jobId, verdict);
  }
  for (const part of candidates.filter((job) => job.parentJobId !== undefined)) {
    const verdict = partVerdict(byId.get(part.parentJobId ?? ""), verdicts);
    if (verdict !== undefined) verdicts.set(part.jobId, verdict);
  }
  return verdicts;
}

/** Has ended with something that can be restored. */
export function isFinished(job: JobEntry): boolean {
  return job.status === "complete" || job.status === "completeWithExceptions";
}

function judgeGroup(
  group: readonly JobEntry[],
  retention: Retention | undefined,
  byId: ReadonlyMap<string, JobEntry>,
): Iterable<readonly [string, RetentionVerdict]> {
  const counts = rules.map((rule) => Math.max(0, (retention === undefined ? undefined : rule.count(retention)) ?? 0));
  if (counts.every((count) => count === 0)) {
    return group.map((job) => [job.jobId, { kind: "kept", rule: "forever" }]);
  }
  const timeOf = (job: JobEntry): number =>
    (job.copyOfJobId === undefined ? undefined : byId.get(job.copyOfJobId))?.startedAtMs ?? job.startedAtMs;
  const newestFirst = group.toSorted(
    (left, right) => timeOf(right) - timeOf(left) || Number(right.jobId) - Number(left.jobId),
  );
  const kept = new Map<string, RetentionVerdict>();
  rules.forEach((rule, index) => {
    const period = (job: JobEntry): number | string => rule.period(timeOf(job), job.jobId);
    const taken = new Set(newestFirst.filter((job) => kept.has(job.jobId)).map(period));
    let left = counts[index] ?? 0;
    for (const job of newestFirst) {
      if (left === 0) break;
      if (taken.has(period(job))) continue;
      taken.add(period(job));
      kept.set(job.jobId, { kind: "kept", rule: rule.name });
      left -= 1;
    }
  });
  return group.map((job) => [job.jobId, kept.get(job.jobId) ?? { kind: "expires" }]);
}

/** A part goes with its job. Of a job that is not finished yet nothing is said; one that was cancelled is given up. */
function partVerdict(
  parent: JobEntry | undefined,
  verdicts: ReadonlyMap<string, RetentionVerdict>,
): RetentionVerdict | undefined {
  if (parent?.expiredAtMs !== undefined || parent?.status === "cancelled") return { kind: "expires" };
  return parent === undefined ? undefined : verdicts.get(parent.jobId);
}

function grouped(jobs: readonly JobEntry[]): readonly (readonly JobEntry[])[] {
  const groups = new Map<string, JobEntry[]>();
  for (const job of jobs) {
    const key = groupOf(job);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [job]);
    else group.push(job);
  }
  return [...groups.values()];
}

/** The order of sources says nothing. Paths are bytes: latin1 keeps them apart, and no path has a zero byte. */
function groupOf(job: JobEntry): string {
  const sources = job.sources.map((path) => Buffer.from(path).toString("latin1")).sort();
  return [job.pool, ...sources].join("\0");
}

function dayOf(timeMs: number): number {
  return Math.floor(timeMs / millisecondsPerDay);
}
