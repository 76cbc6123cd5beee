// SPDX-License-Identifier: Apache-2.0
/** One job's use of the media server: a drive, the volume in it, and what is written or read there. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError, FormatError, TapeError } from "../errors.ts";
import { labelObjects } from "../format/volume-label.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type {
  FileOnTape,
  FooterOnTape,
  MediaSession,
  PreparedVolume,
  SessionRequest,
  StreamStretch,
  StretchSink,
  UnreadableBlocks,
  WriteProgress,
  WriteSession,
} from "../protocol/media-server.ts";
import type { JobTime } from "../protocol/job-time.ts";
import type { ByteCounts, TapeFacts, TapeVolumeIdentity } from "../protocol/tape.ts";
import { blockSettingsOf } from "./block-settings.ts";
import type { DriveQueue } from "./drive-queue.ts";
import { DriveSeat } from "./drive-seat.ts";
import { segmentRecordLimit } from "./early-warning.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { findFooter, footerPieces } from "./footer-reader.ts";
import type { FooterPlace } from "./footer-reader.ts";
import { goTo, identify, isWriteProtected, standAtEnd } from "./loaded-volume.ts";
import type { LoadedVolume } from "./loaded-volume.ts";
import { allowOverwriteHere } from "./overwrite.ts";
import { renewed } from "./renewed-attempts.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { DamagedBlocks, SessionFailure } from "./session-failure.ts";
import { describeSet } from "./set-description.ts";
import { StretchReader } from "./stretch-reader.ts";
import type { ReadingSeat } from "./stretch-reader.ts";
import { scanTape } from "./tape-scan.ts";
import { VolumeSupply } from "./volume-supply.ts";
import { writeFailureKind } from "./write-failure.ts";
import { TapeWriteSession } from "./write-session.ts";
import { WriteTime } from "./write-time.ts";

const noCounts: ByteCounts = { submitted: 0n, accepted: 0n, durable: 0n, verified: 0n };
export class TapeMediaSession implements MediaSession {
  readonly #environment: MediaServerEnvironment;
  readonly #request: SessionRequest;
  readonly #seat: DriveSeat;
  readonly #supply: VolumeSupply;
  readonly #failure: SessionFailure;
  #loaded: LoadedVolume | undefined;
  #writing: TapeWriteSession | undefined;
  #counts = noCounts;
  readonly #time: WriteTime;
  #timeWriting: JobTime | undefined;
  /** The drive has met an end of data that is none, and may refuse to write until the cartridge was loaded anew. */
  #mustReload = false;

  constructor(
    environment: MediaServerEnvironment,
    request: SessionRequest,
    damagedBlocks = new DamagedBlocks(),
    queue: Pick<DriveQueue, "acquire"> = environment.queue,
  ) {
    this.#environment = environment;
    this.#time = new WriteTime(environment.nowMs);
    this.#request = request;
    this.#seat = new DriveSeat(environment, queue, request);
    this.#failure = new SessionFailure(environment, request, damagedBlocks);
    this.#supply = new VolumeSupply(environment, request, this.#seat, this.#failure);
  }

  async prepare(job: {
    readonly pool: string;
    readonly mediaSet?: string;
    readonly recordSizeBytes?: number;
    readonly written?: readonly string[];
  }): Promise<PreparedVolume> {
    const mediaSet = job.mediaSet ?? this.#supply.mediaSetFor(job.pool);
    this.#loaded = await this.#supply.next({ ...job, mediaSet });
    return { volume: this.#loaded.identity, mediaSet };
  }

  async examine(wanted: Parameters<MediaSession["examine"]>[0]): Promise<TapeFacts> {
    try {
      return await renewed(this.#seat, () => this.#examine(wanted));
    } catch (error) {
      if (error instanceof TapeError && writeFailureKind(error) === "volume") this.#failure.closeVolume(wanted, error);
      throw error;
    }
  }

  async #examine(wanted: Parameters<MediaSession["examine"]>[0]): Promise<TapeFacts> {
    const drive = await this.#supply.mount(wanted.volumeTag);
    // Queues behind whatever a dead process sent last, before any position is asked (*).
    await drive.synchronise(0).catch((error: unknown) => {
      // What it could not put on the tape is missing there, and that is what is looked for now.
      const kind = writeFailureKind(error);
      if (kind !== "volume" && kind !== "protected") throw error;
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

  async footerOf(file: FileOnTape): Promise<FooterOnTape | undefined> {
    const loaded = this.#need();
    const { drive, identity } = loaded;
    const found = await this.#inHand(loaded, () => findFooter(drive, identity, file));
    if (found === undefined) return undefined;
    const { footerBlock } = found;
    return { footerBlock, pieces: () => this.#footerPieces(loaded, found) };
  }

  async *#footerPieces(loaded: LoadedVolume, footer: FooterPlace): AsyncGenerator<Uint8Array> {
    const { drive, identity } = loaded;
    const pieces = footerPieces(drive, identity, footer);
    for (;;) {
      const step = await this.#inHand(loaded, () => pieces.next());
      if (step.done === true) return;
      yield step.value;
    }
  }

  async digestStream(request: Parameters<MediaSession["digestStream"]>[0]): Promise<Uint8Array> {
    const { drive, identity } = this.#need();
    const digest = await this.#digestHere(drive, request).catch((error: unknown) => {
      // A place that cannot be read costs the digest, and no more: the caller goes on without it.
      if (writeFailureKind(error) === "volume") throw error;
      throw this.#failure.explain({ driveName: drive.name, ...identity }, error);
    });
    if (digest === undefined)
      throw new FormatError(`${identity.volumeTag} ends before the bytes that were written there`);
    return digest;
  }

  async #digestHere(
    drive: TapeDrive,
    { firstBlock, skipBytes, bytes, recordSizeBytes }: Parameters<MediaSession["digestStream"]>[0],
  ): Promise<Uint8Array | undefined> {
    await drive.locate(firstBlock);
    return drive.digestBytes(skipBytes, bytes, recordSizeBytes);
  }

  async leaveVolume(volumeUuid: string, end: { readonly position: bigint; readonly filemarks: number }): Promise<void> {
    const { volumes } = this.#environment;
    const left = volumes.change(volumeUuid, (entry) => {
      const bytes = volumeBytesAt({ ...entry, labelObjects }, end.position, end.filemarks);
      const state = entry.state === "inUse" ? "full" : entry.state;
      return { ...entry, state, endPosition: end.position, tapeFiles: end.filemarks, bytes };
    });
    if (left === undefined) return;
    this.#loaded = undefined;
    // A drive that has met an error may refuse everything until the cartridge was loaded anew.
    await this.#seat.unloadAndLeave();
  }

  async setAside(volumeUuid: string, reason: string): Promise<void> {
    this.#environment.volumes.change(volumeUuid, (now) => ({ ...now, state: "altered" }));
    await this.raiseAlarm(volumeUuid, `it is set aside: ${reason}`);
  }

  raiseAlarm(volumeUuid: string, reason: string): Promise<void> {
    const { volumes, cartridges, nowMs } = this.#environment;
    const volumeTag = volumes.get(volumeUuid)?.volumeTag;
    if (volumeTag === undefined) return Promise.resolve();
    const lastError = { atMs: nowMs(), text: reason };
    cartridges.change(volumeTag, (cartridge) => ({ ...cartridge, lastError }));
    this.#request.onNotice?.({ kind: "volumeAltered", volumeTag, text: `${volumeTag}: ${reason}` });
    return Promise.resolve();
  }

  async beginWriting(session: WriteSession): Promise<bigint> {
    const { resume } = session;
    if (resume !== undefined && this.#mustReload) await this.#inHand(this.#need(), () => this.#reload());
    const loaded = this.#need();
    if (resume !== undefined)
      await this.#inHand(loaded, () => goTo(loaded.drive, loaded.identity.volumeTag, resume.boundary));
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
      failed: ({ drive, volume }, error) => this.#failure.explain({ driveName: drive.name, ...volume }, error),
      ejectWanted: ({ drive, volume }) => this.#failure.ejectWanted({ driveName: drive.name, ...volume }),
    });
    await this.#writing.begin();
    return this.#writing.segmentRecordBytes;
  }

  async nextSegment(): Promise<bigint> {
    const writing = this.#needWriting();
    await writing.nextSegment();
    return writing.segmentRecordBytes;
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

  time(): JobTime {
    return this.#writing?.time() ?? this.#timeWriting ?? this.#time.upToNow();
  }

  async endWriting(): Promise<void> {
    const writing = this.#writing;
    if (writing === undefined) return;
    await writing.abandon();
    this.#counts = writing.counts();
    this.#timeWriting = writing.time();
    this.#writing = undefined;
    this.#loaded = undefined;
  }

  async readStretch(stretch: StreamStretch, sink: StretchSink): Promise<readonly UnreadableBlocks[]> {
    const forget = (): void => {
      this.#loaded = undefined;
    };
    const seat: ReadingSeat = {
      load: async (wanted) => (await this.#loadForReading(wanted)).drive,
      leave: async () => {
        forget();
        await this.#seat.leave();
      },
      giveUpDrive: async (error) => {
        forget();
        await this.#seat.giveUpDrive(error);
      },
      avoidDrive: async () => {
        forget();
        return this.#seat.avoidDrive();
      },
    };
    return new StretchReader(seat, stretch, sink).read();
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
    const end = { endPosition: full.position, tapeFiles: full.tapeFiles, bytes: full.volumeBytes() };
    volumes.change(full.volume.volumeUuid, (entry) => ({ ...entry, ...end, state: "full" }));
    const { pool, mediaSet } = session;
    // What this job has in use now it has written on.
    const written = volumes.list().flatMap(({ state, volumeUuid }) => (state === "inUse" ? volumeUuid : []));
    try {
      await this.prepare({ pool, mediaSet, recordSizeBytes: full.volume.recordSizeBytes, written });
    } catch (error) {
      // Of the next volume: there is nothing wrong with the one that is full.
      throw writeFailureKind(error) !== undefined && error instanceof TapeError
        ? this.#failure.interrupted(error)
        : error;
    }
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
    try {
      this.#loaded = await standAtEnd(drive, { ...entry, endPosition: position, tapeFiles });
    } catch (error) {
      // It may be another drive than before.
      throw this.#failure.explain({ driveName: drive.name, ...volume }, error);
    }
    return this.#segmentWriter(session, this.#loaded);
  }

  async #reload(): Promise<void> {
    const { identity } = this.#need();
    this.#mustReload = false;
    await this.#seat.reload();
    // It may be another drive than before.
    const drive = await this.#supply.mount(identity.volumeTag);
    const loaded = { drive, identity, position: 0n, filemarks: 0 };
    await this.#inHand(loaded, () => identify(drive, identity));
    this.#loaded = loaded;
  }

  async #whyNotWritable(drive: TapeDrive, { volumeUuid, volumeTag }: TapeVolumeIdentity): Promise<string | undefined> {
    const state = this.#environment.volumes.get(volumeUuid)?.state;
    if (state === "damaged") return `a write on ${volumeTag} has failed`;
    if (state === "full") return `${volumeTag} is full`;
    if (state === "retired") return `${volumeTag} was taken out of use`;
    return (await isWriteProtected(drive)) ? `${volumeTag} is write protected` : undefined;
  }

  async #segmentWriter(session: WriteSession, loaded: LoadedVolume): Promise<SegmentWriter> {
    const found = await this.#inHand(loaded, async () => {
      // It may be another drive than the one that the job began with, or another medium.
      const recordLimitBytes = await segmentRecordLimit(loaded.drive);
      const settings = await blockSettingsOf(loaded.drive);
      await allowOverwriteHere(loaded.drive, loaded.position);
      return { recordLimitBytes, settings };
    });
    return new SegmentWriter({
      drive: loaded.drive,
      volume: loaded.identity,
      mediaSet: session.mediaSet,
      catalogManager: this.#environment.catalogManager,
      token: session.token,
      digest64: this.#environment.digest64,
      time: this.#time,
      position: loaded.position,
      filemarks: loaded.filemarks,
      ...found,
    });
  }

  /** What fails with this drive and this volume in hand, as the job is told of it. */
  async #inHand<T>({ drive, identity }: LoadedVolume, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#failure.explain({ driveName: drive.name, ...identity }, error);
    }
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
