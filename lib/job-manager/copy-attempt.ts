// SPDX-License-Identifier: Apache-2.0
/** One attempt at a copy: from the stream's beginning, or from where its own records and its tape say that it stopped. */
import { JobError } from "../errors.ts";
import type { JobRecords } from "../protocol/catalog-manager.ts";
import type { JobEntry, JobResult, JobStatus } from "../protocol/job.ts";
import type { SessionPair, WriteSession } from "../protocol/media-server.ts";
import type { StoredStream } from "../protocol/catalog-server.ts";
import { cutMemberAt } from "./cut-member.ts";
import { runCopy } from "./copy-run.ts";
import type { CopyRunEnd, CopyRunStart } from "./copy-run.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { finishRecorded, noteInterrupted, partBefore, resumeSession, writtenBy } from "./job-attempt.ts";
import type { AttemptOptions } from "./job-attempt.ts";
import { causeOf, interruptedBy, stoppedOnRequest, withoutCause } from "./interruption-cause.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { storyOf } from "./resume-plan.ts";
import { boundaryRecord, decideOnTape, partWithVolumes } from "./tape-decision.ts";
import type { TapeDecision, TapeWish } from "./tape-decision.ts";

export async function beginCopy(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  options: AttemptOptions,
): Promise<JobResult> {
  const { catalogManager, jobs } = environment;
  const { jobId, pool, sources } = job;
  const copyOfJobId = sourceOf(job);
  try {
    const sourceJobId = await environment.chooseStream(copyOfJobId);
    const stream = await environment.catalogServer.storedStream(sourceJobId);
    const { recordSizeBytes } = stream;
    const { mediaSet } = await pair.writing.prepare({ pool, recordSizeBytes });
    const settings = { pool, recordSizeBytes, crossMounts: false, copyOfJobId };
    const token = await catalogManager.createJob({ jobId, sources, settings });
    const session = { streamOffset: 0n, pool, mediaSet, nextSegment: 1, afterCut: false };
    const begun = { ...job, mediaSet };
    return await run(
      environment,
      pair,
      begun,
      { token, sourceJobId: stream.jobId, endOffset: stream.endOffset, session, recordSizeBytes },
      options,
    );
  } catch (error) {
    // A copy of which nothing could be recorded never began.
    if (!(await catalogManager.hasRecords(jobId))) {
      jobs.update({ ...job, status: "failed", endedAtMs: environment.nowMs() });
    }
    throw error;
  }
}

/** Durability.md, section 5; the stream is on tape already, so nothing is asked about and nothing written again. */
export async function goOnWithCopy(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  options: AttemptOptions,
): Promise<JobResult> {
  const { catalogManager, catalogServer, jobs } = environment;
  const records = await catalogManager.loadJob(job.jobId);
  if (records.done !== undefined) return finishRecorded(environment, job, records.done, records);
  const stream = await catalogServer.storedStream(await environment.chooseStream(sourceOf(job)));
  const decision = await examineCopy(environment, pair, records, stream, options);
  const { boundary, leaves, streamOffset } = decision;
  // Read before anything is written: its header is on the cartridges that are copied.
  const member = await cutMemberAt(environment, pair, stream, streamOffset);
  const { pool, recordSizeBytes } = records.settings;
  const mediaSet = job.mediaSet ?? pool;
  await partWithVolumes(pair.writing, decision);
  const moves = boundary === undefined || leaves !== undefined;
  if (moves) await pair.writing.prepare({ pool, mediaSet, recordSizeBytes, written: writtenBy(records) });
  const going: JobEntry = { ...withoutCause(job), status: "resuming", interruptions: job.interruptions + 1, mediaSet };
  jobs.update(going);
  const token = await catalogManager.beginEpoch(job.jobId, storyOf(decision, causeOf(job)));
  const part = partBefore(records, streamOffset);
  const session: CopyRunStart["session"] = {
    streamOffset,
    pool,
    mediaSet,
    nextSegment: records.segments.reduce((latest, { segment }) => Math.max(latest, segment), 0) + 1,
    afterCut: boundary?.cutSegment !== undefined,
    ...(boundary === undefined || leaves !== undefined ? {} : resumed(boundary)),
    ...(member === undefined || part === undefined ? {} : { continued: { member, part } }),
  };
  return run(
    environment,
    pair,
    going,
    { token, sourceJobId: stream.jobId, endOffset: stream.endOffset, session, recordSizeBytes },
    options,
  );
}

function resumed(boundary: BoundaryDecision): Pick<WriteSession, "resume"> {
  return { resume: resumeSession(boundary) };
}

/** Steps 0 to 6: changes no durable state, on disk or on tape. */
async function examineCopy(
  { catalogManager, catalogServer }: JobManagerEnvironment,
  { writing }: SessionPair,
  records: JobRecords,
  stream: StoredStream,
  wish: TapeWish,
): Promise<TapeDecision> {
  const decision = await decideOnTape(catalogManager, writing, records, wish, (streamOffset) =>
    catalogServer.memberAcross(stream.jobId, streamOffset),
  );
  if (decision.refusal !== undefined) throw decision.refusal;
  await catalogManager.applyBoundary(records.jobId, boundaryRecord(decision));
  return decision;
}

async function run(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  start: CopyRunStart,
  options: AttemptOptions,
): Promise<JobResult> {
  const { jobs, catalogManager, mediaServer } = environment;
  let end: CopyRunEnd;
  let status: JobStatus;
  try {
    jobs.update({ ...job, status: "running" });
    end = await runCopy(environment, pair, start, options);
    status = end.outcome === "stopped" ? "interrupted" : await statusOf(environment, job);
    if (status === "complete" || status === "completeWithExceptions") {
      await catalogManager.finishJob(start.token, status, end.streamOffset);
      await mediaServer.releaseVolumes(job.jobId, await catalogManager.segments(job.jobId));
      jobs.update({ ...job, status, endedAtMs: environment.nowMs() });
    } else jobs.update(interruptedBy(job, stoppedOnRequest));
  } catch (error) {
    noteInterrupted(jobs, job, error);
    throw error;
  }
  return {
    jobId: job.jobId,
    status,
    objectsWritten: end.objects,
    objectsSkipped: 0n,
    objectsContinued: start.session.continued === undefined ? 0n : 1n,
    objectsUnreadable: 0n,
    containersSkipped: 0n,
    filesOpened: 0n,
    bytesWritten: end.streamOffset - start.session.streamOffset,
    bytesSaved: start.session.streamOffset,
    counts: pair.writing.counts(),
  };
}

/** A copy is as complete as what it is a copy of. */
function statusOf({ jobs }: JobManagerEnvironment, job: JobEntry): Promise<JobStatus> {
  const original = jobs.get(sourceOf(job))?.status;
  return Promise.resolve(original === "completeWithExceptions" ? original : "complete");
}

function sourceOf({ copyOfJobId, jobId }: JobEntry): string {
  if (copyOfJobId !== undefined) return copyOfJobId;
  throw new JobError(`job ${jobId} is no copy`, { code: "ERR_TAPE_JOB_STATE" });
}
