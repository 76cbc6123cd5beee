// SPDX-License-Identifier: Apache-2.0
/** The media server: pools, labels, loads and fences tape volumes, writes segments and reads for restore. */
import { checkResult } from "../device/check-result.ts";
import type { TapeDrive } from "../device/tape-drive.ts";
import { BlankCheckError, DeviceError, FormatError, OperatorError } from "../errors.ts";
import { labelBytes, labelObjects } from "../format/volume-label.ts";
import type { VolumeHeader } from "../format/volume-label.ts";
import { writableVolumes } from "../media/pool.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import type {
  LabelWish,
  MediaServer,
  StreamStretch,
  StretchSink,
  WriteProgress,
  WriteSession,
} from "../protocol/media-server.ts";
import type { ByteCounts, Segment, TapeFacts, TapeVolumeIdentity } from "../protocol/tape.ts";
import type { MediaServerEnvironment } from "./environment.ts";
import { refuseTooLongRecords } from "./record-size.ts";
import { SegmentWriter } from "./segment-writer.ts";
import { proveIdentity, readLabel, writeLabel } from "./tape-label.ts";
import type { TapeLibrary } from "./tape-library.ts";
import { scanTape } from "./tape-scan.ts";
import { TapeWriteSession } from "./write-session.ts";

/** A volume in a drive, proved to be the one it claims to be. */
interface LoadedVolume {
  readonly drive: TapeDrive;
  readonly identity: TapeVolumeIdentity;
  /** Where the next segment goes, and the filemarks before it. */
  readonly position: bigint;
  readonly filemarks: number;
}

/** The longest block that a 24-bit transfer length can ask for (SSC-4 READ(6)). */
const maximumBlockBytes = 0xffffff;

/** EPIPE of Linux. */
const brokenPipe = 32;

const noCounts: ByteCounts = { submitted: 0n, accepted: 0n, durable: 0n, verified: 0n };

export class LocalMediaServer implements MediaServer {
  readonly #environment: MediaServerEnvironment;
  readonly #library: TapeLibrary;
  #loaded: LoadedVolume | undefined;
  #session: TapeWriteSession | undefined;
  #counts = noCounts;

  constructor(environment: MediaServerEnvironment) {
    this.#environment = environment;
    this.#library = environment.library;
  }

