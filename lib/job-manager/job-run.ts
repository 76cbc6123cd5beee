// SPDX-License-Identifier: Apache-2.0
/**
 * One run of a job over its source volumes: the loop between data server (barriers) and media server (segments).
 * Media server and catalog server are up before the data server hears anything.
 */
import type { CatalogSpace, EpochToken, ObjectAcross } from "../protocol/catalog-manager.ts";
import type { DataServer, DataServerListener, SourceSummary } from "../protocol/data-server.ts";
import { timeBetween, waitOf } from "../protocol/job-time.ts";
import type { JobProgress, RunOptions } from "../protocol/job.ts";
import type { MediaSession, WriteSession } from "../protocol/media-server.ts";
import type { SourceVolume } from "../protocol/source-volume.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import { outOfSpace, watchSpace } from "./record-space.ts";

export interface RunStart {
  readonly token: EpochToken;
  readonly pool: string;
  readonly mediaSet: string;
  readonly recordSizeBytes: number;
  readonly streamOffset: bigint;
  readonly nextSegment: number;
  readonly sources: readonly SourceVolume[];
  /** A resume: containers are asked about. */
  readonly asks: boolean;
  readonly trustCatalog: boolean;
  readonly crossMounts: boolean;
  readonly resume?: WriteSession["resume"];
  readonly afterCut: boolean;
  readonly continued?: ObjectAcross;
  readonly continuedPart?: WriteSession["continued"];
}

/** The servers that work for one job. */
export interface JobServers {
  readonly media: MediaSession;
  readonly data: DataServer;
}

export interface RunEnd {
  readonly outcome: "done" | "stopped";
  readonly streamOffset: bigint;
  readonly summary: SourceSummary;
}

type Signal =
  | { readonly kind: "barrier"; readonly streamOffset: bigint }
  | { readonly kind: "sourceDone"; readonly summary: SourceSummary }
  | { readonly kind: "stop" }
  | { readonly kind: "spaceLow"; readonly space: CatalogSpace }
  | { readonly kind: "failed"; readonly error: Error };

const nothing: SourceSummary = {
  objectsWritten: 0n,
  objectsSkipped: 0n,
  objectsContinued: 0n,
  objectsUnreadable: 0n,
  containersWritten: 0n,
  containersPartial: 0n,
  containersSkipped: 0n,
  dataBytes: 0n,
  filesOpened: 0n,
};

/** Signals in order of arrival; the loop takes them one by one. */
class SignalQueue {
  readonly #waiting: Signal[] = [];
  #wake: ((signal: Signal) => void) | undefined;

  push(signal: Signal): void {
    const wake = this.#wake;
    if (wake === undefined) {
      this.#waiting.push(signal);
      return;
    }
    this.#wake = undefined;
    wake(signal);
  }

