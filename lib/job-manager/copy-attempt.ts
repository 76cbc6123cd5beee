// SPDX-License-Identifier: Apache-2.0
/** One attempt at a copy: from the stream's beginning, or from where its own records and its tape say that it stopped. */
import { JobError } from "../errors.ts";
import type { JobRecords } from "../protocol/catalog-manager.ts";
import type { JobEntry, JobResult } from "../protocol/job.ts";
import type { SessionPair, WriteSession } from "../protocol/media-server.ts";
import type { StoredStream } from "../protocol/catalog-server.ts";
import { runAttempt } from "./attempt-run.ts";
import { fromTheBeginning } from "./call-totals.ts";
import type { AttemptStart, CallTotals } from "./call-totals.ts";
import { cutMemberAt } from "./cut-member.ts";
import { runCopy, unreadable } from "./copy-run.ts";
import type { CopyRunStart } from "./copy-run.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { adoptedBytes, finishRecorded, notBegun, partBefore, resumeSession, writtenBy } from "./job-attempt.ts";
import type { AttemptOptions } from "./job-attempt.ts";
import { causeOf, goneOn, withoutCause } from "./interruption-cause.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { storyOf } from "./resume-plan.ts";
import { boundaryRecord, decideOnTape, partWithVolumes } from "./tape-decision.ts";
import type { TapeDecision, TapeWish } from "./tape-decision.ts";

export async function beginCopy(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  options: AttemptOptions,
  totals: CallTotals,
): Promise<JobResult> {
  const { catalogManager } = environment;
  const { jobId, pool, sources } = job;
  const copyOfJobId = sourceOf(job);
  let begun: { readonly start: CopyRunStart; readonly mediaSet: string };
  try {
    const stream = await environment.catalogServer.storedStream(await environment.chooseStream(copyOfJobId));
    const { recordSizeBytes } = stream;
    const { mediaSet } = await pair.writing.prepare({ pool, recordSizeBytes });
    const settings = { pool, recordSizeBytes, crossMounts: false, copyOfJobId };
    const token = await catalogManager.createJob({ jobId, sources, settings });
    const session = { streamOffset: 0n, pool, mediaSet, nextSegment: 1, afterCut: false };
    begun = { start: { token, stream, session, recordSizeBytes }, mediaSet };
  } catch (error) {
    await notBegun(environment, job, error);
    throw error;
  }
  const { start, mediaSet } = begun;
  return run(
    environment,
    pair,
    { ...withoutCause(job), mediaSet },
    { run: start, options, attempt: fromTheBeginning, totals },
  );
}

/** Durability.md, section 5; the stream is on tape already, so nothing is asked about and nothing written again. */
export async function goOnWithCopy(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  options: AttemptOptions,
  totals: CallTotals,
): Promise<JobResult> {
  const { catalogManager, catalogServer, jobs } = environment;
  const records = await catalogManager.loadJob(job.jobId);
  if (records.done !== undefined) return finishRecorded(environment, job, records.done, records, totals);
  const stream = await catalogServer.storedStream(await environment.chooseStream(sourceOf(job)));
  const decision = await examineCopy(environment, pair, records, stream, options);
  const { boundary, leaves, streamOffset } = decision;
  // Read before anything is written: its header is on the cartridges that are copied.
  const member = await cutMemberAt(environment, pair, stream, streamOffset).catch((error: unknown) => {
    throw unreadable(error, job.jobId, stream.jobId);
  });
  const { pool, recordSizeBytes } = records.settings;
  const mediaSet = job.mediaSet ?? pool;
  await partWithVolumes(pair.writing, decision);
  const moves = boundary === undefined || leaves !== undefined;
  if (moves) await pair.writing.prepare({ pool, mediaSet, recordSizeBytes, written: writtenBy(records) });
  const resuming: JobEntry = { ...job, status: "resuming", mediaSet };
  jobs.update(resuming);
  const token = await catalogManager.beginEpoch(job.jobId, storyOf(decision, causeOf(job)));
  const part = partBefore(records, streamOffset);
  const session: CopyRunStart["session"] = {
    streamOffset,
    pool,
    mediaSet,
    nextSegment: records.nextSegment,
    afterCut: boundary?.cutSegment !== undefined,
    ...(boundary === undefined || leaves !== undefined ? {} : resumed(boundary)),
    ...(member === undefined || part === undefined ? {} : { continued: { member, part } }),
  };
  const start = { token, stream, session, recordSizeBytes };
  const objects = await catalogServer.objectsBefore(stream.jobId, streamOffset);
  const attempt: AttemptStart = {
    streamOffset,
    objects,
    objectsOfComplete: objects,
    continuesObject: false,
    adoptedBytes: adoptedBytes(records, boundary),
  };
  return run(environment, pair, goneOn(resuming), { run: start, options, attempt, totals });
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

interface CopyAttempt {
  readonly run: CopyRunStart;
  readonly options: AttemptOptions;
  readonly attempt: AttemptStart;
  readonly totals: CallTotals;
}

async function run(
  environment: JobManagerEnvironment,
  pair: SessionPair,
  job: JobEntry,
  { attempt, options, run: start, totals }: CopyAttempt,
): Promise<JobResult> {
  const { streamOffset, continued } = start.session;
  const { end, objectsUnreadable, status } = await runAttempt(environment, {
    job,
    token: start.token,
    start: attempt,
    totals,
    counts: () => pair.writing.counts(),
    time: () => pair.writing.time(),
    work: () => runCopy(environment, pair, start, options),
  });
  return {
    jobId: job.jobId,
    status,
    objectsWritten: end.objects,
    objectsSkipped: 0n,
    objectsContinued: continued === undefined ? 0n : 1n,
    objectsUnreadable,
    containersSkipped: 0n,
    filesOpened: 0n,
    bytesWritten: end.streamOffset - streamOffset,
    bytesSaved: streamOffset,
    counts: pair.writing.counts(),
    time: pair.writing.time(),
  };
}

function sourceOf({ copyOfJobId, jobId }: JobEntry): string {
  if (copyOfJobId !== undefined) return copyOfJobId;
  throw new JobError(`job ${jobId} is no copy`, { code: "ERR_TAPE_JOB_STATE" });
}
