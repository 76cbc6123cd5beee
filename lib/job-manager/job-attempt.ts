// SPDX-License-Identifier: Apache-2.0
/** One attempt at a job: from its beginning, or from where the records and the tape say that it stopped. */
import { JobError } from "../errors.ts";
import { validRecordsOf } from "../format/segment-head.ts";
import type { EpochToken, JobRecords, ObjectAcross } from "../protocol/catalog-manager.ts";
import { noTime } from "../protocol/job-time.ts";
import type { JobEntry, JobResult, JobStatus, ResumePlan, RunOptions } from "../protocol/job.ts";
import type { PreparedVolume, WriteSession } from "../protocol/media-server.ts";
import type { ContinuedPart, CutMember } from "../protocol/tape.ts";
import { runAttempt } from "./attempt-run.ts";
import { fromTheBeginning, objectsOfComplete } from "./call-totals.ts";
import type { AttemptStart, CallTotals } from "./call-totals.ts";
import { digestPieces } from "./cut-extents.ts";
import type { CutExtent } from "./cut-extents.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { runJob } from "./job-run.ts";
import type { JobServers, RunStart } from "./job-run.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { causeOf, goneOn, noteInterrupted, withoutCause } from "./interruption-cause.ts";
import { examineInterruptedJob, planOf, storyOf, undigestedPieces } from "./resume-plan.ts";
import type { ResumeDecision } from "./resume-plan.ts";
import { exceptionsOf, notStarted, stillToBackUp } from "./source-volumes.ts";
import { writtenAgainText } from "./written-again.ts";
import { partWithVolumes } from "./tape-decision.ts";
import type { TapeWish } from "./tape-decision.ts";

export interface AttemptOptions extends RunOptions, TapeWish {
  readonly trustCatalog?: boolean;
}

/** The job's first attempt. */
export async function beginJob(
  environment: JobManagerEnvironment,
  servers: JobServers,
  job: JobEntry,
  options: AttemptOptions,
  totals: CallTotals,
): Promise<JobResult> {
  const { catalogManager, catalogServer, settings } = environment;
  const { jobId, pool, sources } = job;
  let started: { readonly token: EpochToken; readonly prepared: PreparedVolume };
  try {
    const prepared = await servers.media.prepare({ pool });
    const { recordSizeBytes } = prepared.volume;
    const { crossMounts } = settings;
    const token = await catalogManager.createJob({ jobId, sources, settings: { pool, recordSizeBytes, crossMounts } });
    started = { token, prepared };
  } catch (error) {
    await notBegun(environment, job, error);
    throw error;
  }
  const { token, prepared } = started;
  const start: RunStart = {
    token,
    pool,
    mediaSet: prepared.mediaSet,
    recordSizeBytes: prepared.volume.recordSizeBytes,
    streamOffset: 0n,
    nextSegment: 1,
    sources: notStarted(sources),
    asks: false,
    trustCatalog: false,
    crossMounts: settings.crossMounts,
    afterCut: false,
  };
  const begun = { ...withoutCause(job), mediaSet: prepared.mediaSet };
  const opened = (): Promise<void> => catalogServer.openEmpty(jobId);
  return run(environment, servers, begun, { run: start, options, attempt: fromTheBeginning, totals, opened });
}

/** A job of which nothing was recorded never began: there is nothing to resume, and nothing to ask for. */
export async function notBegun(environment: JobManagerEnvironment, job: JobEntry, error: unknown): Promise<void> {
  const { catalogManager, jobs, mediaServer, nowMs } = environment;
  // Where that cannot be said it may be resumed; the error that is told is the first one.
  // So may one whose records are lost: it has written, and whoever asked for it has not had it yet (H4).
  if ((await catalogManager.hasRecords(job.jobId).catch(() => "some")) !== "none") {
    noteInterrupted(jobs, job, error);
    return;
  }
  jobs.update({ ...job, status: "failed", endedAtMs: nowMs() });
  await mediaServer.releaseVolumes(job.jobId, []);
}

