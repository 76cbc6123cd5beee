// SPDX-License-Identifier: Apache-2.0
/**
 * Writes what is not the stream: segment heads, footers, filemarks; keeps the own count of the position and
 * holds it against the drive's at every synchronisation. One volume, one job.
 */
import type { TapeDrive } from "../device/tape-drive.ts";
import { DeviceError } from "../errors.ts";
import { continuationOf, encodeSegmentHead } from "../format/segment-head.ts";
import { footerRecords, segmentFooterLayout } from "../format/segment-footer.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { CatalogManager, EpochToken, SetOfFooter } from "../protocol/catalog-manager.ts";
import type { ContinuedPart, CutMember, DurableMark, Segment, TapeVolumeIdentity } from "../protocol/tape.ts";
import type { BlockSettings } from "./block-settings.ts";
import type { WriteTime } from "./write-time.ts";

export interface SegmentWriterOptions {
  readonly drive: TapeDrive;
  readonly volume: TapeVolumeIdentity;
  /** UUID of the set that the volume belongs to. */
  readonly mediaSet: string;
  readonly catalogManager: CatalogManager;
  readonly token: EpochToken;
  readonly digest64: (bytes: Uint8Array) => bigint;
  /** Where the tape stands, confirmed by the drive, and how many filemarks are before it. */
  readonly position: bigint;
  readonly filemarks: number;
  readonly settings: BlockSettings;
  /** Of a footer's records, what is sure to fit behind early warning. */
  readonly recordLimitBytes: bigint;
  readonly time: WriteTime;
}

export class SegmentWriter {
  readonly drive: TapeDrive;
  readonly volume: TapeVolumeIdentity;
  /** How the drive was set when it was made ready for this volume. */
  readonly settings: BlockSettings;
  readonly recordLimitBytes: bigint;
  /** Of all that the session writes, on other volumes too. */
  readonly time: WriteTime;
  readonly #mediaSet: string;
  readonly #catalogManager: CatalogManager;
  readonly #token: EpochToken;
  readonly #digest64: (bytes: Uint8Array) => bigint;
  #position: bigint;
  #filemarks: number;
  #segment: Segment | undefined;
  #lastDigest: bigint | undefined;
  #earlyWarning = false;
  #acceptedBytes = 0n;

  constructor(options: SegmentWriterOptions) {
    this.drive = options.drive;
    this.volume = options.volume;
    this.settings = options.settings;
    this.recordLimitBytes = options.recordLimitBytes;
    this.time = options.time;
    this.#mediaSet = options.mediaSet;
    this.#catalogManager = options.catalogManager;
    this.#token = options.token;
    this.#digest64 = options.digest64;
    this.#position = options.position;
    this.#filemarks = options.filemarks;
  }

  get position(): bigint {
    return this.#position;
  }

