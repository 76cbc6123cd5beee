// SPDX-License-Identifier: Apache-2.0
/**
 * A job in parts: each part is a job of its own, with a share of the source volumes, a stream, a temporary catalog and
 * a drive of its own, so that all that holds for a job holds for a part. The job itself writes nothing.
 */
import { noTime, sumOfTimes } from "../protocol/job-time.ts";
import type { JobEntry, JobProgress, JobResult, JobStatus, RunOptions } from "../protocol/job.ts";
import type { ByteCounts } from "../protocol/tape.ts";
import type { JobManagerEnvironment } from "./environment.ts";

/** Source volumes in turn, so that neighbours, which are often alike, go to different drives. */
export function dealSources(sources: readonly Uint8Array[], drives: number): readonly (readonly Uint8Array[])[] {
  const parts = Math.max(1, Math.min(drives, sources.length));
  return Array.from({ length: parts }, (_, part) => sources.filter((_source, index) => index % parts === part));
}

/** Source volumes of the job that are in none of its parts. */
export function undealt(job: JobEntry, parts: readonly JobEntry[]): readonly Uint8Array[] {
  const dealt = parts.flatMap(({ sources }) => sources);
  return job.sources.filter((source) => !dealt.some((other) => Buffer.compare(source, other) === 0));
}

/**
 * Carries all parts out at once; drives are waited for in the queue. One part's failure lets the others go on.
 * @throws the first part's error once all have ended
 */
export async function runParts<Options extends RunOptions>(
  { jobs, nowMs }: Pick<JobManagerEnvironment, "jobs" | "nowMs">,
  job: JobEntry,
  parts: readonly JobEntry[],
  options: Options,
  carryOut: (part: JobEntry, options: Options) => Promise<JobResult>,
): Promise<JobResult> {
  jobs.update({ ...job, status: "running" });
  const progress = combinedProgress(job.jobId, options);
  const ended = await Promise.allSettled(parts.map((part) => carryOut(part, { ...options, ...progress(part.jobId) })));
  const results = ended.flatMap((end) => (end.status === "fulfilled" ? [end.value] : []));
  const status = statusOf(jobs.parts(job.jobId).map((part) => part.status));
  jobs.update({ ...job, status, ...(isOver(status) ? { endedAtMs: nowMs() } : {}) });
  const failed = ended.find((end) => end.status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
  return combinedResult(job.jobId, status, results);
}

/** A part that was cancelled, by itself or before its job could be, is not gone on with. */
export function isOver(status: JobStatus): boolean {
  return status === "complete" || status === "completeWithExceptions" || status === "cancelled";
}

/** Nobody goes on with it: a failed one never began. */
export function hasEnded(status: JobStatus): boolean {
  return isOver(status) || status === "failed";
}

/** Of a job of which a part was given up not all is backed up: it is given up, and what is complete of it stays. */
export function statusOf(parts: readonly JobStatus[]): JobStatus {
  if (!parts.every(isOver)) return "interrupted";
  if (parts.includes("cancelled")) return "cancelled";
  return parts.includes("completeWithExceptions") ? "completeWithExceptions" : "complete";
}

/** Each part's reports go into one of the whole job. */
function combinedProgress(jobId: string, options: RunOptions): (partId: string) => RunOptions {
  const latest = new Map<string, JobProgress>();
  const report = options.onProgress;
  if (report === undefined) return () => ({});
  return (partId) => ({
    onProgress: (progress) => {
      latest.set(partId, progress);
      const all = [...latest.values()];
      const sum = (value: (each: JobProgress) => bigint): bigint =>
        all.reduce((total, each) => total + value(each), 0n);
      const { readers: _readers, tapePosition: _ofOnePart, waitsFor: _wait, ...rest } = progress;
      report({
        ...rest,
        jobId,
        objects: sum(({ objects }) => objects),
        bytes: sum(({ bytes }) => bytes),
        bytesPerSecond: all.reduce((total, { bytesPerSecond }) => total + bytesPerSecond, 0),
        streamOffset: sum(({ streamOffset }) => streamOffset),
        bytesAtRisk: sum(({ bytesAtRisk }) => bytesAtRisk),
        time: all.reduce((total, { time }) => sumOfTimes(total, time ?? noTime), noTime),
        volumeTag: all.flatMap(({ volumeTag }) => volumeTag ?? []).join("+"),
      });
    },
  });
}

function combinedResult(jobId: string, status: JobStatus, results: readonly JobResult[]): JobResult {
  const sum = (value: (each: JobResult) => bigint): bigint => results.reduce((total, each) => total + value(each), 0n);
  const counts = (name: keyof ByteCounts): bigint => sum((each) => each.counts[name]);
  return {
    jobId,
    status,
    objectsWritten: sum((each) => each.objectsWritten),
    objectsSkipped: sum((each) => each.objectsSkipped),
    objectsContinued: sum((each) => each.objectsContinued),
    objectsUnreadable: sum((each) => each.objectsUnreadable),
    containersSkipped: sum((each) => each.containersSkipped),
    filesOpened: sum((each) => each.filesOpened),
    bytesWritten: sum((each) => each.bytesWritten),
    bytesSaved: sum((each) => each.bytesSaved),
    counts: {
      submitted: counts("submitted"),
      accepted: counts("accepted"),
      durable: counts("durable"),
      verified: counts("verified"),
    },
    time: results.reduce((total, each) => sumOfTimes(total, each.time), noTime),
  };
}
