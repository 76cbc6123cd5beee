// SPDX-License-Identifier: Apache-2.0
/**
 * One run of a copy: the stream of a finished job goes from one drive through a ring to another, record by record, and
 * the copy's temporary catalog is told what it holds before it is written.
 */
import { FormatError, JobError } from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { CopyBatch, StoredStream } from "../protocol/catalog-server.ts";
import type { CatalogSpace, EpochToken } from "../protocol/catalog-manager.ts";
import { timeBetween, waitOf } from "../protocol/job-time.ts";
import type { RunOptions } from "../protocol/job.ts";
import type { SessionPair, StreamFeed, WriteSession } from "../protocol/media-server.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { outOfSpace, watchSpace } from "./record-space.ts";

export interface CopyRunStart {
  readonly token: EpochToken;
  /** Of the finished job, or copy, whose segments are read. */
  readonly stream: StoredStream;
  readonly session: Omit<WriteSession, "ring" | "memberAt" | "token" | "checkpointBytes" | "checkpointMs">;
  readonly recordSizeBytes: number;
}

export interface CopyRunEnd {
  readonly outcome: "done" | "stopped";
  readonly streamOffset: bigint;
  readonly objects: bigint;
}

/** The reading side ends for one of these, and only then because its own work is done. */
interface Ending {
  stopped: boolean;
  /** A stretch is being read: it may wait for room in the ring. */
  isReading: boolean;
  /** The disk is full: stopped, for this reason. */
  full: CatalogSpace | undefined;
  failure: Error | undefined;
  /** Where the last member was given up: none goes on behind it. */
  givenUpAt: bigint;
}

export async function runCopy(
  environment: JobManagerEnvironment,
  servers: SessionPair,
  start: CopyRunStart,
  options: RunOptions,
): Promise<CopyRunEnd> {
  const { settings } = environment;
  const { streamOffset, continued, afterCut } = start.session;
  // Interrupted behind the stream's end: a segment that was opened now would hold nothing.
  if (streamOffset > 0n && streamOffset >= start.stream.endOffset && !afterCut)
    return { outcome: "done", streamOffset, objects: 0n };
  const ring = environment.createRing(start.recordSizeBytes, settings.ringBytes);
  const feed = environment.createFeed(ring, streamOffset);
  const ending: Ending = {
    stopped: options.signal?.aborted === true,
    isReading: false,
    full: undefined,
    failure: undefined,
    givenUpAt: 0n,
  };
  const stop = (): void => {
    ending.stopped = true;
    // It empties the ring: a segment that is being ended still needs what is in there.
    if (ending.isReading) feed.close();
  };
  options.signal?.addEventListener("abort", stop);
  const stopProgress = reportProgress(environment, servers, start, options);
  try {
    if (ending.stopped) return { outcome: "stopped", streamOffset, objects: 0n };
    await servers.writing.beginWriting({
      ...start.session,
      token: start.token,
      ring,
      checkpointBytes: settings.checkpointBytes,
      checkpointMs: settings.checkpointMs,
      memberAt: (offset) => {
        const member = feed.memberAt(offset) ?? continued?.member;
        const goesOn = member !== undefined && offset < member.endOffset && ending.givenUpAt <= member.headerOffset;
        return goesOn ? member : undefined;
      },
    });
    watchSpace(environment.catalogManager, start.token, (space) => {
      ending.full = space;
      stop();
    });
    servers.writing.failure().catch((error: unknown) => {
      ending.failure ??= asError(error);
      feed.close();
    });
    return await copyStream(environment, servers, start, feed, ending);
  } finally {
    stopProgress();
    options.signal?.removeEventListener("abort", stop);
    feed.close();
    await servers.writing.endWriting();
    ring.close();
  }
}

async function copyStream(
  environment: JobManagerEnvironment,
  servers: SessionPair,
  start: CopyRunStart,
  feed: StreamFeed,
  ending: Ending,
): Promise<CopyRunEnd> {
  const { catalogManager, catalogServer } = environment;
  const { token, stream, session } = start;
  const firstContainerId = Number(await catalogManager.nextContainerId(token.jobId));
  let streamOffset = session.streamOffset;
  let objects = 0n;
  let isOpen = true;
  // A process that was killed behind the end of a source volume had not said that it is done.
  await noteSourcesDone(environment, token, stream, streamOffset);
  for await (const batch of catalogServer.copyBatches(stream.jobId, { from: streamOffset, firstContainerId })) {
    if (!isOpen && ending.full !== undefined) throw outOfSpace(ending.full);
    if (!isOpen && ending.stopped) return { outcome: "stopped", streamOffset, objects };
    if (!isOpen) await servers.writing.nextSegment();
    isOpen = true;
    await noteSourcesBegun(environment, token, stream, batch.streamStart);
    await copyBatch(environment, servers, start, batch, feed, ending);
    if (ending.failure !== undefined) throw ending.failure;
    if (ending.stopped) {
      await servers.writing.checkpointAndStop();
      if (ending.full !== undefined) throw outOfSpace(ending.full);
      return { outcome: "stopped", streamOffset: servers.writing.progress()?.streamOffset ?? streamOffset, objects };
    }
    objects += BigInt(batch.objects);
    streamOffset = batch.streamEnd;
    if (batch.endsSegment === undefined) continue;
    if (batch.endsSegment === "closed") {
      await servers.writing.endSegmentAt(streamOffset, { endsJob: batch.endsJob });
    } else {
      await servers.writing.cutSegmentAt(streamOffset);
      ending.givenUpAt = streamOffset;
    }
    isOpen = false;
    await noteSourcesDone(environment, token, stream, streamOffset);
  }
  // Nothing of the stream was left to be written, only records: the segment that was begun for them ends at once.
  if (isOpen) await servers.writing.endSegmentAt(streamOffset, { endsJob: true });
  return { outcome: "done", streamOffset, objects };
}

