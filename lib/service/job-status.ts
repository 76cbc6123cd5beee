// SPDX-License-Identifier: Apache-2.0
import type { JobEntry } from "../protocol/job.ts";

/** A job whose process is gone is interrupted, whatever its entry says. */
export function withTrueStatus(job: JobEntry, isLocked: (jobId: string) => boolean): JobEntry {
  const claims = job.status === "queued" || job.status === "running" || job.status === "resuming";
  return claims && !isLocked(job.jobId) ? { ...job, status: "interrupted" } : job;
}