  async prepare(job: { readonly pool: string; readonly recordSizeBytes?: number }): Promise<TapeVolumeIdentity> {
    const wish = { ...job, present: await this.#library.presentTags() };
    let refused: Error | undefined;
    for (const entry of writableVolumes(this.#environment.volumes.list(), wish)) {
      try {
        this.#loaded = await this.#loadForAppend(entry);
        return this.#loaded.identity;
      } catch (error) {
        // A cartridge that is not what it should be is set aside; a drive in use may hold this very cartridge.
        if (!(error instanceof OperatorError || error instanceof DeviceError)) throw error;
        refused = error;
      }
    }
    if (refused !== undefined) throw refused;
    throw new OperatorError(
      `no cartridge of pool "${job.pool}" can be written: put cartridges into the library and label them (tidemark volume label --all --pool ${job.pool})`,
      { code: "ERR_TAPE_POOL_EXHAUSTED" },
    );
  }

  async examine(wanted: {
    readonly volumeUuid: string;
    readonly volumeTag: string;
    readonly durablePosition: bigint;
    readonly landmark?: { readonly tapeFile: number; readonly headBlock: bigint };
  }): Promise<TapeFacts> {
    const { drive } = await this.#library.mount(wanted.volumeTag);
    // Queues behind whatever a dead process sent last, before any position is asked (*).
    await drive.synchronise(0);
    await drive.setVariableBlocks();
    const identity = await proveIdentity(drive, wanted);
    await refuseWriteProtected(drive, wanted.volumeTag);
    drive.expectBlocks(identity.recordSizeBytes);
    if (wanted.landmark !== undefined) drive.landmark(wanted.landmark.tapeFile, wanted.landmark.headBlock);
    const facts = await scanTape(drive, identity, wanted.durablePosition, this.#environment.digest64);
    this.#loaded = { drive, identity, position: 0n, filemarks: 0 };
    return facts;
  }

  async digestStream(request: {
    readonly firstBlock: bigint;
    readonly skipBytes: number;
    readonly bytes: bigint;
    readonly recordSizeBytes: number;
  }): Promise<Uint8Array> {
    const { drive, identity } = this.#need();
    await drive.locate(request.firstBlock);
    const digest = await drive.digestBytes(request.skipBytes, request.bytes, request.recordSizeBytes);
    if (digest === undefined)
      throw new FormatError(`${identity.volumeTag} ends before the bytes that were written there`);
    return digest;
  }

  async beginWriting(session: WriteSession): Promise<void> {
    const loaded = this.#need();
    const position = session.resume === undefined ? loaded.position : await this.#goTo(loaded, session.resume.boundary);
    const filemarks = session.resume?.filemarks ?? loaded.filemarks;
    this.#markInUse(loaded.identity, session.token.jobId);
    const segments = this.#segmentWriter(session, { ...loaded, position, filemarks });
    this.#session = new TapeWriteSession(this.#environment, session, segments, (full) =>
      this.#nextVolume(session, full),
    );
    await this.#session.begin();
  }

  async nextSegment(): Promise<void> {
    await this.#writing().nextSegment();
  }

  async endSegmentAt(streamOffset: bigint): Promise<void> {
    await this.#writing().endSegmentAt(streamOffset);
  }

  async checkpointAndStop(): Promise<void> {
    await this.#writing().checkpointAndStop();
  }

  failure(): Promise<never> {
    return this.#writing().failed;
  }

  progress(): WriteProgress | undefined {
    return this.#session?.progress();
  }

  counts(): ByteCounts {
    return this.#session?.counts() ?? this.#counts;
  }

  async endWriting(): Promise<void> {
    const session = this.#session;
    if (session === undefined) return;
    await session.abandon();
    this.#counts = session.counts();
    this.#session = undefined;
    this.#loaded = undefined;
  }

  releaseVolumes(jobId: string, segments: readonly Segment[]): Promise<void> {
    const { volumes } = this.#environment;
    for (const entry of volumes.list()) {
      if (entry.state !== "inUse" || entry.lastJobId !== jobId) continue;
      const end = endOf(entry, segments);
      volumes.put({ ...entry, ...end, state: end.tapeFiles > 1 ? "appendable" : "empty" });
    }
    return Promise.resolve();
  }

  async readStretch(stretch: StreamStretch, sink: StretchSink): Promise<void> {
    const loaded = await this.#loadForReading(stretch);
    await loaded.drive.locate(stretch.firstBlock);
    loaded.drive.forgetPlace();
    await sink.extract(loaded.drive.native, stretch);
  }

  async labelVolume(
    wish: LabelWish,
  ): Promise<{ readonly outcome: "labelled" | "alreadyLabelled"; readonly volumeUuid: string }> {
    const { drive } = await this.#library.mount(wish.volumeTag);
    const found = await readLabel(drive);
    if (found.kind === "ours") {
      await this.#adoptKnownLabel(drive, found.header);
      return { outcome: "alreadyLabelled", volumeUuid: found.header.uuid };
    }
    if (found.kind !== "blank" && !wish.overwriteForeign) {
      const what =
        found.kind === "foreign" ? `a label of ${found.product} (${found.volumeSerial})` : "data without a label";
      throw new OperatorError(
        `${wish.volumeTag} carries ${what}: it was left alone. If it may be lost: --overwrite-foreign --yes`,
        {
          code: "ERR_TAPE_CARTRIDGE_FOREIGN",
        },
      );
    }
    await refuseWriteProtected(drive, wish.volumeTag);
    await drive.setVariableBlocks();
    await refuseTooLongRecords(drive, wish.recordSizeBytes);
    const uuid = this.#environment.newUuid();
    await writeLabel(drive, {
      uuid,
      barcode: wish.volumeTag,
      pool: wish.pool,
      createdAtMs: this.#environment.nowMs(),
      recordSizeBytes: wish.recordSizeBytes,
    });
    await proveIdentity(drive, { volumeUuid: uuid, volumeTag: wish.volumeTag });
    this.#adoptLabel(uuid, wish.volumeTag, wish.pool, wish.recordSizeBytes, await drive.mediumSerial());
    return { outcome: "labelled", volumeUuid: uuid };
  }

  async copyTapeFile(
    volumeTag: string,
    tapeFile: number,
    fd: number,
  ): Promise<{ readonly bytes: bigint; readonly blocks: bigint }> {
    const { drive } = await this.#library.mount(volumeTag);
    await drive.rewind();
    if (tapeFile > 0) await spaceTo(drive, volumeTag, tapeFile);
    const { result, bytes, blocks, writeErrno } = await drive.copyTapeFile(fd, maximumBlockBytes);
    checkResult(result, `reading tape file ${tapeFile} of ${volumeTag}`);
    // A reader that has what it wants leaves: tar does not read the zeros behind an archive's end.
    if (writeErrno !== undefined && writeErrno !== 0 && writeErrno !== brokenPipe) {
      throw new FormatError(`the output could not be written (errno ${writeErrno})`);
    }
    if (blocks === undefined || blocks === 0n) throw new FormatError(`${volumeTag} has no tape file ${tapeFile}`);
    return { bytes: bytes ?? 0n, blocks };
  }

  async close(): Promise<void> {
    await this.endWriting();
    await this.#library.close();
  }

  /** Loads a volume, proves what it is, and stands behind its last tape file. */
  async #loadForAppend(entry: VolumeEntry): Promise<LoadedVolume> {
    const { drive } = await this.#library.mount(entry.volumeTag);
    await drive.synchronise(0);
    await drive.setVariableBlocks();
    const identity = await proveIdentity(drive, entry);
    await refuseWriteProtected(drive, entry.volumeTag);
    drive.expectBlocks(identity.recordSizeBytes);
    drive.landmark(entry.tapeFiles, entry.endPosition);
    const objectNumber = await endOfData(drive, entry.endPosition);
    if (objectNumber < entry.endPosition) {
      this.#environment.volumes.put({ ...entry, state: "altered" });
      throw new OperatorError(
        `${entry.volumeTag} ends at object ${objectNumber}, but ${entry.endPosition} were written: the cartridge was altered and is set aside`,
        { code: "ERR_TAPE_VOLUME_ALTERED" },
      );
    }
    const loaded = { drive, identity, position: entry.endPosition, filemarks: entry.tapeFiles };
    await this.#goTo(loaded, entry.endPosition);
    return loaded;
  }

  async #loadForReading(wanted: { readonly volumeUuid: string; readonly volumeTag: string }): Promise<LoadedVolume> {
    if (this.#loaded?.identity.volumeUuid === wanted.volumeUuid) return this.#loaded;
    const { drive } = await this.#library.mount(wanted.volumeTag);
    await drive.setVariableBlocks();
    const identity = await proveIdentity(drive, wanted);
    drive.expectBlocks(identity.recordSizeBytes);
    this.#loaded = { drive, identity, position: 0n, filemarks: 0 };
    return this.#loaded;
  }

  /** LOCATE, and the drive must say that it is there. */
  async #goTo(loaded: LoadedVolume, position: bigint): Promise<bigint> {
    await loaded.drive.locate(position);
    const found = await loaded.drive.position();
    if (!found.known || found.objectNumber !== position) {
      throw new DeviceError(
        `${loaded.identity.volumeTag} stands at object ${found.objectNumber} after a locate to ${position}: nothing was written`,
      );
    }
    return position;
  }

