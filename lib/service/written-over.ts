// SPDX-License-Identifier: Apache-2.0
/** Jobs that have expired, and of whose cartridges one was written over since. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { JobError } from "../errors.ts";
import { isFinished } from "../media/retention.ts";
import { holdersOf } from "./job-family.ts";

/** A job is finished only once the catalog has taken it in: where it is not there, it was forgotten. */
export function isWrittenOver(store: CatalogStore, jobId: string): boolean {
  const isForgotten = (holder: string): boolean => {
    const job = store.jobs.get(holder);
    return job !== undefined && isFinished(job) && store.finishedJob(holder) === undefined;
  };
  return holdersOf(store.jobs, jobId).some(isForgotten);
}

/** What stands on its cartridges now is another job's: to read it as this one's would restore wrong files. */
export function refuseWrittenOver(store: CatalogStore, jobId: string): void {
  if (!isWrittenOver(store, jobId)) return;
  throw new JobError(
    `job ${jobId} has expired and was written over: it cannot be read any more; other versions of a file: tidemark catalog versions PATH`,
    { code: "ERR_TAPE_JOB_STATE" },
  );
}
