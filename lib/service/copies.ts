// SPDX-License-Identifier: Apache-2.0
import { ConfigError, JobError } from "../errors.ts";
import { verifyJob } from "../job-manager/verify-run.ts";
import type { VerifyResult } from "../job-manager/verify-run.ts";
import type { JobResult, RunOptions } from "../protocol/job.ts";
import type { CopyService, SetCopyResult } from "./copy-api.ts";
import { holdersOf } from "./job-family.ts";
import { withTrueStatus } from "./job-status.ts";
import { setThatBegins } from "./media-sets.ts";
import type { Roles } from "./roles.ts";
import { refuseWrittenOver } from "./written-over.ts";

export class LocalCopyService implements CopyService {
  readonly #roles: Roles;

  constructor(roles: Roles) {
    this.#roles = roles;
  }

  async verifyJob(jobId: string, options: RunOptions): Promise<readonly VerifyResult[]> {
    const results: VerifyResult[] = [];
    for (const holder of this.#finished(jobId, "verified")) {
      results.push(await verifyJob(this.#roles.jobEnvironment, { jobId: holder }, options));
    }
    return results;
  }

  async verifyVolume(volumeTag: string, options: RunOptions): Promise<readonly VerifyResult[]> {
    const { store, jobEnvironment } = this.#roles;
    const volume = store.volumes.getByTag(volumeTag);
    if (volume === undefined) {
      throw new ConfigError(`the catalog knows no volume ${volumeTag}: see tidemark volume list`, {
        code: "ERR_TAPE_USAGE",
      });
    }
    const jobIds = new Set(store.segmentsOnVolume(volume.volumeUuid).map(({ jobId }) => jobId));
    const results: VerifyResult[] = [];
    for (const jobId of jobIds) {
      results.push(await verifyJob(jobEnvironment, { jobId, volumeUuid: volume.volumeUuid }, options));
    }
    return results;
  }

  async copyJob(jobId: string, options: RunOptions & { readonly pool: string }): Promise<readonly JobResult[]> {
    const results: JobResult[] = [];
    for (const holder of this.#finished(jobId, "copied")) {
      const original = this.#roles.store.jobs.get(holder)?.copyOfJobId ?? holder;
      results.push(await this.#roles.jobManager.copy(original, options));
      if (options.signal?.aborted === true) break;
    }
    return results;
  }

  async copyMediaSet(uuid: string, options: RunOptions & { readonly pool: string }): Promise<SetCopyResult> {
    const { isJobLocked, jobManager, store } = this.#roles;
    const set = setThatBegins(store, uuid).uuid;
    const results: JobResult[] = [];
    const alreadyCopied: string[] = [];
    const interrupted: string[] = [];
    const inSet = store.jobs.list().filter((job) => job.mediaSet === set && store.finishedJob(job.jobId) !== undefined);
    for (const original of new Set(inSet.map(({ jobId, copyOfJobId }) => copyOfJobId ?? jobId))) {
      const copies = store.jobs
        .list()
        .filter((job) => job.copyOfJobId === original && job.pool === options.pool && job.expiredAtMs === undefined)
        .map((job) => withTrueStatus(job, isJobLocked));
      const stopped = copies.filter(({ status }) => status === "interrupted");
      // One that another process is making will be there, or be interrupted, when that process has ended.
      const isMade = copies.some(({ jobId }) => store.finishedJob(jobId) !== undefined || isJobLocked(jobId));
      if (isMade) alreadyCopied.push(original);
      else if (stopped.length > 0) interrupted.push(...stopped.map(({ jobId }) => jobId));
      else results.push(await jobManager.copy(original, options));
      if (options.signal?.aborted === true) break;
    }
    return { mediaSet: set, pool: options.pool, results, alreadyCopied, interrupted };
  }

  /** Parts of the job, or the job. @throws JobError unless all of it is in the catalog */
  #finished(jobId: string, what: string): readonly string[] {
    const { isJobLocked, store } = this.#roles;
    const job = store.jobs.get(jobId);
    if (job === undefined)
      throw new JobError(`there is no job ${jobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
    const holders = holdersOf(store.jobs, jobId);
    if (holders.every((holder) => store.finishedJob(holder) !== undefined)) return holders;
    refuseWrittenOver(store, jobId);
    const { status } = withTrueStatus(job, isJobLocked);
    throw new JobError(`job ${jobId} is ${status}: only a job that is complete can be ${what}`, {
      code: "ERR_TAPE_JOB_STATE",
    });
  }
}