async function noteSourcesBegun(
  { catalogManager }: JobManagerEnvironment,
  token: EpochToken,
  { sources }: StoredStream,
  reached: bigint,
): Promise<void> {
  const known = await catalogManager.sourceVolumes(token.jobId);
  for (const { index, streamStart } of sources) {
    if (streamStart > reached || known[index]?.status !== "notStarted") continue;
    await catalogManager.sourceVolumeOpened(token, index, streamStart);
  }
}

/** Of source volumes that end where the stream is durable; one of which nothing could be read ends where it begins. */
async function noteSourcesDone(
  environment: JobManagerEnvironment,
  token: EpochToken,
  stream: StoredStream,
  durable: bigint,
): Promise<void> {
  const { catalogManager } = environment;
  await noteSourcesBegun(environment, token, stream, durable);
  const known = await catalogManager.sourceVolumes(token.jobId);
  for (const { index, streamStart: _begun, streamEnd, ...counts } of stream.sources) {
    if (streamEnd > durable || known[index]?.status === "complete") continue;
    await catalogManager.sourceVolumeDone(token, index, { ...counts, endOffset: streamEnd });
  }
}

/** The records first: a block is not written before the catalog knows what ends in it. */
async function copyBatch(
  { catalogManager }: JobManagerEnvironment,
  { reading }: SessionPair,
  { token, stream }: CopyRunStart,
  batch: CopyBatch,
  feed: StreamFeed,
  ending: Ending,
): Promise<void> {
  if (batch.records.byteLength > 0) await catalogManager.appendFrame({ token, bytes: batch.records });
  feed.expectMembers(batch.members);
  for (const stretch of batch.stretches) {
    if (ending.stopped || ending.failure !== undefined) return;
    ending.isReading = true;
    await reading
      .readStretch(stretch, feed)
      .catch((error: unknown) => {
        throw unreadable(error, token.jobId, stream.jobId);
      })
      .finally(() => {
        ending.isReading = false;
      });
  }
  // The writer need not wait for the ring to fill: nothing more comes before it has ended the segment.
  if (batch.endsSegment !== undefined && !ending.stopped && ending.failure === undefined) feed.end();
}

/** A stream is copied as it is: where a block of it is gone, only the operator can say what shall come of it. */
export function unreadable(error: unknown, jobId: string, sourceJobId: string): unknown {
  if (!(isMediumFault(error) || error instanceof FormatError)) return error;
  return new JobError(
    `${error.message}. Which objects that hits: tidemark job verify ${sourceJobId}. ` +
      `Once the block can be read, the copy goes on behind what it has: tidemark job resume ${jobId}`,
    { code: error.code, cause: error },
  );
}

function reportProgress(
  environment: JobManagerEnvironment,
  { writing }: SessionPair,
  start: CopyRunStart,
  options: RunOptions,
): () => void {
  const { jobId } = start.token;
  let last = { bytes: start.session.streamOffset, ms: environment.nowMs(), time: writing.time() };
  return environment.everyReport(() => {
    const written = writing.progress();
    const now = { bytes: written?.streamOffset ?? last.bytes, ms: environment.nowMs(), time: writing.time() };
    const waitsFor = waitOf(timeBetween(last.time, now.time));
    options.onProgress?.({
      type: "progress",
      jobId,
      phase: "copying",
      objects: 0n,
      bytes: now.bytes,
      bytesPerSecond: Math.round(Number(now.bytes - last.bytes) / (Math.max(now.ms - last.ms, 1) / 1000)),
      streamOffset: now.bytes,
      bytesAtRisk: written?.bytesAtRisk ?? 0n,
      ...(written === undefined ? {} : { volumeTag: written.volumeTag, tapePosition: written.position }),
      currentPath: Buffer.alloc(0),
      time: now.time,
      ...(waitsFor === undefined ? {} : { waitsFor }),
    });
    last = now;
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
