// SPDX-License-Identifier: Apache-2.0
/**
 * What a job's persistent records claim, folded in the order in which they were appended: which segments exist,
 * how far each tape volume is durable, which source volumes are complete, which large objects are open. Bounded: it
 * grows with volumes and segments, never with objects (those go into the disk-based catalog).
 *
 * The rules are those of durability.md: an object is durable when its end is at or before the stream offset of the
 * last DURABLE and all of it lies in segments whose end is known (section 2); a TRUNCATE voids every earlier record
 * that ends past its stream offset, on whatever volume (section 5, step 7).
 */
import { CatalogError } from "../errors.ts";
import type { SegmentEnd } from "../format/segment-end.ts";
import { BlockLog } from "./block-log.ts";
import type { LoggedBlocks } from "./block-log.ts";
import { decodeRecords } from "./persistent-record.ts";
import type {
  DurableRecord,
  ExtentRecord,
  JobDoneRecord,
  JobRecord,
  ObjectOpenRecord,
  ObjectRecord,
  PersistentRecord,
  SegmentCloseRecord,
  SegmentOpenRecord,
  SourceVolumeDoneRecord,
  TruncateRecord,
  VolumeCloseRecord,
  VolumeLostRecord,
} from "./persistent-record.ts";
import { wholeRecords } from "./record-sieve.ts";
import type { WholeContainer } from "./record-sieve.ts";
import { StreamCoverage } from "./stream-coverage.ts";

/** A segment; its stream bytes are [streamStart, streamEnd). */
export interface SegmentClaim {
  readonly segment: number;
  readonly epoch: number;
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly headBlock: bigint;
  readonly firstDataBlock: bigint;
  readonly streamStart: bigint;
  readonly continuedHeaderOffset: bigint | null;
  /** Known once the segment was closed or cut. */
  readonly streamEnd?: bigint;
  readonly ended?: SegmentEnd;
  readonly footerBlock?: bigint;
  readonly endPosition?: bigint;
  /** From this stream offset on the segment is lost (VOLUME_LOST). */
  readonly lostFrom?: bigint;
  /** Stream offset of the last DURABLE made while the segment was written. */
  readonly durableTo?: bigint;
}

export interface VolumeClaim {
  readonly volumeUuid: string;
  readonly volumeTag: string;
  /** P_d: where the volume was last durable; undefined before the first DURABLE. */
  readonly position: bigint | undefined;
  /** The DURABLE that still holds, if one does. */
  readonly lastDurable: DurableRecord | undefined;
  readonly closed: VolumeCloseRecord | undefined;
}

export interface SourceVolumeClaim {
  readonly index: number;
  readonly path: Buffer;
  readonly status: "complete" | "partial" | "notStarted";
  readonly streamStart: bigint | undefined;
  readonly done: SourceVolumeDoneRecord | undefined;
}

