// SPDX-License-Identifier: Apache-2.0
/**
 * A job's life: starts it, finds it interrupted, decides how it goes on, and calls the other roles in the
 * required order.
 */
import { JobError, OperatorError, TapeError, messageOf } from "../errors.ts";
import type { JobEntry, JobResult, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { SessionPair } from "../protocol/media-server.ts";
import { beginningPlan, beginningReason } from "./beginning-plan.ts";
import { CallTotals } from "./call-totals.ts";
import { beginCopy, goOnWithCopy } from "./copy-attempt.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { beginJob, goOnWithJob, refuseUnlessInterrupted } from "./job-attempt.ts";
import type { AttemptOptions } from "./job-attempt.ts";
import { dealSources, hasEnded, isOver, runParts, undealt } from "./job-parts.ts";
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
    const { jobId } = jobs.create(entry);
    const dealt = dealSources(sources, options.drives ?? settings.drives);
    return this.#locked(jobId, (job) => {
      if (dealt.length <= 1) return this.#carryOut(job, options, false);
      const parts = dealt.map((part) => jobs.create({ ...entry, sources: part, parentJobId: jobId }));
      return this.#inParts(job, parts, options);
    });
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
    const { jobId } = jobs.create({
      status: "queued",
      startedAtMs: nowMs(),
      pool: options.pool,
      sources: original.sources,
      interruptions: 0,
      copyOfJobId,
    });
    return this.#locked(jobId, (job) => this.#carryOut(job, options, false));
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
    return this.#locked(jobId, (job) => {
      if (this.#environment.jobs.parts(jobId).length === 0) return this.#goOn(job, options);
      this.#addMissingPart(job);
      const interruptions = job.interruptions + 1;
      return this.#inParts({ ...job, interruptions }, this.#unfinished(job), options);
    });
  }

  async cancel(jobId: string): Promise<JobEntry> {
    return this.#locked(jobId, async (job) => {
      // Parts that are complete stay so until their pool's retention lets them go.
      for (const part of this.#unfinished(job)) {
        if (part.jobId !== jobId) await this.#withLock(part, (each) => this.#cancelOne(each));
      }
      return this.#cancelOne(job);
    });
  }

  async #cancelOne(job: JobEntry): Promise<JobEntry> {
    const { catalogManager, jobs, mediaServer, nowMs } = this.#environment;
    const { jobId } = job;
    try {
      await catalogManager.cancelJob(jobId);
      await mediaServer.releaseVolumes(jobId, []);
      jobs.update({ ...job, status: "cancelled", endedAtMs: nowMs() });
    } finally {
      await catalogManager.closeJob(jobId);
    }
    return jobs.get(jobId) ?? job;
  }

  /** For a job that may go on or be cancelled; it is asked again behind the lock. */
  async #locked<T>(jobId: string, work: (job: JobEntry) => Promise<T>): Promise<T> {
    const { jobs } = this.#environment;
    const found = refuseUnlessInterrupted(jobs.get(jobId), jobId);
    await this.#retireAll();
    return this.#withLock(found, (job) => work(refuseUnlessInterrupted(job, jobId)));
  }

  /** No other process works on the job, or deals its parts, until the work is done; it sees the job as it stands then. */
  async #withLock<T>(job: JobEntry, work: (job: JobEntry) => Promise<T>): Promise<T> {
    const lock = this.#environment.lockJob(job.jobId);
    try {
      const done = await work(this.#environment.jobs.get(job.jobId) ?? job);
      await this.#retire(job.jobId);
      return done;
    } finally {
      lock.release();
    }
  }

  /**
   * Its entry must say that the job is over before its temporary catalog goes: whoever found an unfinished job without
   * records would begin it anew. What cannot be removed now is removed before the next job; this one is done.
   */
  async #retire(jobId: string): Promise<void> {
    const { catalogManager, jobs } = this.#environment;
    const status = jobs.get(jobId)?.status;
    if (status === undefined || !hasEnded(status)) return;
    await catalogManager.retireJob(jobId).catch(() => undefined);
  }

  /** What was left of jobs that are over, by a process that was killed or by an older version. */
  async #retireAll(): Promise<void> {
    const { catalogManager, jobs } = this.#environment;
    for (const jobId of await catalogManager.recordedJobs().catch(() => [])) {
      const job = jobs.get(jobId);
      if (job === undefined || !hasEnded(job.status)) continue;
      // Another process may be at it.
      await this.#withLock(job, () => Promise.resolve()).catch(() => undefined);
    }
  }

  /** Source volumes that were not dealt yet when the process was killed become a part of their own. */
  #addMissingPart(job: JobEntry): void {
    const { jobs } = this.#environment;
    const sources = undealt(job, jobs.parts(job.jobId));
    if (sources.length === 0) return;
    const { pool, startedAtMs } = job;
    jobs.create({ status: "queued", startedAtMs, pool, sources, interruptions: 0, parentJobId: job.jobId });
  }

  /** Parts that still need backup; of a job without parts, the job. */
  #unfinished(job: JobEntry): readonly JobEntry[] {
    const parts = this.#environment.jobs.parts(job.jobId);
    if (parts.length === 0) return [job];
    return parts.filter(({ status }) => !isOver(status));
  }

  async #planOne(job: JobEntry, wish: TapeWish): Promise<ResumePlan> {
    const { jobId, copyOfJobId } = job;
    if (copyOfJobId !== undefined) {
      throw new JobError(
        `job ${jobId} is a copy of job ${copyOfJobId}: it goes on where its tape ends, nothing is decided`,
        {
          code: "ERR_TAPE_JOB_STATE",
        },
      );
    }
    return this.#withLock(job, async (part) => {
      try {
        const found = await this.#environment.catalogManager.hasRecords(jobId);
        if (found !== "some") return beginningPlan(part, found);
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
      }
    });
  }

  #inParts(job: JobEntry, parts: readonly JobEntry[], options: AttemptOptions): Promise<JobResult> {
    return runParts(this.#environment, job, parts, options, (part, partOptions) =>
      this.#withLock(part, (each) => this.#goOn(each, partOptions)),
    );
  }

  /** A job that was killed before anything of it was recorded has written nothing, and begins. */
  async #goOn(job: JobEntry, options: AttemptOptions): Promise<JobResult> {
    const { jobId } = job;
    const found = await this.#environment.catalogManager.hasRecords(jobId);
    // Unlike one that had not begun, it has written on tape: whoever resumes it must hear that this does not count (H4).
    if (found === "lost")
      options.onNotice?.({ type: "notice", jobId, kind: "recordsLost", text: beginningReason(found) });
    return this.#carryOut(job, options, found === "some");
  }

  /**
   * Attempts the job until it is done, stopped, or cannot go on. A failed write is no end: the position-lost procedure
   * (durability.md, section 5) is a resume without a new process, on the same volume or on the next one.
   */
  async #carryOut(job: JobEntry, options: AttemptOptions, hasBegun: boolean): Promise<JobResult> {
    const { jobId } = job;
    const persistence = new Persistence();
    const totals = new CallTotals();
    let goesOn = hasBegun;
    let given = options;
    let hasGoneOn = false;
    for (;;) {
      const now = this.#environment.jobs.get(jobId) ?? job;
      try {
        return totals.of(await this.#attempt(now, given, goesOn, totals));
      } catch (error) {
        // Records that cannot be read now say nothing; what went wrong first is what is told.
        const standing = await this.#standing(jobId).catch(() => undefined);
        const next = options.signal?.aborted === true ? undefined : persistence.decide(error, standing);
        if (next === undefined) throw hasGoneOn ? asInterrupted(jobId, error) : inWords(jobId, error, standing);
        // What the operator asked for stands; a volume that was left is closed, and not looked at again.
        given = next.leave === undefined ? given : { ...given, leave: next.leave };
        const text = `${messageOf(error)}. Going on: ${next.how}`;
        options.onNotice?.({ type: "notice", jobId, kind: "goesOn", text });
        goesOn = true;
        hasGoneOn = true;
      }
    }
  }

  /** How far a job has come, and the volume that it was writing. */
  async #standing(jobId: string): Promise<Standing | undefined> {
    const { catalogManager } = this.#environment;
    if ((await catalogManager.hasRecords(jobId)) !== "some") return undefined;
    const { currentVolumeUuid, durableStreamOffset, segments } = await catalogManager.loadJob(jobId);
    await catalogManager.closeJob(jobId);
    const current = segments.find(({ volumeUuid }) => volumeUuid === currentVolumeUuid);
    return { offset: durableStreamOffset, ...(current === undefined ? {} : { volumeTag: current.volumeTag }) };
  }

  async #attempt(job: JobEntry, options: AttemptOptions, goesOn: boolean, totals: CallTotals): Promise<JobResult> {
    const { catalogManager, catalogServer } = this.#environment;
    try {
      if (job.copyOfJobId !== undefined) {
        const copy = goesOn ? goOnWithCopy : beginCopy;
        return await this.#withPair(job.jobId, options, (pair) => copy(this.#environment, pair, job, options, totals));
      }
      const attempt = goesOn ? goOnWithJob : beginJob;
      return await this.#withServers(job.jobId, options, (servers) =>
        attempt(this.#environment, servers, job, options, totals),
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