  next(): Promise<Signal> {
    const first = this.#waiting.shift();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** Writes the given source volumes to tape; returns when all are done or a stop was asked for. */
export async function runJob(
  environment: JobManagerEnvironment,
  servers: JobServers,
  start: RunStart,
  options: RunOptions,
): Promise<RunEnd> {
  const { catalogServer, settings } = environment;
  const { data: dataServer, media } = servers;
  const ring = environment.createRing(start.recordSizeBytes, settings.ringBytes);
  const signals = new SignalQueue();
  const stop = (): void => signals.push({ kind: "stop" });
  options.signal?.addEventListener("abort", stop);
  const stopProgress = reportProgress(environment, servers, start, options);
  try {
    if (options.signal?.aborted === true)
      return { outcome: "stopped", streamOffset: start.streamOffset, summary: nothing };
    if (isAllOnTape(start)) return { outcome: "done", streamOffset: start.streamOffset, summary: nothing };
    const segmentRecordBytes = await media.beginWriting({
      token: start.token,
      ring,
      streamOffset: start.streamOffset,
      pool: start.pool,
      mediaSet: start.mediaSet,
      afterCut: start.afterCut,
      nextSegment: start.nextSegment,
      checkpointBytes: settings.checkpointBytes,
      checkpointMs: settings.checkpointMs,
      memberAt: (streamOffset) => dataServer.memberAt(streamOffset),
      ...(start.resume === undefined ? {} : { resume: start.resume }),
      ...(start.continuedPart === undefined ? {} : { continued: start.continuedPart }),
    });
    watchSpace(environment.catalogManager, start.token, (space) => signals.push({ kind: "spaceLow", space }));
    media.failure().catch((error: unknown) => signals.push({ kind: "failed", error: asError(error) }));
    const linkTargets = start.asks ? await catalogServer.linkTargets(start.token.jobId) : undefined;
    await dataServer.open(
      {
        token: start.token,
        ring,
        ...(settings.readers === undefined ? {} : { readers: settings.readers }),
        streamOffset: start.streamOffset,
        firstContainerId: await environment.catalogManager.nextContainerId(start.token.jobId),
        segmentBytes: settings.segmentBytes,
        segmentRecordBytes,
      },
      listener(signals),
    );
    return await writeSources(environment, servers, start, signals, linkTargets);
  } finally {
    stopProgress();
    options.signal?.removeEventListener("abort", stop);
    await dataServer.close();
    await media.endWriting();
    ring.close();
  }
}

/** The process ended between the last segment and JOB_DONE: footers and filemark are there, only the record is missing. */
function isAllOnTape({ sources, afterCut, resume }: RunStart): boolean {
  return sources.length === 0 && !afterCut && resume?.behindFilemark === true;
}

function listener(signals: SignalQueue): DataServerListener {
  return {
    barrier: (streamOffset) => signals.push({ kind: "barrier", streamOffset }),
    sourceDone: (summary) => signals.push({ kind: "sourceDone", summary }),
    failed: (error) => signals.push({ kind: "failed", error }),
  };
}

async function writeSources(
  environment: JobManagerEnvironment,
  servers: JobServers,
  start: RunStart,
  signals: SignalQueue,
  linkTargets: Uint8Array | undefined,
): Promise<RunEnd> {
  const { catalogManager } = environment;
  const { data: dataServer, media } = servers;
  let streamOffset = start.streamOffset;
  let summary = nothing;
  // Only records are left to be written: the segment that was begun for them ends at once.
  if (start.sources.length === 0) await media.endSegmentAt(streamOffset, { endsJob: true });
  for (const [turn, source] of start.sources.entries()) {
    if (source.streamStart === undefined)
      await catalogManager.sourceVolumeOpened(start.token, source.index, streamOffset);
    if (turn > 0) {
      dataServer.release(await media.nextSegment());
    }
    await dataServer.startSource({
      index: source.index,
      path: source.path,
      crossMounts: start.crossMounts,
      asks: start.asks,
      trustCatalog: start.trustCatalog,
      ...(linkTargets === undefined ? {} : { linkTargets }),
      ...(start.continued?.sourceIndex === source.index ? { continued: start.continued } : {}),
    });
    const end = await writeSource(servers, signals, turn === start.sources.length - 1);
    if (end === "stopped") {
      await media.checkpointAndStop();
      return { outcome: "stopped", streamOffset: media.progress()?.streamOffset ?? streamOffset, summary };
    }
    streamOffset = end.streamOffset;
    summary = add(summary, end.summary);
    await catalogManager.sourceVolumeDone(start.token, source.index, {
      containers: end.summary.containersWritten + end.summary.containersPartial + end.summary.containersSkipped,
      objects: end.summary.objectsWritten + end.summary.objectsSkipped + end.summary.objectsContinued,
      exceptions: end.summary.objectsUnreadable,
      endOffset: streamOffset,
    });
  }
  return { outcome: "done", streamOffset, summary };
}

/** One source volume to its end: every barrier ends a segment. */
async function writeSource(
  { data, media }: JobServers,
  signals: SignalQueue,
  isLast: boolean,
): Promise<{ readonly streamOffset: bigint; readonly summary: SourceSummary } | "stopped"> {
  let done: SourceSummary | undefined;
  for (;;) {
    const signal = await signals.next();
    switch (signal.kind) {
      case "stop":
        return "stopped";
      case "spaceLow":
        await media.checkpointAndStop();
        throw outOfSpace(signal.space);
      case "failed":
        throw signal.error;
      case "sourceDone":
        done = signal.summary;
        break;
      case "barrier":
        await media.endSegmentAt(signal.streamOffset, { endsJob: isLast && done !== undefined });
        if (done !== undefined) return { streamOffset: signal.streamOffset, summary: done };
        data.release(await media.nextSegment());
        break;
    }
  }
}

/** Turns what the servers know into progress reports. */
function reportProgress(
  environment: JobManagerEnvironment,
  { data, media }: JobServers,
  start: RunStart,
  options: RunOptions,
): () => void {
  const report = options.onProgress;
  if (report === undefined) return () => undefined;
  let lastBytes = start.streamOffset;
  let lastMs = environment.nowMs();
  let lastTime = media.time();
  return environment.everyReport(() => {
    const packed = data.progress();
    const written = media.progress();
    const nowMs = environment.nowMs();
    const streamOffset = written?.streamOffset ?? start.streamOffset;
    const seconds = Math.max(nowMs - lastMs, 1) / 1000;
    const time = media.time();
    const waitsFor = waitOf(timeBetween(lastTime, time));
    const progress: JobProgress = {
      type: "progress",
      jobId: start.token.jobId,
      phase: written === undefined ? "preparing" : "writing",
      objects: packed.objects,
      bytes: packed.bytesReserved,
      bytesPerSecond: Math.round(Number(streamOffset - lastBytes) / seconds),
      streamOffset,
      bytesAtRisk: written?.bytesAtRisk ?? 0n,
      ...(written === undefined ? {} : { volumeTag: written.volumeTag, tapePosition: written.position }),
      currentPath: packed.currentPath,
      time,
      ...(waitsFor === undefined ? {} : { waitsFor }),
      readers: packed.readers,
    };
    lastTime = time;
    lastBytes = streamOffset;
    lastMs = nowMs;
    report(progress);
  });
}

function add(left: SourceSummary, right: SourceSummary): SourceSummary {
  return {
    objectsWritten: left.objectsWritten + right.objectsWritten,
    objectsSkipped: left.objectsSkipped + right.objectsSkipped,
    objectsContinued: left.objectsContinued + right.objectsContinued,
    objectsUnreadable: left.objectsUnreadable + right.objectsUnreadable,
    containersWritten: left.containersWritten + right.containersWritten,
    containersPartial: left.containersPartial + right.containersPartial,
    containersSkipped: left.containersSkipped + right.containersSkipped,
    dataBytes: left.dataBytes + right.dataBytes,
    filesOpened: left.filesOpened + right.filesOpened,
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