/** A large object that was begun and is not yet durable as a whole. */
export interface OpenObject {
  readonly open: ObjectOpenRecord;
  readonly sourceIndex: number;
  readonly containerPath: Buffer;
  /** Live extents, in order. */
  readonly extents: readonly ExtentRecord[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

interface VolumeState extends Mutable<VolumeClaim> {
  readonly blocks: BlockLog;
}

interface SourceState {
  readonly index: number;
  readonly path: Buffer;
  streamStart: bigint | undefined;
  done: SourceVolumeDoneRecord | undefined;
}

interface OpenState extends OpenObject {
  extents: ExtentRecord[];
}

export class Claims {
  #job: JobRecord | undefined;
  #recordSize = 0n;
  #epoch = 0;
  #durableOffset = 0n;
  #applied = 0;
  #containerIdMaximum = 0;
  #segmentMaximum = -1;
  #jobDone: JobDoneRecord | undefined;
  #currentVolumeUuid: string | undefined;
  #segments: Mutable<SegmentClaim>[] = [];
  #coverage: StreamCoverage | undefined;
  readonly #volumes = new Map<string, VolumeState>();
  readonly #sources = new Map<number, SourceState>();
  readonly #openContainers = new Map<number, { readonly sourceIndex: number; readonly path: Buffer }>();
  readonly #openObjects = new Map<bigint, OpenState>();
  readonly #truncations: { readonly ordinal: number; readonly record: TruncateRecord }[] = [];

  /**
   * Folds one record.
   * @param ordinal its number among all records, where it is not the next one
   * @throws CatalogError where the records contradict one another
   */
  apply(record: PersistentRecord, ordinal = this.#applied): void {
    this.#applied = Math.max(this.#applied, ordinal + 1);
    if (record.type !== "job" && this.#job === undefined && record.type !== "epoch") {
      throw contradiction(`a ${record.type} record stands before the job's own`);
    }
    switch (record.type) {
      case "job":
        return this.#beginJob(record);
      case "epoch":
        return this.#seeEpoch(record.epoch);
      case "sourceVolumeOpen":
        return this.#openSource(record.index, record.path, record.streamOffset);
      case "sourceVolumeDone":
        this.#source(record.index).done = record;
        return;
      case "segmentOpen":
        return this.#openSegment(record);
      case "segmentClose":
        return this.#closeSegment(record);
      case "blocks":
        this.#volume(record.volumeUuid).blocks.add(record);
        return;
      case "containerOpen":
        this.#containerIdMaximum = Math.max(this.#containerIdMaximum, record.containerId);
        this.#openContainers.set(record.containerId, {
          sourceIndex: record.sourceIndex,
          path: Buffer.from(record.path),
        });
        return;
      case "containerClose":
        this.#openContainers.delete(record.containerId);
        return;
      case "objectOpen":
        return this.#openObject(record);
      case "object":
        return this.#supersede(record);
      case "extent":
        return this.#addExtent(record);
      case "durable":
        return this.#makeDurable(record);
      case "truncate":
        return this.#truncate(record, ordinal);
      case "volumeClose":
        this.#volume(record.volumeUuid).closed = record;
        return;
      case "volumeLost":
        return this.loseVolume(record, this.#epoch);
      // They tell of other jobs, and of what happened; neither claims anything.
      case "mediaSet":
      case "interruption":
        return;
      case "jobDone":
        this.#jobDone = record;
    }
  }

  /** Folds the records of a container at once: of its objects only those matter that lie where another one was begun. */
  applyWhole({ close, endOffset, firstOffset, lastOrdinal, records }: WholeContainer): void {
    const overlaps = [...this.#openObjects.values()].some(
      ({ open }) => firstOffset < open.endOffset && open.headerOffset < endOffset,
    );
    if (overlaps) for (const record of decodeRecords(records, wholeRecords)) this.apply(record, lastOrdinal);
    for (const record of decodeRecords(close, wholeRecords)) this.apply(record, lastOrdinal);
  }

  applyAll(records: Iterable<PersistentRecord>): void {
    for (const record of records) this.apply(record);
  }

  /** @throws CatalogError where no JOB record has been seen. */
  get job(): JobRecord {
    if (this.#job === undefined) throw contradiction("it has no job record");
    return this.#job;
  }

  get recordSizeBytes(): number {
    return Number(this.#recordSize);
  }

  /** The highest epoch seen in any record. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Stream offset of the last DURABLE. */
  get durableStreamOffset(): bigint {
    return this.#durableOffset;
  }

  /** Of a copy: the job whose stream is this one's, and all that it has. */
  get copyOfJobId(): string | undefined {
    const jobId = this.#job?.settings["copyOfJobId"];
    return typeof jobId === "string" ? jobId : undefined;
  }

  /**
   * Where the stream goes on while no tape has been asked: at the last DURABLE. A copy's must have no hole, so it goes
   * on where the first of it is missing (a VOLUME_LOST without its TRUNCATE, in the second file only).
   */
  get resumableStreamOffset(): bigint {
    if (this.copyOfJobId === undefined) return this.#durableOffset;
    this.#coverage ??= this.#makeCoverage();
    const [first] = this.#coverage.ranges;
    return first?.from === 0n ? first.to : 0n;
  }

  get jobDone(): JobDoneRecord | undefined {
    return this.#jobDone;
  }

  /** The volume that was written last. */
  get currentVolumeUuid(): string | undefined {
    return this.#currentVolumeUuid;
  }

  /** In stream order. */
  get segments(): readonly SegmentClaim[] {
    return this.#segments;
  }

  /** In order of first use. */
  get volumes(): readonly VolumeClaim[] {
    return [...this.#volumes.values()];
  }

  /** The first container id that no record has used. */
  get nextContainerId(): number {
    return this.#containerIdMaximum + 1;
  }

  /** The first segment number that no record has used. */
  get nextSegment(): number {
    return this.#segmentMaximum + 1;
  }

  get sourceVolumes(): readonly SourceVolumeClaim[] {
    return [...this.#sources.values()].map((source) => ({ ...source, status: this.#statusOf(source) }));
  }

  get openObjects(): readonly OpenObject[] {
    return [...this.#openObjects.values()].filter((object) => !this.#wasGivenUp(object, 0n));
  }

  /**
   * The large object that begins before a stream offset and ends behind it, and can be gone on with there; with the
   * extents that end at or before it, for others come before their blocks.
   */
  objectAcross(streamOffset: bigint): OpenObject | undefined {
    const found = [...this.#openObjects.values()].find(
      (object) =>
        object.open.headerOffset < streamOffset &&
        streamOffset < object.open.endOffset &&
        !this.#wasGivenUp(object, streamOffset) &&
        !this.#isLost(object.open.headerOffset, streamOffset),
    );
    return found && { ...found, extents: extentsBefore(found, streamOffset) };
  }

  /** Digests announced for a volume, in order of announcement; where two speak of one block, the later one rules. */
  loggedBlocks(volumeUuid: string): readonly LoggedBlocks[] {
    return this.#volumes.get(volumeUuid)?.blocks.runs ?? [];
  }

  /**
   * Is every byte of [from, to) of the stream durable: at or before the last DURABLE, and inside segments whose end
   * is recorded or covered by a DURABLE of their own?
   */
  isDurable(from: bigint, to: bigint): boolean {
    this.#coverage ??= this.#makeCoverage();
    return this.#coverage.holds(from, to);
  }

  /**
   * For a second pass over the same records: was the record with this ordinal (0 for the first), whose stream bytes
   * end at `endOffset`, voided by a later TRUNCATE?
   */
  isVoid(ordinal: number, endOffset: bigint): boolean {
    return this.#truncations.some(
      (truncation) => truncation.ordinal > ordinal && endOffset > truncation.record.streamOffset,
    );
  }

  /**
   * Withdraws what segments of the given epochs claim on a volume from a block on. A VOLUME_LOST record does this
   * for every earlier segment; one that survived only in the second file does it for those of its own time.
   */
  loseVolume(record: VolumeLostRecord, untilEpoch: number): void {
    this.#seeEpoch(untilEpoch);
    const volume = this.#volumes.get(record.volumeUuid);
    if (volume === undefined) return;
    for (const segment of this.#segments) {
      if (segment.volumeUuid !== record.volumeUuid || segment.epoch > untilEpoch) continue;
      const blocks = record.fromBlock - segment.firstDataBlock;
      const lostFrom = segment.streamStart + (blocks < 0n ? 0n : blocks) * this.#recordSize;
      const end = segment.streamEnd ?? segment.durableTo ?? this.#durableOffset;
      // One that holds nothing of the stream is lost with its head.
      if (lostFrom >= end && segment.headBlock < record.fromBlock) continue;
      if (segment.lostFrom === undefined || lostFrom < segment.lostFrom) segment.lostFrom = lostFrom;
      this.#withdrawCounts(lostFrom);
    }
    volume.blocks.truncate(record.fromBlock, undefined);
    if (volume.position !== undefined && volume.position > record.fromBlock) {
      volume.position = record.fromBlock;
      volume.lastDurable = undefined;
    }
    this.#coverage = undefined;
  }

  /** Is anything of [from, to) on a volume whose claims were withdrawn there? What begins there cannot be gone on with. */
  #isLost(from: bigint, to: bigint): boolean {
    return this.#segments.some(
      ({ lostFrom, streamEnd }) =>
        lostFrom !== undefined && lostFrom < to && (streamEnd === undefined || from < streamEnd),
    );
  }

  #beginJob(record: JobRecord): void {
    if (this.#job !== undefined) throw contradiction("it has two job records");
    const recordSize = record.settings["recordSizeBytes"];
    if (typeof recordSize !== "number" || !Number.isInteger(recordSize) || recordSize <= 0) {
      throw contradiction("the job's settings have no recordSizeBytes");
    }
    this.#job = record;
    this.#recordSize = BigInt(recordSize);
    record.sources.forEach((path, index) => {
      this.#sources.set(index, { index, path, streamStart: undefined, done: undefined });
    });
  }

  #seeEpoch(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
  }

  #openSource(index: number, path: Buffer, streamOffset: bigint): void {
    const source = this.#source(index);
    if (!source.path.equals(path)) throw contradiction(`source volume ${index} has two paths`);
    // Opened again by a resume: it still begins where it began.
    source.streamStart ??= streamOffset;
    source.done = undefined;
  }

  #source(index: number): SourceState {
    const source = this.#sources.get(index);
    if (source === undefined) throw contradiction(`the job has no source volume ${index}`);
    return source;
  }

