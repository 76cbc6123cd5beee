// SPDX-License-Identifier: Apache-2.0
/**
 * A job's life: starts it, finds it interrupted, decides how it goes on, and calls the other roles in the
 * required order.
 */
import { JobError, OperatorError, TapeError, messageOf } from "../errors.ts";
import type { JobEntry, JobResult, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { SessionPair } from "../protocol/media-server.ts";
import { beginCopy, goOnWithCopy } from "./copy-attempt.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { beginJob, goOnWithJob, refuseUnlessInterrupted } from "./job-attempt.ts";
import type { AttemptOptions } from "./job-attempt.ts";
import { dealSources, partsOf, runParts, undealt } from "./job-parts.ts";
import type { JobServers } from "./job-run.ts";
import { Persistence } from "./persistence.ts";
import type { Standing } from "./persistence.ts";
import { examineInterruptedJob, planOf } from "./resume-plan.ts";
import { asPaused } from "./record-space.ts";
import { sessionOptions } from "./session-options.ts";
import type { TapeWish } from "./tape-decision.ts";

export interface BackupOptions extends RunOptions {
  readonly pool?: string;
  /** Into how many parts the source volumes are dealt, each with a drive of its own. */
  readonly drives?: number;
}

/** It went on by itself for a while: what stopped it then is no refusal, the job is interrupted. */
function asInterrupted(jobId: string, error: unknown): unknown {
  const paused = asPaused(jobId, error);
  if (error instanceof OperatorError || paused instanceof JobError || !(error instanceof TapeError)) return paused;
  return new JobError(`${error.message}. The job can be resumed: tidemark job resume ${jobId}`, {
    code: "ERR_TAPE_JOB_INTERRUPTED",
    cause: error,
  });
}

/** A job of which nothing is recorded has failed, and cannot be paused. */
function inWords(jobId: string, error: unknown, standing: Standing | undefined): unknown {
  return standing === undefined ? error : asPaused(jobId, error);
}

export class JobManager {
  readonly #environment: JobManagerEnvironment;

  constructor(environment: JobManagerEnvironment) {
    this.#environment = environment;
  }

  /** Backs source volumes up as a new job. */
  async backup(sources: readonly Uint8Array[], options: BackupOptions): Promise<JobResult> {
    const { jobs, settings, nowMs } = this.#environment;
    const entry: Omit<JobEntry, "jobId"> = {
      status: "queued",
      startedAtMs: nowMs(),
      pool: options.pool ?? settings.pool,
      sources,
      interruptions: 0,
    };
    const job = jobs.create(entry);
    const dealt = dealSources(sources, options.drives ?? settings.drives);
    if (dealt.length <= 1) return this.#carryOut(job, options, false);
    const parts = dealt.map((part) => jobs.create({ ...entry, sources: part, parentJobId: job.jobId }));
    return this.#inParts(job, parts, options);
  }

  /** Duplicates a finished job onto cartridges of another pool, as a job of its own. */
  async copy(copyOfJobId: string, options: RunOptions & { readonly pool: string }): Promise<JobResult> {
    const { jobs, nowMs } = this.#environment;
    const original = jobs.get(copyOfJobId);
    if (original === undefined)
      throw new JobError(`there is no job ${copyOfJobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
    if (options.pool === original.pool) {
      throw new JobError(
        `job ${copyOfJobId} is in pool "${options.pool}" itself, where its copy could come to lie on the same cartridge: name another pool`,
        { code: "ERR_TAPE_JOB_STATE" },
      );
    }
    const job = jobs.create({
      status: "queued",
      startedAtMs: nowMs(),
      pool: options.pool,
      sources: original.sources,
      interruptions: 0,
      copyOfJobId,
    });
    return this.#carryOut(job, options, false);
  }

  /** The decisions of `resume`, without doing it: one for each part that is not complete. */
  async plan(jobId: string, wish: TapeWish): Promise<readonly ResumePlan[]> {
    const job = refuseUnlessInterrupted(this.#environment.jobs.get(jobId), jobId);
    const plans: ResumePlan[] = [];
    for (const part of this.#unfinished(job)) plans.push(await this.#planOne(part, wish));
    return plans;
  }

  /** Goes on with an interrupted job. */
  async resume(jobId: string, options: AttemptOptions): Promise<JobResult> {
    const job = refuseUnlessInterrupted(this.#environment.jobs.get(jobId), jobId);
    if (partsOf(this.#environment.jobs, jobId).length === 0) return this.#goOn(job, options);
    this.#addMissingPart(job);
    const interruptions = job.interruptions + 1;
    return this.#inParts({ ...job, interruptions }, this.#unfinished(job), options);
  }

  async cancel(jobId: string): Promise<JobEntry> {
    const { catalogManager, jobs, mediaServer, nowMs } = this.#environment;
    const job = refuseUnlessInterrupted(jobs.get(jobId), jobId);
    // Parts that are complete stay so until their pool's retention lets them go.
    for (const part of new Set([...this.#unfinished(job), job])) {
      const lock = this.#environment.lockJob(part.jobId);
      try {
        await catalogManager.cancelJob(part.jobId);
        await mediaServer.releaseVolumes(part.jobId, []);
        jobs.update({ ...part, status: "cancelled", endedAtMs: nowMs() });
      } finally {
        await catalogManager.closeJob(part.jobId);
        lock.release();
      }
    }
    return jobs.get(jobId) ?? job;
  }

  /** Source volumes that were not dealt yet when the process was killed become a part of their own. */
  #addMissingPart(job: JobEntry): void {
    const { jobs } = this.#environment;
    const sources = undealt(job, partsOf(jobs, job.jobId));
    if (sources.length === 0) return;
    const { pool, startedAtMs } = job;
    jobs.create({ status: "queued", startedAtMs, pool, sources, interruptions: 0, parentJobId: job.jobId });
  }

  /** Parts that still need backup; of a job without parts, the job. */
  #unfinished(job: JobEntry): readonly JobEntry[] {
    const parts = partsOf(this.#environment.jobs, job.jobId);
    if (parts.length === 0) return [job];
    return parts.filter(({ status }) => status !== "complete" && status !== "completeWithExceptions");
  }

  async #planOne({ jobId, copyOfJobId }: JobEntry, wish: TapeWish): Promise<ResumePlan> {
    if (copyOfJobId !== undefined) {
      throw new JobError(
        `job ${jobId} is a copy of job ${copyOfJobId}: it goes on where its tape ends, nothing is decided`,
        {
          code: "ERR_TAPE_JOB_STATE",
        },
      );
    }
    const lock = this.#environment.lockJob(jobId);
    try {
      const records = await this.#environment.catalogManager.loadJob(jobId);
      if (records.done !== undefined) {
        throw new JobError(
          `job ${jobId} has written everything; only its catalog is missing: tidemark job resume ${jobId}`,
          { code: "ERR_TAPE_JOB_STATE" },
        );
      }
      return await this.#withServers(jobId, {}, async (servers) =>
        planOf(await examineInterruptedJob(this.#environment, servers, records, wish)),
      );
    } finally {
      await this.#environment.catalogManager.closeJob(jobId);
      lock.release();
    }
  }

  async #inParts(job: JobEntry, parts: readonly JobEntry[], options: AttemptOptions): Promise<JobResult> {
    const lock = this.#environment.lockJob(job.jobId);
    try {
      return await runParts(this.#environment, job, parts, options, (part, partOptions) =>
        this.#goOn(part, partOptions),
      );
    } finally {
      lock.release();
    }
  }

  /** A job that was killed before anything of it was recorded has written nothing, and begins. */
  async #goOn(job: JobEntry, options: AttemptOptions): Promise<JobResult> {
    const hasBegun = await this.#environment.catalogManager.hasRecords(job.jobId);
    return this.#carryOut(job, options, hasBegun);
  }

  /**
   * Attempts the job until it is done, stopped, or cannot go on. A failed write is no end: the position-lost procedure
   * (durability.md, section 5) is a resume without a new process, on the same volume or on the next one.
   */
  async #carryOut(job: JobEntry, options: AttemptOptions, hasBegun: boolean): Promise<JobResult> {
    const { jobId } = job;
    const lock = this.#environment.lockJob(jobId);
    const persistence = new Persistence();
    let goesOn = hasBegun;
    let given = options;
    let hasGoneOn = false;
    try {
      for (;;) {
        const now = this.#environment.jobs.get(jobId) ?? job;
        try {
          const result = await this.#attempt(now, given, goesOn);
          if (goesOn === hasBegun) return result;
          // All of it was written by this one call, however often it had to look where it stood.
          return { ...result, bytesSaved: 0n, bytesWritten: result.bytesSaved + result.bytesWritten };
        } catch (error) {
          if (options.signal?.aborted === true) throw error;
          // Records that cannot be read now say nothing; what went wrong first is what is told.
          const standing = await this.#standing(jobId).catch(() => undefined);
          const next = persistence.decide(error, standing);
          if (next === undefined) throw hasGoneOn ? asInterrupted(jobId, error) : inWords(jobId, error, standing);
          const { leave: _former, ...kept } = given;
          given = next.leave === undefined ? kept : { ...kept, leave: next.leave };
          const text = `${messageOf(error)}. Going on: ${next.how}`;
          options.onNotice?.({ type: "notice", jobId, kind: "goesOn", text });
          goesOn = true;
          hasGoneOn = true;
        }
      }
    } finally {
      lock.release();
    }
  }

  /** How far a job has come, and the volume that it was writing. */
  async #standing(jobId: string): Promise<Standing | undefined> {
    const { catalogManager } = this.#environment;
    if (!(await catalogManager.hasRecords(jobId))) return undefined;
    const { currentVolumeUuid, durableStreamOffset, segments } = await catalogManager.loadJob(jobId);
    await catalogManager.closeJob(jobId);
    const current = segments.find(({ volumeUuid }) => volumeUuid === currentVolumeUuid);
    return { offset: durableStreamOffset, ...(current === undefined ? {} : { volumeTag: current.volumeTag }) };
  }

  async #attempt(job: JobEntry, options: AttemptOptions, goesOn: boolean): Promise<JobResult> {
    const { catalogManager, catalogServer } = this.#environment;
    try {
      if (job.copyOfJobId !== undefined) {
        const copy = goesOn ? goOnWithCopy : beginCopy;
        return await this.#withPair(job.jobId, options, (pair) => copy(this.#environment, pair, job, options));
      }
      const attempt = goesOn ? goOnWithJob : beginJob;
      return await this.#withServers(job.jobId, options, (servers) =>
        attempt(this.#environment, servers, job, options),
      );
    } finally {
      await catalogServer.close(job.jobId);
      await catalogManager.closeJob(job.jobId);
    }
  }

  async #withPair<T>(jobId: string, options: RunOptions, work: (pair: SessionPair) => Promise<T>): Promise<T> {
    const { mediaServer } = this.#environment;
    const pair = mediaServer.openPair({ ...sessionOptions(jobId, options), purpose: "copy" });
    try {
      return await work(pair);
    } finally {
      await pair.writing.close();
      await pair.reading.close();
    }
  }

  async #withServers<T>(jobId: string, options: RunOptions, work: (servers: JobServers) => Promise<T>): Promise<T> {
    const { mediaServer, connectDataServer } = this.#environment;
    const media = mediaServer.openSession({ ...sessionOptions(jobId, options), purpose: "backup" });
    const data = connectDataServer();
    try {
      return await work({ media, data });
    } finally {
      await data.close();
      await media.close();
    }
  }
}