/** Goes on with an interrupted job: steps 0 to 10 of durability.md, section 5. */
export async function goOnWithJob(
  environment: JobManagerEnvironment,
  servers: JobServers,
  job: JobEntry,
  options: AttemptOptions,
  totals: CallTotals,
): Promise<JobResult> {
  const { catalogManager, jobs } = environment;
  const { jobId } = job;
  const records = await catalogManager.loadJob(jobId);
  if (records.done !== undefined) return finishRecorded(environment, job, records.done, records, totals);
  const decision = await examineInterruptedJob(environment, servers, records, options);
  if (decision.refusal !== undefined) throw decision.refusal;
  const plan = planOf(decision);
  const extents = await cutExtents(servers, decision);
  const { pool, recordSizeBytes } = records.settings;
  // A job of version 0.1 has no set: its segments name the pool in its place.
  const mediaSet = job.mediaSet ?? pool;
  const moves = decision.boundary === undefined || decision.leaves !== undefined;
  await partWithVolumes(servers.media, decision);
  if (moves) await servers.media.prepare({ pool, mediaSet, recordSizeBytes, written: writtenBy(decision.records) });
  const resuming: JobEntry = { ...job, status: "resuming", mediaSet };
  jobs.update(resuming);
  const again = writtenAgainText(await catalogManager.casualties(jobId, decision.streamOffset));
  const story = storyOf(decision, causeOf(job));
  const told = again === undefined ? story : { ...story, reasons: [...story.reasons, again] };
  if (again !== undefined) options.onNotice?.({ type: "notice", jobId, kind: "writtenAgain", text: again });
  const token = await catalogManager.beginEpoch(jobId, told);
  const opened = async (): Promise<void> => {
    if (decision.continued !== undefined) await catalogManager.extentsCut(token, decision.continued, extents);
  };
  const start = resumeStart(token, decision, options.trustCatalog ?? false, mediaSet);
  const attempt = attemptStart(decision);
  return run(environment, servers, goneOn(resuming), { run: start, options, attempt, totals, plan, opened });
}

function attemptStart({ boundary, catalog, continued, records, streamOffset }: ResumeDecision): AttemptStart {
  return {
    streamOffset,
    objects: catalog.objectsDurable,
    objectsOfComplete: objectsOfComplete(records.sourceVolumes),
    continuesObject: continued !== undefined,
    adoptedBytes: adoptedBytes(records, boundary),
  };
}

export function adoptedBytes({ settings }: JobRecords, boundary: BoundaryDecision | undefined): bigint {
  return (boundary?.adoptedBlocks ?? 0n) * BigInt(settings.recordSizeBytes);
}

/** Volumes that hold segments of the job. */
export function writtenBy({ segments }: JobRecords): readonly string[] {
  return [...new Set(segments.map(({ volumeUuid }) => volumeUuid))];
}

/**
 * JOB_DONE is on disk; the process ended before the catalog store had the job, or before its volumes were released. A
 * cancelled one leaves nothing on them: behind what it wrote there may be no filemark to append to.
 */
export async function finishRecorded(
  { catalogManager, jobs, mediaServer, nowMs }: JobManagerEnvironment,
  job: JobEntry,
  status: JobStatus,
  records: JobRecords,
  totals: CallTotals,
): Promise<JobResult> {
  const { durableStreamOffset: streamOffset, sourceVolumes } = records;
  if (status !== "cancelled") await catalogManager.foldJob(job.jobId);
  await mediaServer.releaseVolumes(job.jobId, status === "cancelled" ? [] : records.segments);
  jobs.update({ ...withoutCause(job), status, endedAtMs: nowMs() });
  const objects = objectsOfComplete(sourceVolumes);
  // It writes nothing more: what an attempt before it in this call wrote is the call's.
  totals.attemptBegan({ ...fromTheBeginning, streamOffset, objects, objectsOfComplete: objects });
  const objectsUnreadable = exceptionsOf(sourceVolumes);
  return { ...nothingDone, jobId: job.jobId, status, objectsUnreadable, bytesSaved: streamOffset };
}

/** What is on tape of the object that the job goes on with, and has no extent yet. */
async function cutExtents({ media }: JobServers, decision: ResumeDecision): Promise<readonly CutExtent[]> {
  return digestPieces(media, undigestedPieces(decision), decision.records.settings.recordSizeBytes);
}