  #statusOf(source: SourceState): SourceVolumeClaim["status"] {
    if (source.done?.complete === true && source.done.endOffset <= this.#durableOffset) return "complete";
    return source.streamStart === undefined ? "notStarted" : "partial";
  }

  #openSegment(record: SegmentOpenRecord): void {
    this.#seeEpoch(record.epoch);
    this.#segmentMaximum = Math.max(this.#segmentMaximum, record.segment);
    const { type: _type, streamOffset, ...rest } = record;
    this.#segments.push({ ...rest, streamStart: streamOffset });
    this.#volumes.set(record.volumeUuid, this.#volumes.get(record.volumeUuid) ?? this.#newVolume(record));
    this.#currentVolumeUuid = record.volumeUuid;
    this.#coverage = undefined;
  }

  #newVolume({ volumeUuid, volumeTag }: SegmentOpenRecord): VolumeState {
    return {
      volumeUuid,
      volumeTag,
      position: undefined,
      lastDurable: undefined,
      closed: undefined,
      blocks: new BlockLog(this.recordSizeBytes),
    };
  }

  #volume(volumeUuid: string): VolumeState {
    const volume = this.#volumes.get(volumeUuid);
    if (volume === undefined) throw contradiction(`no segment was opened on volume ${volumeUuid}`);
    return volume;
  }

  #closeSegment(record: SegmentCloseRecord): void {
    const segment = this.#segments.findLast(
      (candidate) => candidate.segment === record.segment && candidate.volumeUuid === record.volumeUuid,
    );
    if (segment === undefined) throw contradiction(`segment ${record.segment} was closed but never opened`);
    segment.streamEnd = record.streamOffset;
    segment.ended = record.how;
    segment.endPosition = record.endBlock;
    if (record.footerBlock !== null) segment.footerBlock = record.footerBlock;
    this.#coverage = undefined;
  }

  #openObject(record: ObjectOpenRecord): void {
    this.#supersede(record);
    const container = this.#openContainers.get(record.containerId);
    // Said again when a resume goes on with it: its extents stay.
    if (this.#openObjects.has(record.headerOffset) || container === undefined) return;
    this.#openObjects.set(record.headerOffset, {
      open: { ...record, name: Buffer.from(record.name), sparseMap: record.sparseMap && Buffer.from(record.sparseMap) },
      sourceIndex: container.sourceIndex,
      containerPath: container.path,
      extents: [],
    });
  }

  /** Members never overlap: an open object in whose place another one stands was given up. */
  #supersede(record: ObjectRecord | ObjectOpenRecord): void {
    for (const [headerOffset, { open }] of this.#openObjects) {
      const overlaps = record.headerOffset < open.endOffset && headerOffset < record.endOffset;
      if (overlaps && headerOffset !== record.headerOffset) this.#openObjects.delete(headerOffset);
    }
  }

  /**
   * Did the stream go on with something else at a cut inside the object? It did where a segment with stream bytes
   * begins there without continuing it; a footer-only segment says nothing. `reached`: how far the stream is known
   * to go where a segment has no end yet.
   */
  #wasGivenUp({ open }: OpenObject, reached: bigint): boolean {
    return this.#segments.some((segment) => {
      const start = segment.streamStart;
      const inside = open.headerOffset < start && start < open.endOffset;
      const end = segment.streamEnd ?? greater(segment.durableTo ?? start, reached);
      return inside && end > start && segment.continuedHeaderOffset !== open.headerOffset;
    });
  }

  #addExtent(record: ExtentRecord): void {
    const object = this.#openObjects.get(record.headerOffset);
    object?.extents.push({ ...record, name: object.open.name, digest: record.digest && Buffer.from(record.digest) });
  }

  #makeDurable(record: DurableRecord): void {
    if (record.streamOffset < this.#durableOffset) {
      throw contradiction(`DURABLE went back from stream offset ${this.#durableOffset} to ${record.streamOffset}`);
    }
    this.#seeEpoch(record.epoch);
    const volume = this.#volume(record.volumeUuid);
    const earlier = volume.position ?? 0n;
    // Only a TRUNCATE or a VOLUME_LOST takes back what was durable (I3).
    if (record.position < earlier) {
      throw contradiction(`DURABLE went back on ${volume.volumeTag} from object ${earlier} to ${record.position}`);
    }
    // Digests of the last interval are kept: they find the last good block where the tape ends too early.
    volume.blocks.dropBefore(earlier);
    volume.position = record.position;
    volume.lastDurable = record;
    this.#durableOffset = record.streamOffset;
    const segment = this.#segments.findLast((candidate) => candidate.segment === record.segment);
    if (segment !== undefined) segment.durableTo = record.streamOffset;
    for (const [headerOffset, { open }] of this.#openObjects) {
      if (open.endOffset <= record.streamOffset) this.#openObjects.delete(headerOffset);
    }
    this.#coverage = undefined;
  }

  #truncate(record: TruncateRecord, ordinal: number): void {
    const offset = record.streamOffset;
    this.#seeEpoch(record.epoch);
    this.#truncations.push({ ordinal, record });
    if (this.#durableOffset > offset) this.#durableOffset = offset;
    if (this.#jobDone !== undefined && this.#jobDone.endOffset > offset) this.#jobDone = undefined;
    for (const source of this.#sources.values()) {
      if (source.done !== undefined && source.done.endOffset > offset) source.done = undefined;
      if (source.streamStart !== undefined && source.streamStart > offset) source.streamStart = undefined;
    }
    for (const [headerOffset, object] of this.#openObjects) {
      if (headerOffset >= offset) this.#openObjects.delete(headerOffset);
      else object.extents = extentsBefore(object, offset);
    }
    this.#truncateSegments(record);
    for (const volume of this.#volumes.values()) {
      volume.blocks.truncate(volume.volumeUuid === record.volumeUuid ? record.boundaryBlock : undefined, offset);
      if (volume.lastDurable !== undefined && volume.lastDurable.streamOffset > offset) volume.lastDurable = undefined;
    }
    const volume = this.#volume(record.volumeUuid);
    if (volume.position !== undefined && volume.position > record.boundaryBlock) volume.position = record.boundaryBlock;
    volume.closed = undefined;
    this.#currentVolumeUuid = record.volumeUuid;
    this.#coverage = undefined;
  }

  #truncateSegments(record: TruncateRecord): void {
    const void_ = this.#segments.filter((segment) => isSegmentVoid(segment, record));
    this.#segments = this.#segments.filter((segment) => !void_.includes(segment));
    for (const { volumeUuid, headBlock } of void_) {
      const volume = this.#volume(volumeUuid);
      if (volume.position !== undefined && volume.position > headBlock) volume.position = headBlock;
    }
    for (const segment of this.#segments) {
      if (segment.volumeUuid === record.volumeUuid && reaches(segment, record)) {
        delete segment.footerBlock;
        segment.ended = "cut";
        segment.streamEnd = record.streamOffset;
        // Behind the filemark that the resume writes at the boundary; until then the segment reaches up to it. A volume
        // that the job leaves gets none: there this is one too many.
        segment.endPosition = record.boundaryBlock + 1n;
      }
      if (segment.durableTo !== undefined && segment.durableTo > record.streamOffset)
        segment.durableTo = record.streamOffset;
    }
  }

  /** Counts fall with any record they count; a hard link's claim falls with its target's, which may lie far before it. */
  #withdrawCounts(from: bigint): void {
    this.#jobDone = undefined;
    for (const source of this.#sources.values()) {
      if (source.done !== undefined && from < source.done.endOffset) source.done = undefined;
    }
  }

  #makeCoverage(): StreamCoverage {
    const ranges = this.#segments.map((segment) => {
      const ends = [segment.streamEnd ?? segment.durableTo ?? segment.streamStart, segment.lostFrom];
      const to = ends.reduce<bigint>(
        (least, end) => (end !== undefined && end < least ? end : least),
        this.#durableOffset,
      );
      return { from: segment.streamStart, to };
    });
    return new StreamCoverage(ranges);
  }
}

function extentsBefore({ open, extents }: OpenObject, streamOffset: bigint): ExtentRecord[] {
  return extents.filter(({ to }) => open.dataOffset + to <= streamOffset);
}

/**
 * A segment that begins past the boundary never was. One that begins exactly there was if it stands before the
 * boundary on the same volume, or was closed empty (footer-only) on another one.
 */
export function isSegmentVoid(segment: SegmentClaim, record: TruncateRecord): boolean {
  if (segment.streamStart !== record.streamOffset) return segment.streamStart > record.streamOffset;
  if (segment.volumeUuid === record.volumeUuid) return segment.headBlock >= record.boundaryBlock;
  return segment.streamEnd !== segment.streamStart;
}

/** Does the boundary lie in this segment, so that it ends there: cut, whatever was recorded of its end? */
function reaches(segment: SegmentClaim, record: TruncateRecord): boolean {
  return segment.endPosition === undefined || segment.endPosition > record.boundaryBlock;
}

function greater(left: bigint, right: bigint): bigint {
  return left > right ? left : right;
}

function contradiction(what: string): CatalogError {
  return new CatalogError(`the temporary catalog contradicts itself: ${what}`, { code: "ERR_TAPE_CATALOG_DAMAGED" });
}