  /** The volume is full; the next one of the pool takes over. */
  async #nextVolume(session: WriteSession, full: SegmentWriter): Promise<SegmentWriter> {
    const { volumes } = this.#environment;
    const entry = volumes.get(full.volume.volumeUuid);
    const { position: endPosition, tapeFiles } = full;
    if (entry !== undefined)
      volumes.put({ ...entry, state: "full", endPosition, tapeFiles, bytes: full.volumeBytes() });
    await this.prepare({ pool: session.pool, recordSizeBytes: full.volume.recordSizeBytes });
    const loaded = this.#need();
    this.#markInUse(loaded.identity, session.token.jobId);
    return this.#segmentWriter(session, loaded);
  }

  #segmentWriter(session: WriteSession, loaded: LoadedVolume): SegmentWriter {
    return new SegmentWriter({
      drive: loaded.drive,
      volume: loaded.identity,
      catalogManager: this.#environment.catalogManager,
      token: session.token,
      digest64: this.#environment.digest64,
      position: loaded.position,
      filemarks: loaded.filemarks,
    });
  }

  #markInUse(identity: TapeVolumeIdentity, jobId: string): void {
    const entry = this.#environment.volumes.get(identity.volumeUuid);
    if (entry === undefined)
      throw new OperatorError(`volume ${identity.volumeTag} is not in the catalog: label it first`);
    this.#environment.volumes.put({ ...entry, state: "inUse", lastJobId: jobId });
  }

  #adoptLabel(
    volumeUuid: string,
    volumeTag: string,
    pool: string,
    recordSizeBytes: number,
    mediumSerial?: string,
  ): void {
    const { volumes } = this.#environment;
    if (volumes.get(volumeUuid) !== undefined) return;
    volumes.put({
      volumeUuid,
      volumeTag,
      pool,
      state: "empty",
      recordSizeBytes,
      labelBytes,
      endPosition: labelObjects,
      bytes: labelBytes,
      tapeFiles: 1,
      labelledAtMs: this.#environment.nowMs(),
      ...(mediumSerial === undefined ? {} : { mediumSerial }),
    });
  }

  /** A labelled cartridge that the catalog has not seen is taken in only if nothing is on it. */
  async #adoptKnownLabel(drive: TapeDrive, header: VolumeHeader): Promise<void> {
    if (this.#environment.volumes.get(header.uuid) !== undefined) return;
    await drive.spaceToEndOfData();
    const { objectNumber } = await drive.position();
    if (objectNumber !== labelObjects) {
      throw new OperatorError(
        `${header.barcode} is Tidemark volume ${header.uuid} with data that this catalog does not know: it was left alone`,
        { code: "ERR_TAPE_CARTRIDGE_FOREIGN" },
      );
    }
    this.#adoptLabel(header.uuid, header.barcode, header.pool, header.recordSizeBytes);
  }

  #need(): LoadedVolume {
    if (this.#loaded === undefined) throw new DeviceError("no volume is loaded", { code: "ERR_TAPE_DEVICE_UNKNOWN" });
    return this.#loaded;
  }

  #writing(): TapeWriteSession {
    if (this.#session === undefined) throw new Error("nothing is being written");
    return this.#session;
  }
}

