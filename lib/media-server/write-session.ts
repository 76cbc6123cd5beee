// SPDX-License-Identifier: Apache-2.0
/**
 * Writes a job's stream to tape volumes: runs of the native writer between checkpoints, segment ends and volume
 * changes. Counts what was submitted, accepted and made durable.
 */
import { writeError } from "../device/check-result.ts";
import { JobError, TransportError } from "../errors.ts";
import type { NativeTapeWriter, WriterRun } from "../native/binding.ts";
import type { SetOfFooter } from "../protocol/catalog-manager.ts";
import type { WriteProgress, WriteSession } from "../protocol/media-server.ts";
import type { JobTime } from "../protocol/job-time.ts";
import type { ByteCounts, Segment } from "../protocol/tape.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { judgeRun } from "./interrupted-run.ts";
import type { RunVerdict } from "./interrupted-run.ts";
import { pause } from "./library-environment.ts";
import type { SegmentWriter } from "./segment-writer.ts";

/** What a writing session leaves to the one that holds the drive. */
export interface WriteSessionHost {
  /** Mounts the volume that follows a full one and gives its writer. */
  nextVolume(full: SegmentWriter): Promise<SegmentWriter>;
  /** Between two segments: gives the drive away if it is wanted more urgently. @returns the writer on the drive got back */
  giveWay(standing: SegmentWriter): Promise<SegmentWriter | undefined>;
  /** The media set as it stands at the job's end. */
  describeSet(): SetOfFooter;
  /** Makes of an error what the job is told. */
  failed(at: SegmentWriter, error: unknown): Error;
  /** Everything is on the medium and on disk, and a person wants the cartridge. */
  ejectWanted(at: SegmentWriter): Error;
}

/** So often in a row a run that was stopped goes on with the same record. */
const standstillsMax = 3;
const refusedPauseMs = 1000;

export class TapeWriteSession {
  readonly #environment: MediaServerEnvironment;
  readonly #session: WriteSession;
  readonly #host: WriteSessionHost;
  #segments: SegmentWriter;
  #writer: NativeTapeWriter;
  #nextSegmentNumber: number;
  #streamOffset: bigint;
  #limit: bigint | undefined;
  #stopping = false;
  #pump: Promise<void> = Promise.resolve();
  #cancelTimer: () => void = () => undefined;
  #submitted = 0n;
  #accepted = 0n;
  #overheadBefore = 0n;
  #durable = 0n;
  #sinceCheckpoint = 0n;
  #standstills = 0;
  readonly failed: Promise<never>;
  #fail: (error: unknown) => void = () => undefined;
  #failure: Error | undefined;

