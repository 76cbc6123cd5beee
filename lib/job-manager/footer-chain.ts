// SPDX-License-Identifier: Apache-2.0
/**
 * The tape files behind a durable mark whose records a damaged catalog has lost (H4): what they are by their own heads,
 * and whether what stands behind each of them says the same. Pure.
 */
import type { JobRecords, SegmentOnTape } from "../protocol/catalog-manager.ts";
import type { DurableMark, HeadOnTape, TapeFacts, TapeObject } from "../protocol/tape.ts";
import { isAsAnnounced } from "./adopted-prefix.ts";
import { filemarksBefore, segmentAt } from "./boundary-place.ts";
import { segmentsOn } from "./resume-boundary.ts";

/** A tape file with the filemark that ends it, read back whole. */
interface TapeFile {
  /** Where it was begun to be read: its head, but for the file that the mark lies in. */
  readonly from: bigint;
  readonly head?: HeadOnTape;
  readonly filemark: bigint;
  /** Of the last block before the filemark. */
  readonly lastDigest: bigint;
  /** `end`: the data on the tape ends with that filemark. */
  readonly behind: HeadOnTape | "end" | "unknown";
}

/** A segment whose filemark was read. */
export interface EndedSegment extends SegmentOnTape {
  readonly streamEnd: bigint;
  readonly endPosition: bigint;
}

/** Where the chain has come to. */
export interface ChainPlace {
  readonly streamOffset: bigint;
  /** Filemarks before it. */
  readonly filemarks: number;
  /** The highest epoch before it. */
  readonly epoch: number;
  /** The segment that the place lies in. */
  readonly open?: SegmentOnTape;
}

/** A tape file, and the segment in it as far as its head tells. */
export interface ChainedFile {
  readonly opened: SegmentOnTape;
  /** The first block that may belong to its footer. */
  readonly from: bigint;
  readonly filemark: bigint;
  readonly lastDigest: bigint;
  readonly behind: TapeFile["behind"];
}

export function placeOf(records: JobRecords, { position, streamOffset, volumeUuid }: DurableMark): ChainPlace {
  const segments = segmentsOn(records, volumeUuid);
  const open = segmentAt(segments, position);
  const place = { epoch: records.epoch, streamOffset, filemarks: filemarksBefore(segments, position) };
  return open === undefined ? place : { ...place, open };
}

/** The heads of this job that begin tape files behind the mark. */
export function headsBehind({ jobId }: JobRecords, facts: TapeFacts, place: ChainPlace): readonly HeadOnTape[] {
  // Where the mark lies inside a file's data, the block behind it may look like anything.
  const objects = place.open === undefined ? facts.objects : facts.objects.slice(1);
  return objects.flatMap((object) => {
    const head = headOf(object);
    return head?.jobId === jobId ? [head] : [];
  });
}

/**
 * A later start is among the lost records, and nothing that it wrote stands behind the mark: it may have taken back
 * everything there, and gone on on another volume.
 */
export function mayBeTakenBack({ epoch, epochBehindDamage = 0 }: JobRecords, heads: readonly HeadOnTape[]): boolean {
  return epochBehindDamage > heads.reduce((highest, head) => Math.max(highest, head.epoch), epoch);
}

/** What was read back, tape file by tape file, as far as it is what the surviving records announced. */
export function tapeFiles(records: JobRecords, facts: TapeFacts): readonly TapeFile[] {
  const { objects, scannedFrom } = facts;
  const files: TapeFile[] = [];
  let first = 0;
  let lastDigest = facts.before?.digest;
  for (const [index, object] of objects.entries()) {
    if (object.kind === "block") {
      if (!isAsAnnounced(records, scannedFrom + BigInt(index), object, facts)) break;
      lastDigest = object.digest;
      continue;
    }
    const head = headOf(objects[first]);
    if (lastDigest === undefined) break;
    files.push({
      from: scannedFrom + BigInt(first),
      ...(head === undefined ? {} : { head }),
      filemark: scannedFrom + BigInt(index),
      lastDigest,
      behind: behindFilemark(facts, index),
    });
    first = index + 1;
  }
  return files;
}

function headOf(object: TapeObject | undefined): HeadOnTape | undefined {
  return object?.kind === "block" ? object.head : undefined;
}

function behindFilemark({ endOfData, objects, scannedFrom }: TapeFacts, index: number): TapeFile["behind"] {
  if (scannedFrom + BigInt(index) + 1n === endOfData) return "end";
  return headOf(objects[index + 1]) ?? "unknown";
}

/**
 * The segment in the tape file at this place. One that begins there must go on with the stream where the one before it
 * ended, in the same epoch or in a later one: an older one was taken back.
 */
export function chained(
  { jobId }: JobRecords,
  place: ChainPlace,
  file: TapeFile,
  volumeTag: string,
): ChainedFile | undefined {
  const { filemark, from, head, lastDigest, behind } = file;
  if (place.open !== undefined) return { opened: place.open, from, filemark, lastDigest, behind };
  if (head?.jobId !== jobId || head.epoch < place.epoch || head.streamOffset !== place.streamOffset) return undefined;
  const { epoch, segment, streamOffset: streamStart, volumeUuid } = head;
  const firstDataBlock = from + 1n;
  const places = { tapeFile: place.filemarks, headBlock: from, firstDataBlock, streamStart };
  const opened = { segment, epoch, volumeUuid, volumeTag, ...places };
  return { opened, from: firstDataBlock, filemark, lastDigest, behind };
}

/** With the end that its footer gives it, or of one that was cut its filemark. */
export function ended(
  { opened, filemark }: ChainedFile,
  footerBlock: bigint | undefined,
  recordSizeBytes: number,
): EndedSegment {
  const endOfStream = footerBlock ?? filemark;
  return {
    ...opened,
    streamEnd: opened.streamStart + (endOfStream - opened.firstDataBlock) * BigInt(recordSizeBytes),
    endPosition: filemark + 1n,
    ...(footerBlock === undefined ? { ended: "cut" as const } : { ended: "closed" as const, footerBlock }),
  };
}

/**
 * A job writes each head where the stream stood, and writes over what it has taken back. So what stands behind a
 * segment's filemark says where the segment ended, and that it still counted then.
 */
export function isConfirmed(
  { behind }: ChainedFile,
  { ended: how, epoch, streamEnd }: EndedSegment,
  { jobId }: JobRecords,
  heads: readonly HeadOnTape[],
): boolean {
  // On WORM what was taken back stands before the head of the later start.
  if (heads.some((head) => head.epoch > epoch && head.streamOffset < streamEnd)) return false;
  if (behind === "end") return how === "closed";
  return behind !== "unknown" && behind.jobId === jobId && behind.epoch >= epoch && behind.streamOffset === streamEnd;
}
