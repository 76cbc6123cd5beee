// SPDX-License-Identifier: Apache-2.0
/** One job's use of the media server: a drive, the volume in it, and what is written or read there. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, FormatError, JobError, TapeError } from "../errors.ts";
import { labelObjects } from "../format/volume-label.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type {
  MediaSession,
  PreparedVolume,
  SessionRequest,
  StreamStretch,
  StretchSink,
  WriteProgress,
  WriteSession,
} from "../protocol/media-server.ts";
import type { ByteCounts, TapeFacts, TapeVolumeIdentity } from "../protocol/tape.ts";
import { allowOverwriteHere } from "./append-only.ts";
import type { DriveQueue } from "./drive-queue.ts";
import { DriveSeat } from "./drive-seat.ts";
import { segmentRecordLimit } from "./early-warning.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { goTo, identify, isWriteProtected, standAtEnd } from "./loaded-volume.ts";
import type { LoadedVolume } from "./loaded-volume.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { describeSet } from "./set-description.ts";
import { scanTape } from "./tape-scan.ts";
import { VolumeSupply } from "./volume-supply.ts";
import { writeFailureKind } from "./write-failure.ts";
import { TapeWriteSession } from "./write-session.ts";

const noCounts: ByteCounts = { submitted: 0n, accepted: 0n, durable: 0n, verified: 0n };
/** MAM 0001h: maximum capacity in partition, in MiB (SPC-5 7.4.2.2). */
const maximumCapacityAttribute = 0x0001;
const bytesPerMib = 1024n * 1024n;

export class TapeMediaSession implements MediaSession {
  readonly #environment: MediaServerEnvironment;
  readonly #request: SessionRequest;
  readonly #seat: DriveSeat;
  readonly #supply: VolumeSupply;
  #loaded: LoadedVolume | undefined;
  #writing: TapeWriteSession | undefined;
  #counts = noCounts;
  /** The drive has met an end of data that is none, and may refuse to write until the cartridge was loaded anew. */
  #mustReload = false;

  constructor(
    environment: MediaServerEnvironment,
    request: SessionRequest,
    queue: Pick<DriveQueue, "acquire"> = environment.queue,
  ) {
    this.#environment = environment;
    this.#request = request;
    this.#seat = new DriveSeat(environment, queue, request);
    this.#supply = new VolumeSupply(environment, request, this.#seat);
  }

  async prepare(job: {
    readonly pool: string;
    readonly mediaSet?: string;
    readonly recordSizeBytes?: number;
    readonly written?: readonly string[];
  }): Promise<PreparedVolume> {
    const mediaSet = job.mediaSet ?? this.#supply.mediaSetFor(job.pool);
    this.#loaded = await this.#supply.next({ ...job, mediaSet });
    const { drive, identity } = this.#loaded;
    return { volume: identity, mediaSet, segmentRecordBytes: await segmentRecordLimit(drive, await capacityOf(drive)) };
  }

