// SPDX-License-Identifier: Apache-2.0
/** A disk that fills up under a job: it makes a checkpoint of what is on tape, and pauses (H6). */
import { fullDiskText } from "../catalog/disk-fault.ts";
import { CatalogError, JobError } from "../errors.ts";
import type { CatalogManager, CatalogSpace, EpochToken } from "../protocol/catalog-manager.ts";

/** Calls back once when the disk runs full; what fails fails in whoever writes records. */
export function watchSpace(
  catalogManager: CatalogManager,
  token: EpochToken,
  callback: (space: CatalogSpace) => void,
): void {
  void catalogManager.spaceLow(token).then((space) => {
    if (space !== undefined) callback(space);
  });
}

export function outOfSpace({ folder, neededBytes }: CatalogSpace): CatalogError {
  return new CatalogError(fullDiskText(folder, neededBytes), { code: "ERR_TAPE_CATALOG_FULL" });
}

/** Where the disk is full the job waits for a person; what is durable stays so. */
export function asPaused(jobId: string, error: unknown): unknown {
  if (!(error instanceof CatalogError) || error.code !== "ERR_TAPE_CATALOG_FULL") return error;
  return new JobError(`job ${jobId} is paused: ${error.message}: tidemark job resume ${jobId}`, {
    code: "ERR_TAPE_JOB_PAUSED",
    cause: error,
  });
}
