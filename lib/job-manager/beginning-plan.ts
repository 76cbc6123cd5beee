// SPDX-License-Identifier: Apache-2.0
import type { JobEntry, ResumePlan } from "../protocol/job.ts";
import { notStarted } from "./source-volumes.ts";

/** What a resume does with a job of which nothing was recorded: no tape was written either, for records come first. */
export function beginningPlan({ jobId, sources }: JobEntry): ResumePlan {
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
    reasons: ["the job ended before anything of it was recorded, so nothing of it was written: it begins"],
  };
}