  get segment(): Segment {
    if (this.#segment === undefined) throw new Error("no segment is open");
    return this.#segment;
  }

  /** Early warning was met: what is open is ended, and the next segment belongs on the next volume. */
  get earlyWarning(): boolean {
    return this.#earlyWarning;
  }

  /** Bytes of heads and footers that the drive accepted. */
  get acceptedBytes(): bigint {
    return this.#acceptedBytes;
  }

  get tapeFiles(): number {
    return this.#filemarks;
  }

  volumeBytes(): bigint {
    return volumeBytesAt(this.volume, this.#position, this.#filemarks);
  }

  /** Writes the head; the SEGMENT_OPEN record is on disk before (*). */
  async open(
    segment: number,
    streamOffset: bigint,
    continued?: { readonly member: CutMember; readonly part: ContinuedPart },
  ): Promise<void> {
    const continuation =
      continued === undefined ? undefined : continuationOf(continued.member, streamOffset, continued.part);
    const opened: Segment = {
      segment,
      epoch: this.#token.epoch,
      volumeUuid: this.volume.volumeUuid,
      volumeTag: this.volume.volumeTag,
      tapeFile: this.#filemarks,
      headBlock: this.#position,
      firstDataBlock: this.#position + 1n,
      streamStart: streamOffset,
      ...(continuation === undefined || continued === undefined
        ? {}
        : { continuedHeaderOffset: continued.member.headerOffset }),
    };
    const onDisk = this.time.begin("catalogMs");
    try {
      await this.#catalogManager.segmentOpened(this.#token, opened);
    } finally {
      onDisk();
    }
    this.#segment = opened;
    const head = encodeSegmentHead(
      {
        volumeUuid: this.volume.volumeUuid,
        mediaSet: this.#mediaSet,
        jobId: this.#token.jobId,
        epoch: this.#token.epoch,
        segment,
        streamOffset,
        ...(continuation === undefined ? {} : { continuation }),
      },
      this.volume.recordSizeBytes,
    );
    await this.#writeRecord(head, `the head of segment ${segment}`);
  }

  /**
   * I4 to I6 of durability.md, section 6, asserted before every write whatever the code around it believes: the tape
   * stands where it must by a count that no attention has voided since, the epoch's first frame is on the disk (*), and
   * the label is not written over.
   */
  assertMayWrite(): void {
    const counted = this.drive.countedPosition;
    const { volumeTag, labelObjects } = this.volume;
    if (counted !== this.#position) {
      throw new DeviceError(
        `${volumeTag} must stand at object ${this.#position}, and is known to stand at ${counted ?? "no place"}: nothing was written. The job can be resumed: tidemark job resume ${this.#token.jobId}`,
      );
    }
    if (counted < labelObjects) throw new Error(`a write at object ${counted} of ${volumeTag} would destroy its label`);
    if (!this.#catalogManager.hasBegun(this.#token))
      throw new Error(`a write on ${volumeTag} before epoch ${this.#token.epoch} is on the disk`);
  }

  /** The native writer has put this many records on the tape. */
  recordsWritten(blocks: bigint, lastDigest: bigint | undefined, earlyWarning: boolean): void {
    this.#position += blocks;
    this.drive.advanced(blocks);
    this.#lastDigest = lastDigest ?? this.#lastDigest;
    this.#earlyWarning ||= earlyWarning;
  }

  /** Ends the open segment at a member boundary: footer, filemark, all on the medium, all on disk. */
  async close(streamEnd: bigint, set?: SetOfFooter): Promise<void> {
    const footerBlock = this.#position;
    const ending: Segment = { ...this.segment, streamEnd, ended: "closed", footerBlock };
    const records = await this.#catalogManager.footerRecords(this.#token, ending, set);
    const recordSizeBytes = this.volume.recordSizeBytes;
    const layout = segmentFooterLayout({
      jobId: this.#token.jobId,
      segment: ending.segment,
      bodyBytes: records.bytes,
      recordSizeBytes,
    });
    for await (const record of footerRecords(layout, records.pieces(), recordSizeBytes)) {
      await this.#writeRecord(record, `the footer of segment ${ending.segment}`);
    }
    await this.#end(ending);
  }

  /** Ends the open segment at a record boundary, in the middle of a member: no footer, it would be read as file data. */
  async cut(streamEnd: bigint, ended: "cut" | "givenUp"): Promise<void> {
    await this.#end({ ...this.segment, streamEnd, ended });
  }

  /** A filemark before anything new, where something else than one stands. */
  async separate(): Promise<void> {
    await this.#filemark();
  }

  /** Everything accepted so far is on the medium, the position proves it, and the disk knows. */
  async synchronise(streamOffset: bigint): Promise<void> {
    const onMedium = this.time.begin("syncMs");
    try {
      const outcome = await this.drive.synchronise(0);
      this.#earlyWarning ||= outcome.earlyWarning;
      await this.#confirmPosition();
    } finally {
      onMedium();
    }
    const onDisk = this.time.begin("catalogMs");
    try {
      const mark = this.#mark(this.segment.segment, streamOffset);
      await this.#catalogManager.durable(this.#token, mark);
    } finally {
      onDisk();
    }
  }

  async #end(ending: Segment): Promise<void> {
    await this.#filemark();
    const streamEnd = ending.streamEnd ?? ending.streamStart;
    const ended: Segment = { ...ending, endPosition: this.#position };
    this.#segment = undefined;
    const onDisk = this.time.begin("catalogMs");
    try {
      await this.#catalogManager.segmentEnded(this.#token, ended);
      const mark = this.#mark(ended.segment, streamEnd);
      await this.#catalogManager.durable(this.#token, mark);
    } finally {
      onDisk();
    }
  }

  async #filemark(): Promise<void> {
    this.assertMayWrite();
    const onMedium = this.time.begin("syncMs");
    try {
      const outcome = await this.drive.synchronise(1);
      this.#earlyWarning ||= outcome.earlyWarning;
      this.#position += 1n;
      this.#filemarks += 1;
      await this.#confirmPosition();
    } finally {
      onMedium();
    }
  }

  async #writeRecord(record: Buffer, what: string): Promise<void> {
    this.assertMayWrite();
    const taken = this.time.begin("driveMs");
    let outcome;
    try {
      outcome = await this.drive.write(record, `${what}, block ${this.#position} of ${this.volume.volumeTag}`);
    } finally {
      taken();
    }
    if (outcome.accepted !== record.length) {
      throw new DeviceError(
        `${what}: the drive took ${outcome.accepted} of ${record.length} bytes; the job can be resumed`,
      );
    }
    this.#position += 1n;
    this.#acceptedBytes += BigInt(record.length);
    this.#lastDigest = this.#digest64(record);
    this.#earlyWarning ||= outcome.earlyWarning;
  }

  async #confirmPosition(): Promise<void> {
    const found = await this.drive.objectNumber();
    if (found === this.#position) return;
    throw new DeviceError(
      `${this.volume.volumeTag} stands at object ${found}, but ${this.#position} objects were written: another program moved the tape, or the drive lost blocks. The job can be resumed: tidemark job resume ${this.#token.jobId}`,
    );
  }

  #mark(segment: number, streamOffset: bigint): DurableMark {
    return {
      volumeUuid: this.volume.volumeUuid,
      segment,
      position: this.#position,
      streamOffset,
      durableBytes: this.volumeBytes(),
      ...(this.#lastDigest === undefined ? {} : { lastDigest: this.#lastDigest }),
    };
  }
}