  constructor(
    environment: MediaServerEnvironment,
    session: WriteSession,
    segments: SegmentWriter,
    host: WriteSessionHost,
  ) {
    this.#environment = environment;
    this.#session = session;
    this.#segments = segments;
    this.#host = host;
    this.#nextSegmentNumber = session.nextSegment;
    this.#streamOffset = session.streamOffset;
    this.#writer = this.#newWriter();
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = (error) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
        reject(this.#failure);
      };
    });
    // Whoever waits for a segment's end hears of the failure there; this promise may have no listener yet.
    this.failed.catch(() => undefined);
  }

  /** The first segment; at a resume the filemark and the footer-only segment of the cut part come before it. */
  async begin(): Promise<void> {
    const { resume, afterCut, continued } = this.#session;
    await this.#orFail(async () => {
      if (resume !== undefined && !resume.behindFilemark) await this.#segments.separate();
      if (afterCut) await this.#footerOnlySegment();
      await this.#openSegment(continued);
    });
    this.#startPump();
  }

  async nextSegment(): Promise<void> {
    await this.#orFail(async () => {
      if (this.#segments.earlyWarning) await this.#changeVolume();
      else await this.#giveWay();
      await this.#openSegment(undefined);
    });
    this.#startPump();
  }

  async endSegmentAt(streamOffset: bigint, endsJob = false): Promise<void> {
    await this.#writeUpTo(streamOffset);
    const set = endsJob ? this.#host.describeSet() : undefined;
    await this.#orFail(() => this.#segments.close(streamOffset, set));
    this.#markDurable();
  }

  async cutSegmentAt(streamOffset: bigint): Promise<void> {
    await this.#writeUpTo(streamOffset);
    await this.#orFail(async () => {
      await this.#segments.cut(streamOffset, "givenUp");
      this.#markDurable();
      await this.#footerOnlySegment();
    });
  }

  /** Stops behind the record in hand; what was accepted is made durable, the segment stays open for a resume. */
  async checkpointAndStop(): Promise<void> {
    this.#stopping = true;
    this.#writer.requestStop("cut");
    await this.#pump;
    await this.#orFail(() => this.#checkpoint());
  }

  /** Ends the native writer whatever it waits for; nothing more is written. */
  async abandon(): Promise<void> {
    this.#cancelTimer();
    this.#stopping = true;
    this.#writer.requestStop("cut");
    await this.#pump.catch(() => undefined);
  }

  /** Of the volume and the drive that are written now. */
  get segmentRecordBytes(): bigint {
    return this.#segments.recordLimitBytes;
  }

  progress(): WriteProgress {
    const now = this.#writer.progress();
    return {
      streamOffset: now.streamOffset,
      bytesAtRisk: this.#sinceCheckpoint + now.streamOffset - this.#streamOffset,
      volumeTag: this.#segments.volume.volumeTag,
      position:
        this.#segments.position + (now.streamOffset - this.#streamOffset) / BigInt(this.#session.ring.recordSizeBytes),
    };
  }

  /** Since the session that holds the drive began. */
  time(): JobTime {
    return this.#segments.time.upToNow(this.#writer.progress());
  }

  /** V <= D <= A <= S, of this run. */
  counts(): ByteCounts {
    const overhead = this.#overheadBefore + this.#segments.acceptedBytes;
    return {
      submitted: this.#submitted + overhead,
      accepted: this.#accepted + overhead,
      durable: this.#durable,
      verified: 0n,
    };
  }

  /** A pump that was stopped on the way has not failed, but what it left in the ring is not on tape: no segment ends. */
  async #writeUpTo(streamOffset: bigint): Promise<void> {
    this.#limit = streamOffset;
    this.#writer.setLimit(streamOffset);
    await this.#pump;
    this.#limit = undefined;
    if (this.#streamOffset === streamOffset) return;
    if (this.#failure !== undefined) throw this.#failure;
    const { jobId } = this.#session.token;
    throw new JobError(
      `segment ${this.#segments.segment.segment} of job ${jobId} was to end at stream offset ${streamOffset} and was stopped at ${this.#streamOffset}. The job can be resumed: tidemark job resume ${jobId}`,
      { code: "ERR_TAPE_JOB_INTERRUPTED" },
    );
  }

  #startPump(): void {
    this.#pump = this.#orFail(() => this.#run());
    this.#pump.catch((error: unknown) => this.#fail(error));
  }

  /** Runs of the native writer until the segment's end or a stop. */
  async #run(): Promise<void> {
    while (!this.#stopping) {
      this.#segments.assertMayWrite();
      this.#armTimer();
      const left = this.#session.checkpointBytes - this.#sinceCheckpoint;
      const run = await this.#writer.run({
        checkpointBytes: left > 0n ? left : BigInt(this.#session.ring.recordSizeBytes),
        ...(this.#limit === undefined ? {} : { limit: this.#limit }),
      });
      this.#cancelTimer();
      this.#account(run);
      switch (run.reason) {
        case "limit":
        case "cut":
          return;
        case "checkpoint":
          await this.#checkpoint();
          break;
        case "earlyWarning":
          if (run.streamOffset === this.#limit) return;
          await this.#cutForNextVolume();
          break;
        case "failed":
        case "positionLost":
          await this.#goOnOrThrow(run);
          break;
      }
    }
  }

  async #goOnOrThrow(run: WriterRun): Promise<void> {
    this.#standstills = run.blocksWritten > 0n ? 1 : this.#standstills + 1;
    const { settings } = this.#segments;
    const verdict = await judgeRun(run, this.#segments, settings);
    if (verdict === "ejectWanted") {
      await this.#checkpoint();
      throw this.#host.ejectWanted(this.#segments);
    }
    if (verdict !== "goesOn" || this.#standstills > standstillsMax) {
      this.#segments.drive.forgetPlace();
      throw this.#writeError(run, verdict);
    }
    if (run.result?.outcome === "notSent") await pause(this.#environment, refusedPauseMs);
  }

  async #orFail<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#host.failed(this.#segments, error);
    }
  }

  #account(run: WriterRun): void {
    const written = run.streamOffset - this.#streamOffset;
    this.#submitted += run.counts.submitted;
    this.#accepted += run.counts.accepted;
    this.#sinceCheckpoint += written;
    this.#streamOffset = run.streamOffset;
    this.#segments.recordsWritten(run.blocksWritten, run.lastDigest, run.reason === "earlyWarning");
  }

  async #checkpoint(): Promise<void> {
    await this.#segments.synchronise(this.#streamOffset);
    this.#markDurable();
  }

  #markDurable(): void {
    this.#durable = this.counts().accepted;
    this.#sinceCheckpoint = 0n;
  }

  async #openSegment(continued: WriteSession["continued"]): Promise<void> {
    await this.#segments.open(this.#nextSegmentNumber++, this.#streamOffset, continued);
  }

  /** The records of a cut segment, in a segment of their own that holds nothing of the stream. */
  async #footerOnlySegment(): Promise<void> {
    await this.#openSegment(undefined);
    await this.#segments.close(this.#streamOffset);
    this.#markDurable();
  }

  /** Early warning inside a segment: cut here, go on on the next volume, the ring's records unchanged. */
  async #cutForNextVolume(): Promise<void> {
    const cut = this.#segments.segment;
    await this.#segments.cut(this.#streamOffset, "cut");
    this.#markDurable();
    await this.#footerOnlySegment();
    await this.#changeVolume();
    const member = this.#session.memberAt(this.#streamOffset);
    await this.#openSegment(member === undefined ? undefined : { member, part: this.#part(cut) });
  }

  #part(cut: Segment): { readonly volumeTag: string; readonly tapeFile: number; readonly validRecords: bigint } {
    const streamRecords = (this.#streamOffset - cut.streamStart) / BigInt(this.#session.ring.recordSizeBytes);
    return { volumeTag: cut.volumeTag, tapeFile: cut.tapeFile, validRecords: streamRecords + 1n };
  }

  async #changeVolume(): Promise<void> {
    const full = this.#segments;
    const { catalogManager } = this.#environment;
    await catalogManager.volumeClosed(
      this.#session.token,
      full.volume.volumeUuid,
      full.position,
      this.#streamOffset,
      "early warning",
    );
    const next = await this.#host.nextVolume(full);
    this.#overheadBefore += full.acceptedBytes;
    this.#segments.time.writerEnds(this.#writer.progress());
    this.#segments = next;
    this.#writer = this.#newWriter();
  }

  async #giveWay(): Promise<void> {
    const back = await this.#host.giveWay(this.#segments);
    if (back === undefined) return;
    this.#overheadBefore += this.#segments.acceptedBytes;
    this.#segments.time.writerEnds(this.#writer.progress());
    this.#segments = back;
    this.#writer = this.#newWriter();
  }

  #newWriter(): NativeTapeWriter {
    const recordSize = BigInt(this.#session.ring.recordSizeBytes);
    const { catalogManager } = this.#environment;
    const { token } = this.#session;
    const segments = this.#segments;
    const writer = this.#environment.createWriter({
      drive: segments.drive.native,
      ring: this.#environment.nativeRing(this.#session.ring),
      streamOffset: this.#streamOffset,
      onBlocks: ({ streamOffset, digests }) => {
        const { segment } = segments;
        const firstBlock = segment.firstDataBlock + (streamOffset - segment.streamStart) / recordSize;
        const end = streamOffset + BigInt(digests.length / 8) * recordSize;
        catalogManager
          .blocksAnnounced(token, segments.volume.volumeUuid, { epoch: token.epoch, firstBlock, streamOffset, digests })
          .then(() => writer.acknowledgeBlocks(end))
          .catch((error: unknown) => {
            this.#fail(error);
            writer.requestStop("cut");
          });
      },
    });
    return writer;
  }

  #armTimer(): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#environment.after(this.#session.checkpointMs, () =>
      this.#writer.requestStop("checkpoint"),
    );
  }

  #writeError({ result }: WriterRun, verdict: RunVerdict): Error {
    const what = `write of block ${this.#segments.position} to ${this.#segments.volume.volumeTag} (${this.#segments.drive.name})`;
    if (result === undefined) return new TransportError(`${what} failed`, "unknown");
    const error = writeError(result, what);
    if (verdict !== "positionLost" || result.outcome !== "notSent") return error;
    // What was not sent has moved no tape: where this one may have moved, that it was not sent is not believed.
    return new TransportError(`${error.message}, and the tape may have moved`, "unknown");
  }
}
