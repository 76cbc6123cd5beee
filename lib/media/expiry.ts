// SPDX-License-Identifier: Apache-2.0
/** What stands in the way of writing a tape volume over: the jobs on it that are not expired. */
import type { JobEntry } from "../protocol/job.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import { isFinished } from "./retention.ts";

/** Everything that is known of jobs and of what lies on which volume. */
export interface VolumeContents {
  readonly job: (jobId: string) => JobEntry | undefined;
  /** Finished jobs and copies that have a segment on the volume. */
  readonly jobsOnVolume: (volumeUuid: string) => readonly string[];
}

/**
 * Jobs that need the volume, in order. Segments of unfinished jobs are in no register, so the last job that wrote counts
 * too: no other one can have written behind an unfinished one. A job that nobody knows is needed.
 */
export function liveJobsOn(volume: VolumeEntry, contents: VolumeContents): readonly string[] {
  const last = volume.lastJobId === undefined ? [] : [volume.lastJobId];
  const jobIds = new Set([...contents.jobsOnVolume(volume.volumeUuid), ...last]);
  return [...jobIds].filter((jobId) => isLive(contents.job(jobId))).sort((left, right) => Number(left) - Number(right));
}

function isLive(job: JobEntry | undefined): boolean {
  if (job === undefined) return true;
  // A failed job has never begun; a cancelled one has given up what it wrote.
  if (job.status === "failed" || job.status === "cancelled") return false;
  return !(isFinished(job) && job.expiredAtMs !== undefined);
}