/** Where a volume ends behind the last of the segments on it; where it ended before, if none is. */
function endOf(
  entry: VolumeEntry,
  segments: readonly Segment[],
): Pick<VolumeEntry, "endPosition" | "tapeFiles" | "bytes"> {
  const last = segments
    .filter((segment) => segment.volumeUuid === entry.volumeUuid && segment.endPosition !== undefined)
    .reduce<Segment | undefined>(
      (latest, segment) => (latest === undefined || segment.tapeFile > latest.tapeFile ? segment : latest),
      undefined,
    );
  if (last?.endPosition === undefined) return entry;
  const tapeFiles = last.tapeFile + 1;
  const bytes = volumeBytesAt({ ...entry, labelObjects }, last.endPosition, tapeFiles);
  return { endPosition: last.endPosition, tapeFiles, bytes };
}

/** Where the tape ends; on a drive that cannot tell, whether it reaches as far as it must. */
async function endOfData(drive: TapeDrive, wanted: bigint): Promise<bigint> {
  if (drive.positionSource === "counted") return drive.walkTo(wanted);
  await drive.spaceToEndOfData();
  return (await drive.position()).objectNumber;
}

async function spaceTo(drive: TapeDrive, volumeTag: string, tapeFile: number): Promise<void> {
  try {
    await drive.spaceFilemarks(tapeFile);
  } catch (error) {
    if (!(error instanceof BlankCheckError)) throw error;
    throw new FormatError(`${volumeTag} has no tape file ${tapeFile}`, { cause: error });
  }
}

async function refuseWriteProtected(drive: TapeDrive, volumeTag: string): Promise<void> {
  const { writeProtected } = await drive.modeStatus();
  if (!writeProtected) return;
  throw new OperatorError(`${volumeTag} is write protected: move the tab, or take another cartridge`, {
    code: "ERR_TAPE_CARTRIDGE_PROTECTED",
  });
}