function resumeStart(token: EpochToken, decision: ResumeDecision, trustCatalog: boolean, mediaSet: string): RunStart {
  const { records, boundary, leaves } = decision;
  const continued = continuedSession(decision);
  const { pool, recordSizeBytes, crossMounts } = records.settings;
  return {
    token,
    mediaSet,
    pool,
    recordSizeBytes,
    crossMounts,
    streamOffset: decision.streamOffset,
    nextSegment: records.nextSegment,
    sources: stillToBackUp(records.sourceVolumes, decision.continued?.sourceIndex),
    asks: true,
    trustCatalog,
    afterCut: boundary?.cutSegment !== undefined,
    ...(boundary === undefined || leaves !== undefined ? {} : { resume: resumeSession(boundary) }),
    ...(decision.continued === undefined ? {} : { continued: decision.continued }),
    ...(continued === undefined ? {} : { continuedPart: continued }),
  };
}

interface Attempt {
  readonly run: RunStart;
  readonly options: RunOptions;
  readonly attempt: AttemptStart;
  readonly totals: CallTotals;
  readonly plan?: ResumePlan;
  /** What comes first in a temporary catalog that was just begun, or has a new epoch. */
  readonly opened: () => Promise<void>;
}

async function run(
  environment: JobManagerEnvironment,
  servers: JobServers,
  job: JobEntry,
  { attempt, opened, options, plan, run: start, totals }: Attempt,
): Promise<JobResult> {
  const { end, objectsUnreadable, status } = await runAttempt(environment, {
    job,
    token: start.token,
    start: attempt,
    totals,
    counts: () => servers.media.counts(),
    time: () => servers.media.time(),
    work: async () => {
      await opened();
      return runJob(environment, servers, start, options);
    },
  });
  const { objectsWritten, objectsSkipped, objectsContinued, containersSkipped, filesOpened } = end.summary;
  return {
    jobId: job.jobId,
    status,
    objectsWritten,
    objectsSkipped,
    objectsContinued,
    objectsUnreadable,
    containersSkipped,
    filesOpened,
    bytesWritten: end.streamOffset - start.streamOffset,
    bytesSaved: start.streamOffset,
    counts: servers.media.counts(),
    time: servers.media.time(),
    ...(plan === undefined ? {} : { plan }),
  };
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
  time: noTime,
};

const canGoOn: readonly JobStatus[] = ["queued", "running", "resuming", "interrupted"];

/** @throws JobError unless the job may go on: an entry whose process is gone is an interrupted job, whatever it says */
export function refuseUnlessInterrupted(job: JobEntry | undefined, jobId: string): JobEntry {
  if (job === undefined)
    throw new JobError(`there is no job ${jobId}: see tidemark job list`, { code: "ERR_TAPE_JOB_UNKNOWN" });
  if (canGoOn.includes(job.status)) return job;
  throw new JobError(`job ${jobId} is ${job.status}: only an interrupted job can go on or be cancelled`, {
    code: "ERR_TAPE_JOB_STATE",
  });
}

export function resumeSession(boundary: BoundaryDecision): NonNullable<WriteSession["resume"]> {
  const { behindFilemark, filemarks } = boundary;
  return { boundary: boundary.boundary, behindFilemark, filemarks };
}

/** What the head of the first new segment says about the member it goes on with. */
function continuedSession(decision: ResumeDecision): WriteSession["continued"] {
  const { continued, records, streamOffset } = decision;
  if (continued === undefined) return undefined;
  const part = partBefore(records, streamOffset);
  return part === undefined ? undefined : { member: cutMember(continued), part };
}

/** Segments without data may stand behind the one that holds the part: footers, and a head on the next volume. */
export function partBefore({ segments, settings }: JobRecords, streamOffset: bigint): ContinuedPart | undefined {
  const last = segments.findLast(({ streamStart }) => streamStart < streamOffset);
  if (last === undefined) return undefined;
  const { volumeTag, tapeFile, streamStart } = last;
  return { volumeTag, tapeFile, validRecords: validRecordsOf(streamOffset - streamStart, settings.recordSizeBytes) };
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
