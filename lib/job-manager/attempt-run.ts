// SPDX-License-Identifier: Apache-2.0
/** One attempt's run, of a backup or of a copy: what the job's entry says while it lasts, and how it ends. */
import type { EpochToken } from "../protocol/catalog-manager.ts";
import type { JobEntry, JobStatus } from "../protocol/job.ts";
import { noTime, sumOfTimes } from "../protocol/job-time.ts";
import type { JobTime } from "../protocol/job-time.ts";
import type { ByteCounts } from "../protocol/tape.ts";
import type { AttemptStart, CallTotals } from "./call-totals.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { exceptionsOf } from "./source-volumes.ts";
import { interruptedBy, noteInterrupted, stoppedOnRequest } from "./interruption-cause.ts";

export interface AttemptRun<End> {
  readonly job: JobEntry;
  readonly token: EpochToken;
  readonly start: AttemptStart;
  readonly totals: CallTotals;
  readonly counts: () => ByteCounts;
  /** Where this attempt's time went, up to now. */
  readonly time: () => JobTime;
  readonly work: () => Promise<End>;
}

export interface AttemptEnd {
  readonly outcome: "done" | "stopped";
  readonly streamOffset: bigint;
}

export interface EndedAttempt<End> {
  readonly end: End;
  readonly status: JobStatus;
  /** Objects of the job's complete source volumes that could not be read, whenever that was. */
  readonly objectsUnreadable: bigint;
}

export async function runAttempt<End extends AttemptEnd>(
  environment: JobManagerEnvironment,
  { counts, job, start, time, token, totals, work }: AttemptRun<End>,
): Promise<EndedAttempt<End>> {
  const { jobs } = environment;
  try {
    jobs.update({ ...job, status: "running" });
    totals.attemptBegan(start);
    const end = await work();
    return { end, ...(await ended(environment, withTime(job, time()), token, end)) };
  } catch (error) {
    totals.attemptFailed(counts(), time());
    noteInterrupted(jobs, withTime(job, time()), error);
    throw error;
  }
}

function withTime(job: JobEntry, time: JobTime): JobEntry {
  return { ...job, time: sumOfTimes(job.time ?? noTime, time) };
}

async function ended(
  environment: JobManagerEnvironment,
  job: JobEntry,
  token: EpochToken,
  { outcome, streamOffset }: AttemptEnd,
): Promise<Omit<EndedAttempt<unknown>, "end">> {
  const { catalogManager, jobs, mediaServer, nowMs } = environment;
  const objectsUnreadable = exceptionsOf(await catalogManager.sourceVolumes(job.jobId));
  if (outcome === "stopped") {
    jobs.update(interruptedBy(job, stoppedOnRequest));
    return { status: "interrupted", objectsUnreadable };
  }
  const hasExceptions = objectsUnreadable > 0n || isOfOneWithExceptions(environment, job);
  const status = hasExceptions ? "completeWithExceptions" : "complete";
  await catalogManager.finishJob(token, status, streamOffset);
  await mediaServer.releaseVolumes(job.jobId, await catalogManager.segments(job.jobId));
  jobs.update({ ...job, status, endedAtMs: nowMs() });
  return { status, objectsUnreadable };
}

/** A copy is as complete as what it is a copy of, which may be of a version that did not keep how many they were. */
function isOfOneWithExceptions({ jobs }: JobManagerEnvironment, { copyOfJobId }: JobEntry): boolean {
  return copyOfJobId !== undefined && jobs.get(copyOfJobId)?.status === "completeWithExceptions";
}
