// SPDX-License-Identifier: Apache-2.0
import type { VerifyResult } from "../job-manager/verify-run.ts";
import type { JobResult, RunOptions } from "../protocol/job.ts";

export type { VerifyResult } from "../job-manager/verify-run.ts";

/** Job results, one for each copy that was made, and what needed none. */
export interface SetCopyResult {
  readonly mediaSet: string;
  readonly pool: string;
  readonly results: readonly JobResult[];
  /** Jobs that have a complete copy in the pool already. */
  readonly alreadyCopied: readonly string[];
  /** Copies that were begun and interrupted: they are resumed, not begun again. */
  readonly interrupted: readonly string[];
}

/** Proves what is on tape, and duplicates it. */
export interface CopyService {
  /** Reads a finished job, or a copy, back and compares it with the catalog; one result for each part of a job in parts. */
  verifyJob(jobId: string, options: RunOptions): Promise<readonly VerifyResult[]>;
  /** The same for everything that lies on one volume; one result for each job. */
  verifyVolume(volumeTag: string, options: RunOptions): Promise<readonly VerifyResult[]>;
  /** Duplicates a finished job; one copy for each part of a job in parts. */
  copyJob(jobId: string, options: RunOptions & { readonly pool: string }): Promise<readonly JobResult[]>;
  /** Duplicates all finished jobs of a media set that have no copy in the pool. */
  copyMediaSet(uuid: string, options: RunOptions & { readonly pool: string }): Promise<SetCopyResult>;
}
