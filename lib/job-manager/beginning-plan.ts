// SPDX-License-Identifier: Apache-2.0
import type { JobEntry, ResumePlan } from "../protocol/job.ts";
import { notStarted } from "./source-volumes.ts";

/** Why a job begins though it was started before. */
const reasons = {
  none: "the job ended before anything of it was recorded, so nothing of it was written: it begins",
  lost:
    "the job's temporary catalog is damaged from its first record on, so nothing that was written counts: it begins " +
    "anew, and may write over what it had written",
} as const;

export function beginningReason(found: "none" | "lost"): string {
  return reasons[found];
}

/** What a resume does with a job of which nothing is recorded. */
export function beginningPlan({ jobId, sources }: JobEntry, found: "none" | "lost"): ResumePlan {
  return {
    jobId,
    epoch: 1,
    sourceVolumes: notStarted(sources),
    tapeVolumesWanted: [],
    containersComplete: 0n,
    containersPartial: 0n,
    objectsDurable: 0n,
    bytesSaved: 0n,
    bytesRepeated: 0n,
    reasons: [beginningReason(found)],
  };
}
