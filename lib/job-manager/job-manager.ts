// SPDX-License-Identifier: Apache-2.0
/**
 * A job's life: starts it, finds it interrupted, decides how it goes on, and calls the other roles in the
 * required order.
 */
import { JobError } from "../errors.ts";
import type { EpochToken, JobRecords, NewJob, ObjectAcross } from "../protocol/catalog-manager.ts";
import type { JobEntry, JobResult, JobStatus, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { WriteSession } from "../protocol/media-server.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import type { ContinuedPart, CutMember, Segment } from "../protocol/tape.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { runJob } from "./job-run.ts";
import type { RunEnd, RunStart } from "./job-run.ts";
import { examineInterruptedJob, planOf } from "./resume-plan.ts";
import type { ResumeDecision } from "./resume-plan.ts";
import { stillToBackUp } from "./source-volumes.ts";

export class JobManager {
  readonly #environment: JobManagerEnvironment;

  constructor(environment: JobManagerEnvironment) {
    this.#environment = environment;
  }

  /** Backs source volumes up as a new job. */
  async backup(sources: readonly Uint8Array[], options: RunOptions & { readonly pool?: string }): Promise<JobResult> {
    const { jobs, mediaServer, catalogManager, catalogServer, settings } = this.#environment;
    const pool = options.pool ?? settings.pool;
    const volume = await mediaServer.prepare({ pool });
    const job = jobs.create({
      status: "running",
      startedAtMs: this.#environment.nowMs(),
      pool,
      sources,
      interruptions: 0,
    });
    const lock = this.#environment.lockJob(job.jobId);
    try {
      const newJob: NewJob = {
        jobId: job.jobId,
        sources,
        settings: { pool, recordSizeBytes: volume.recordSizeBytes, crossMounts: settings.crossMounts },
      };
      const token = await this.#createCatalog(job, newJob);
      await catalogServer.openEmpty(job.jobId);
      const start: RunStart = {
        token,
        pool,
        recordSizeBytes: volume.recordSizeBytes,
        streamOffset: 0n,
        nextSegment: 1,
        sources: sources.map((path, index) => ({ index, path, status: "notStarted", objects: 0n, exceptions: 0n })),
        asks: false,
        trustCatalog: false,
        crossMounts: settings.crossMounts,
      };
      return await this.#run(job, start, options, undefined);
    } finally {
      await catalogServer.close(job.jobId);
      await catalogManager.closeJob(job.jobId);
      lock.release();
    }
  }

  /** The decision of `resume`, without doing it. */
  async plan(jobId: string): Promise<ResumePlan> {
    const lock = this.#environment.lockJob(jobId);
    try {
      this.#interrupted(jobId);
      const records = await this.#environment.catalogManager.loadJob(jobId);
      if (records.done !== undefined) {
        throw new JobError(
          `job ${jobId} has written everything; only its catalog is missing: tidemark job resume ${jobId}`,
          { code: "ERR_TAPE_JOB_STATE" },
        );
      }
      return planOf(await examineInterruptedJob(this.#environment, records));
    } finally {
      await this.#environment.catalogServer.close(jobId);
      await this.#environment.catalogManager.closeJob(jobId);
      lock.release();
    }
  }

  /** Goes on with an interrupted job. */
  async resume(jobId: string, options: RunOptions & { readonly trustCatalog?: boolean }): Promise<JobResult> {
    const { catalogManager, catalogServer, jobs } = this.#environment;
    const lock = this.#environment.lockJob(jobId);
    try {
      const job = this.#interrupted(jobId);
      const records = await catalogManager.loadJob(jobId);
      if (records.done !== undefined) return await this.#finishRecorded(job, records.done, records);
      const decision = await examineInterruptedJob(this.#environment, records);
      if (decision.refusal !== undefined) throw decision.refusal;
      const plan = planOf(decision);
      const { pool, recordSizeBytes } = decision.records.settings;
      if (decision.boundary === undefined) await this.#environment.mediaServer.prepare({ pool, recordSizeBytes });
      jobs.update({ ...job, status: "resuming", interruptions: job.interruptions + 1 });
      const token = await catalogManager.beginEpoch(jobId);
      await this.#recordCutExtent(token, decision);
      const start = this.#resumeStart(token, decision, options.trustCatalog ?? false);
      return await this.#run({ ...job, interruptions: job.interruptions + 1 }, start, options, plan);
    } finally {
      await catalogServer.close(jobId);
      await catalogManager.closeJob(jobId);
      lock.release();
    }
  }

  async cancel(jobId: string): Promise<JobEntry> {
    const lock = this.#environment.lockJob(jobId);
    try {
      const job = this.#interrupted(jobId);
      await this.#environment.catalogManager.cancelJob(jobId);
      await this.#environment.mediaServer.releaseVolumes(jobId, []);
      const cancelled: JobEntry = { ...job, status: "cancelled", endedAtMs: this.#environment.nowMs() };
      this.#environment.jobs.update(cancelled);
      return cancelled;
    } finally {
      await this.#environment.catalogManager.closeJob(jobId);
      lock.release();
    }
  }

  /** An entry whose process is gone is an interrupted job, whatever it says. The caller holds the lock. */
  #interrupted(jobId: string): JobEntry {
    const job = this.#environment.jobs.get(jobId);
    if (job === undefined)
      throw new JobError(`there is no job ${jobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
    if (job.status === "interrupted" || job.status === "running" || job.status === "resuming") return job;
    throw new JobError(`job ${jobId} is ${job.status}: only an interrupted job can go on or be cancelled`, {
      code: "ERR_TAPE_JOB_STATE",
    });
  }

  /** A job of which nothing could be recorded never began: there is nothing to resume. */
  async #createCatalog(job: JobEntry, newJob: NewJob): Promise<EpochToken> {
    try {
      return await this.#environment.catalogManager.createJob(newJob);
    } catch (error) {
      this.#environment.jobs.update({ ...job, status: "failed", endedAtMs: this.#environment.nowMs() });
      throw error;
    }
  }

  /** Everything was written and JOB_DONE is on disk; the process ended before the catalog store had it. */
  async #finishRecorded(job: JobEntry, status: JobStatus, records: JobRecords): Promise<JobResult> {
    const { catalogManager, jobs, mediaServer } = this.#environment;
    if (status !== "cancelled") await catalogManager.foldJob(job.jobId);
    await mediaServer.releaseVolumes(job.jobId, records.segments);
    jobs.update({ ...job, status, endedAtMs: this.#environment.nowMs() });
    const bytesSaved = records.durableMarks.reduce(
      (end, mark) => (mark.streamOffset > end ? mark.streamOffset : end),
      0n,
    );
    return { ...nothingDone, jobId: job.jobId, status, bytesSaved };
  }

  #resumeStart(token: EpochToken, decision: ResumeDecision, trustCatalog: boolean): RunStart {
    const { records, boundary } = decision;
    const lastSegment = records.segments.reduce((last, segment) => Math.max(last, segment.segment), 0);
    const resume = boundary === undefined ? undefined : resumeSession(boundary);
    const continued = continuedSession(decision);
    return {
      token,
      pool: records.settings.pool,
      recordSizeBytes: records.settings.recordSizeBytes,
      streamOffset: decision.streamOffset,
      nextSegment: lastSegment + 1,
      sources: stillToBackUp(records.sourceVolumes),
      asks: true,
      trustCatalog,
      crossMounts: records.settings.crossMounts,
      ...(resume === undefined ? {} : { resume }),
      ...(decision.continued === undefined ? {} : { continued: decision.continued }),
      ...(continued === undefined ? {} : { continuedPart: continued }),
    };
  }

  /** The digest of what is on tape of a cut object, from its last digested extent to the boundary. */
  async #recordCutExtent(token: EpochToken, decision: ResumeDecision): Promise<void> {
    const { continued, boundary, records } = decision;
    if (continued === undefined || boundary?.cutSegment === undefined) return;
    const to = decision.streamOffset - continued.dataOffset;
    const from = continued.digestedBytes;
    if (to <= from) return;
    const segment = boundary.cutSegment;
    const recordSizeBytes = records.settings.recordSizeBytes;
    const start = continued.dataOffset + from;
    if (start < segment.streamStart) return;
    const inSegment = start - segment.streamStart;
    const digest = await this.#environment.mediaServer.digestStream({
      firstBlock: segment.firstDataBlock + inSegment / BigInt(recordSizeBytes),
      skipBytes: Number(inSegment % BigInt(recordSizeBytes)),
      bytes: to - from,
      recordSizeBytes,
    });
    await this.#environment.catalogManager.extentDigested(token, continued, from, to, digest);
  }

  async #run(job: JobEntry, start: RunStart, options: RunOptions, plan: ResumePlan | undefined): Promise<JobResult> {
    const { jobs, catalogManager, mediaServer } = this.#environment;
    let end: RunEnd;
    try {
      jobs.update({ ...job, status: "running" });
      end = await runJob(this.#environment, start, options);
    } catch (error) {
      jobs.update({ ...job, status: "interrupted" });
      throw error;
    }
    const exceptions = end.summary.objectsUnreadable > 0n;
    const status: JobStatus =
      end.outcome === "stopped" ? "interrupted" : exceptions ? "completeWithExceptions" : "complete";
    if (status === "interrupted") jobs.update({ ...job, status });
    else {
      await catalogManager.finishJob(start.token, status, end.streamOffset);
      await mediaServer.releaseVolumes(job.jobId, await catalogManager.segments(job.jobId));
      jobs.update({ ...job, status, endedAtMs: this.#environment.nowMs() });
    }
    return {
      jobId: job.jobId,
      status,
      objectsWritten: end.summary.objectsWritten,
      objectsSkipped: end.summary.objectsSkipped,
      objectsContinued: end.summary.objectsContinued,
      objectsUnreadable: end.summary.objectsUnreadable,
      containersSkipped: end.summary.containersSkipped,
      filesOpened: end.summary.filesOpened,
      bytesWritten: end.streamOffset - start.streamOffset,
      bytesSaved: start.streamOffset,
      counts: mediaServer.counts(),
      ...(plan === undefined ? {} : { plan }),
    };
  }
}

const nothingDone: Omit<JobResult, "jobId" | "status"> = {
  objectsWritten: 0n,
  objectsSkipped: 0n,
  objectsContinued: 0n,
  objectsUnreadable: 0n,
  containersSkipped: 0n,
  filesOpened: 0n,
  bytesWritten: 0n,
  bytesSaved: 0n,
  counts: { submitted: 0n, accepted: 0n, durable: 0n, verified: 0n },
};

function resumeSession(boundary: BoundaryDecision): NonNullable<WriteSession["resume"]> {
  const cut = boundary.cutSegment;
  return {
    boundary: boundary.boundary,
    behindFilemark: boundary.behindFilemark,
    filemarks: boundary.filemarks,
    ...(cut === undefined ? {} : { cutSegment: { segment: cut.segment, part: partOf(cut, boundary.boundary) } }),
  };
}

/** What the head of the first new segment says about the member it goes on with. */
function continuedSession(decision: ResumeDecision): WriteSession["continued"] {
  const { continued, boundary, records } = decision;
  if (continued === undefined) return undefined;
  const last = boundary?.cutSegment ?? records.segments.at(-1);
  if (last === undefined) return undefined;
  const end = boundary?.boundary ?? last.endPosition ?? last.firstDataBlock;
  return { member: cutMember(continued), part: partOf(last, end) };
}

function partOf(segment: Segment, end: bigint): ContinuedPart {
  return { volumeTag: segment.volumeTag, tapeFile: segment.tapeFile, validRecords: end - segment.headBlock };
}

function cutMember(object: ObjectAcross): CutMember {
  return {
    path: Buffer.concat([object.containerPath, object.name]),
    archivedBytes: object.archivedBytes,
    headerOffset: object.headerOffset,
    dataOffset: object.dataOffset,
    endOffset: object.endOffset,
    ...(object.sparseRealBytes === undefined ? {} : { sparseRealBytes: object.sparseRealBytes }),
    ...(object.firstDataEndOffset === undefined ? {} : { firstDataEndOffset: object.firstDataEndOffset }),
  };
}
