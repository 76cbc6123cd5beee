// SPDX-License-Identifier: Apache-2.0
import { ConfigError, JobError } from "../errors.ts";
import { verifyJob } from "../job-manager/verify-run.ts";
import type { VerifyResult } from "../job-manager/verify-run.ts";
import type { JobEntry, JobResult, RunOptions } from "../protocol/job.ts";
import type { CopyService, SetCopyResult } from "./copy-api.ts";
import { holdersOf } from "./job-family.ts";
import type { Roles } from "./roles.ts";

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
    const { store, jobManager } = this.#roles;
    const set = this.#mediaSet(uuid);
    const results: JobResult[] = [];
    const alreadyCopied: string[] = [];
    const interrupted: string[] = [];
    const inSet = store.jobs.list().filter((job) => job.mediaSet === set && store.finishedJob(job.jobId) !== undefined);
    for (const original of new Set(inSet.map(({ jobId, copyOfJobId }) => copyOfJobId ?? jobId))) {
      const copies = store.jobs.list().filter((job) => job.copyOfJobId === original && job.pool === options.pool);
      if (copies.some(({ jobId }) => store.finishedJob(jobId) !== undefined)) alreadyCopied.push(original);
      else if (copies.some(isInterrupted)) interrupted.push(...copies.filter(isInterrupted).map(({ jobId }) => jobId));
      else results.push(await jobManager.copy(original, options));
      if (options.signal?.aborted === true) break;
    }
    return { mediaSet: set, pool: options.pool, results, alreadyCopied, interrupted };
  }

  /** Parts of the job, or the job. @throws JobError unless all of it is in the catalog */
  #finished(jobId: string, what: string): readonly string[] {
    const { store } = this.#roles;
    const job = store.jobs.get(jobId);
    if (job === undefined)
      throw new JobError(`there is no job ${jobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
    const holders = holdersOf(store.jobs, jobId);
    if (holders.every((holder) => store.finishedJob(holder) !== undefined)) return holders;
    throw new JobError(`job ${jobId} is ${job.status}: only a job that is complete can be ${what}`, {
      code: "ERR_TAPE_JOB_STATE",
    });
  }

  /** By its UUID or the beginning of it. */
  #mediaSet(given: string): string {
    const found = this.#roles.store.mediaSets.list().filter(({ uuid }) => uuid.startsWith(given));
    const [only] = found;
    if (only !== undefined && found.length === 1) return only.uuid;
    const why = only === undefined ? "there is no such media set" : "several media sets begin so";
    throw new ConfigError(`${given}: ${why}: see tidemark media-set list`, { code: "ERR_TAPE_USAGE" });
  }
}

function isInterrupted({ status }: JobEntry): boolean {
  return status === "interrupted" || status === "running" || status === "resuming" || status === "queued";
}