  async examine(wanted: Parameters<MediaSession["examine"]>[0]): Promise<TapeFacts> {
    const drive = await this.#supply.mount(wanted.volumeTag);
    // Queues behind whatever a dead process sent last, before any position is asked (*).
    await drive.synchronise(0).catch((error: unknown) => {
      // What it could not put on the tape is missing there, and that is what is looked for now.
      if (writeFailureKind(error) !== "volume") throw error;
    });
    const identity = await identify(drive, wanted);
    if (wanted.landmark !== undefined) drive.landmark(wanted.landmark.tapeFile, wanted.landmark.headBlock);
    const facts = await scanTape(drive, identity, wanted, this.#environment.digest64);
    const notWritable = await this.#whyNotWritable(drive, identity);
    const isWorm = (await drive.modeStatus()).worm;
    this.#mustReload = facts.isEndLost === true;
    this.#loaded = { drive, identity, position: 0n, filemarks: 0 };
    return {
      ...facts,
      ...(isWorm ? { isWorm } : {}),
      ...(notWritable === undefined ? {} : { notWritable }),
    };
  }

  async digestStream(request: Parameters<MediaSession["digestStream"]>[0]): Promise<Uint8Array> {
    const { drive, identity } = this.#need();
    await drive.locate(request.firstBlock);
    const digest = await drive.digestBytes(request.skipBytes, request.bytes, request.recordSizeBytes);
    if (digest === undefined)
      throw new FormatError(`${identity.volumeTag} ends before the bytes that were written there`);
    return digest;
  }

  async leaveVolume(volumeUuid: string, end: { readonly position: bigint; readonly filemarks: number }): Promise<void> {
    const { volumes } = this.#environment;
    const entry = volumes.get(volumeUuid);
    if (entry === undefined) return;
    const bytes = volumeBytesAt({ ...entry, labelObjects }, end.position, end.filemarks);
    const state = entry.state === "inUse" ? "full" : entry.state;
    volumes.put({ ...entry, state, endPosition: end.position, tapeFiles: end.filemarks, bytes });
    this.#loaded = undefined;
    // A drive that has met an error may refuse everything until the cartridge was loaded anew.
    await this.#seat.unloadAndLeave();
  }

  setAside(volumeUuid: string, reason: string): Promise<void> {
    const { volumes, cartridges, nowMs } = this.#environment;
    const entry = volumes.get(volumeUuid);
    if (entry === undefined) return Promise.resolve();
    const { volumeTag } = entry;
    volumes.put({ ...entry, state: "altered" });
    const cartridge = cartridges.get(volumeTag);
    if (cartridge !== undefined) cartridges.put({ ...cartridge, lastError: { atMs: nowMs(), text: reason } });
    this.#request.onNotice?.({ kind: "volumeAltered", volumeTag, text: `${volumeTag} is set aside: ${reason}` });
    return Promise.resolve();
  }

  async beginWriting(session: WriteSession): Promise<void> {
    const { resume } = session;
    if (resume !== undefined && this.#mustReload) await this.#reload();
    const loaded = this.#need();
    if (resume !== undefined) await goTo(loaded.drive, loaded.identity.volumeTag, resume.boundary);
    this.#supply.markInUse(loaded.identity, session);
    const segments = await this.#segmentWriter(session, {
      ...loaded,
      position: resume?.boundary ?? loaded.position,
      filemarks: resume?.filemarks ?? loaded.filemarks,
    });
    this.#writing = new TapeWriteSession(this.#environment, session, segments, {
      nextVolume: (full) => this.#nextVolume(session, full),
      giveWay: (standing) => this.#giveWay(session, standing),
      describeSet: () => describeSet(this.#environment, session),
      failed: (at, error) => this.#explain(session, at, error),
    });
    await this.#writing.begin();
  }

  async nextSegment(): Promise<void> {
    await this.#needWriting().nextSegment();
  }

  async endSegmentAt(streamOffset: bigint, options: { readonly endsJob?: boolean } = {}): Promise<void> {
    await this.#needWriting().endSegmentAt(streamOffset, options.endsJob);
  }

  async cutSegmentAt(streamOffset: bigint): Promise<void> {
    await this.#needWriting().cutSegmentAt(streamOffset);
  }

  async checkpointAndStop(): Promise<void> {
    await this.#needWriting().checkpointAndStop();
  }

  failure(): Promise<never> {
    return this.#needWriting().failed;
  }

  progress(): WriteProgress | undefined {
    return this.#writing?.progress();
  }

  counts(): ByteCounts {
    return this.#writing?.counts() ?? this.#counts;
  }

  async endWriting(): Promise<void> {
    const writing = this.#writing;
    if (writing === undefined) return;
    await writing.abandon();
    this.#counts = writing.counts();
    this.#writing = undefined;
    this.#loaded = undefined;
  }

  async readStretch(stretch: StreamStretch, sink: StretchSink): Promise<void> {
    const { drive } = await this.#loadForReading(stretch);
    await drive.locate(stretch.firstBlock);
    drive.forgetPlace();
    await sink.extract(drive.native, stretch);
  }

  async close(): Promise<void> {
    await this.endWriting();
    this.#loaded = undefined;
    await this.#seat.leave();
  }

  async #loadForReading(wanted: { readonly volumeUuid: string; readonly volumeTag: string }): Promise<LoadedVolume> {
    if (this.#loaded?.identity.volumeUuid === wanted.volumeUuid) return this.#loaded;
    const drive = await this.#supply.mount(wanted.volumeTag);
    const identity = await identify(drive, wanted);
    this.#loaded = { drive, identity, position: 0n, filemarks: 0 };
    return this.#loaded;
  }

  /** The volume is full; the next one of the pool takes over. */
  async #nextVolume(session: WriteSession, full: SegmentWriter): Promise<SegmentWriter> {
    const { volumes } = this.#environment;
    const entry = volumes.get(full.volume.volumeUuid);
    const { position: endPosition, tapeFiles } = full;
    if (entry !== undefined)
      volumes.put({ ...entry, state: "full", endPosition, tapeFiles, bytes: full.volumeBytes() });
    const { pool, mediaSet } = session;
    // What this job has in use now it has written on.
    const written = volumes.list().flatMap(({ state, volumeUuid }) => (state === "inUse" ? volumeUuid : []));
    await this.prepare({ pool, mediaSet, recordSizeBytes: full.volume.recordSizeBytes, written });
    const loaded = this.#need();
    this.#supply.markInUse(loaded.identity, session);
    return this.#segmentWriter(session, loaded);
  }

  /** Between two segments: a more urgent job has the drive first. @returns undefined where none waits */
  async #giveWay(session: WriteSession, standing: SegmentWriter): Promise<SegmentWriter | undefined> {
    if (!this.#seat.isWanted) return undefined;
    const { volume, position, tapeFiles } = standing;
    const entry = this.#environment.volumes.get(volume.volumeUuid);
    if (entry === undefined) return undefined;
    this.#request.onNotice?.({ kind: "gaveWay", text: `${this.#seat.driveName} is given to a more urgent job` });
    await this.#seat.leave();
    const drive = await this.#supply.mount(volume.volumeTag);
    this.#loaded = await standAtEnd(drive, { ...entry, endPosition: position, tapeFiles });
    return this.#segmentWriter(session, this.#loaded);
  }

  /** Notes whose fault it was, so that the job can go on elsewhere, and says it. */
  #explain(session: WriteSession, at: SegmentWriter, error: unknown): Error {
    if (!(error instanceof TapeError)) return error instanceof Error ? error : new Error(String(error));
    const kind = writeFailureKind(error);
    if (kind === undefined) return error;
    const { volumes, cartridges, drives, nowMs } = this.#environment;
    const lastError = { atMs: nowMs(), text: error.message };
    const entry = volumes.get(at.volume.volumeUuid);
    const cartridge = cartridges.get(at.volume.volumeTag);
    if (kind === "volume") {
      const state = error.code === "ERR_TAPE_VOLUME_OVERFLOW" ? "full" : "damaged";
      if (entry !== undefined) volumes.put({ ...entry, state });
      if (cartridge !== undefined && state === "damaged") cartridges.put({ ...cartridge, lastError });
      const text = `nothing more is written on ${at.volume.volumeTag}: ${error.message}`;
      this.#request.onNotice?.({ kind: "volumeClosed", volumeTag: at.volume.volumeTag, text });
    }
    if (kind === "drive") {
      const drive = drives.get(at.drive.name);
      const reason = { state: "outOfService", reason: error.message, lastError } as const;
      drives.put({ ...(drive ?? { name: at.drive.name, cleaning: "notNeeded" }), ...reason });
    }
    return new JobError(`${error.message}. The job can be resumed: tidemark job resume ${session.token.jobId}`, {
      code: "ERR_TAPE_JOB_INTERRUPTED",
      cause: error,
    });
  }

  async #reload(): Promise<void> {
    const { identity } = this.#need();
    this.#mustReload = false;
    await this.#seat.unloadAndLeave();
    const drive = await this.#supply.mount(identity.volumeTag);
    this.#loaded = { drive, identity: await identify(drive, identity), position: 0n, filemarks: 0 };
  }

  async #whyNotWritable(drive: TapeDrive, { volumeUuid, volumeTag }: TapeVolumeIdentity): Promise<string | undefined> {
    const state = this.#environment.volumes.get(volumeUuid)?.state;
    if (state === "damaged") return `a write on ${volumeTag} has failed`;
    if (state === "full") return `${volumeTag} is full`;
    if (state === "retired") return `${volumeTag} was taken out of use`;
    return (await isWriteProtected(drive)) ? `${volumeTag} is write protected` : undefined;
  }

  async #segmentWriter(session: WriteSession, loaded: LoadedVolume): Promise<SegmentWriter> {
    await allowOverwriteHere(loaded.drive, loaded.position);
    return new SegmentWriter({
      drive: loaded.drive,
      volume: loaded.identity,
      mediaSet: session.mediaSet,
      catalogManager: this.#environment.catalogManager,
      token: session.token,
      digest64: this.#environment.digest64,
      position: loaded.position,
      filemarks: loaded.filemarks,
    });
  }

  #need(): LoadedVolume {
    if (this.#loaded === undefined) throw new DeviceError("no volume is loaded", { code: "ERR_TAPE_DEVICE_UNKNOWN" });
    return this.#loaded;
  }

  #needWriting(): TapeWriteSession {
    if (this.#writing === undefined) throw new Error("nothing is being written");
    return this.#writing;
  }
}

async function capacityOf(drive: TapeDrive): Promise<bigint | undefined> {
  const value = await drive.attribute(maximumCapacityAttribute);
  return value?.length === 8 ? value.readBigUInt64BE() * bytesPerMib : undefined;
}
