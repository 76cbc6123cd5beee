// SPDX-License-Identifier: Apache-2.0
/**
 * Where a job goes on: the decision of durability.md, section 5, steps 4 to 6. Pure; it sees the persistent
 * records and what the tape said, and touches neither.
 */
import type { JobRecords } from "../protocol/catalog-manager.ts";
import type { DurableMark, LoggedBlocks, Segment, TapeFacts } from "../protocol/tape.ts";

export interface BoundaryDecision {
  /** B: the next object to be written. */
  readonly boundary: bigint;
  /** s_B: a multiple of the record size. */
  readonly streamOffset: bigint;
  /** Object B - 1 is a filemark. */
  readonly behindFilemark: boolean;
  /** Filemarks before B on the volume, the label's included. */
  readonly filemarks: number;
  /** `behind` is a broken promise: nothing may be written before an operator has agreed. */
  readonly relation: "behind" | "equal" | "ahead";
  readonly durablePosition: bigint;
  readonly adoptedBlocks: bigint;
  readonly discardedBlocks: bigint;
  /** The segment that the boundary cuts; absent behind a closed one. */
  readonly cutSegment?: Segment;
  /** The last block before B does not carry the digest that the catalog has for it. */
  readonly mismatch?: string;
  /** XXH3-64 of the last block before B, where known. */
  readonly lastDigest?: bigint;
  readonly reasons: readonly string[];
}

interface Reach {
  position: bigint;
  streamOffset: bigint;
  lastDigest: bigint | undefined;
  adopted: bigint;
}

/** The durable mark of the current volume; before the first one, the place of its first segment's head. */
export function durableMarkOf(records: JobRecords): DurableMark | undefined {
  const volumeUuid = records.currentVolumeUuid;
  if (volumeUuid === undefined) return undefined;
  const mark = records.durableMarks.find((candidate) => candidate.volumeUuid === volumeUuid);
  if (mark !== undefined) return mark;
  const first = records.segments.find((segment) => segment.volumeUuid === volumeUuid);
  if (first === undefined) return undefined;
  return {
    volumeUuid,
    segment: first.segment,
    position: first.headBlock,
    streamOffset: first.streamStart,
    durableBytes: 0n,
  };
}

/** Decides the boundary on the current volume. */
export function decideBoundary(records: JobRecords, facts: TapeFacts): BoundaryDecision {
  const mark = durableMarkOf(records);
  if (mark === undefined) throw new Error("the job has no current tape volume: there is no boundary to decide");
  const segments = records.segments.filter((segment) => segment.volumeUuid === mark.volumeUuid);
  const base = { durablePosition: mark.position };
  if (facts.endOfData < mark.position) {
    return {
      ...base,
      boundary: facts.endOfData,
      streamOffset: mark.streamOffset,
      behindFilemark: false,
      filemarks: 1,
      relation: "behind",
      adoptedBlocks: 0n,
      discardedBlocks: 0n,
      reasons: [
        `${facts.volume.volumeTag} ends at object ${facts.endOfData}, but objects up to ${mark.position} were durable: the cartridge was altered or damaged`,
      ],
    };
  }
  const reach = adopt(records, facts, mark, segments);
  const cut = segmentAt(segments, reach.position);
  const relation = facts.endOfData === mark.position ? "equal" : "ahead";
  const reasons = explain(facts, mark, reach, relation);
  const mismatch = compareBefore(facts, mark);
  const rest = {
    ...base,
    relation,
    adoptedBlocks: reach.adopted,
    discardedBlocks: facts.endOfData - reach.position,
    ...(mismatch === undefined ? {} : { mismatch }),
  } as const;
  if (cut !== undefined && reach.position === cut.firstDataBlock) {
    // A head without data behind it continues nothing and would be an empty part: written again.
    reasons.push(`segment ${cut.segment} has no data yet, its head is written again`);
    return { ...rest, ...beforeHead(cut), reasons };
  }
  return {
    ...rest,
    filemarks: filemarksBefore(segments, cut, reach.position),
    boundary: reach.position,
    streamOffset: reach.streamOffset,
    behindFilemark: cut === undefined,
    ...(cut === undefined ? {} : { cutSegment: cut }),
    ...(reach.lastDigest === undefined ? {} : { lastDigest: reach.lastDigest }),
    reasons,
  };
}

/** The boundary on a volume that is not looked at: its last durable mark. Nothing is written on it again. */
export function boundaryUnseen(records: JobRecords): BoundaryDecision {
  const mark = durableMarkOf(records);
  if (mark === undefined) throw new Error("the job has no current tape volume: there is no boundary to decide");
  const segments = records.segments.filter((segment) => segment.volumeUuid === mark.volumeUuid);
  const tag = segments[0]?.volumeTag ?? mark.volumeUuid;
  const cut = segmentAt(segments, mark.position);
  const rest = {
    relation: "equal",
    durablePosition: mark.position,
    adoptedBlocks: 0n,
    discardedBlocks: 0n,
    reasons: [`${tag} is not looked at: what is durable on it up to object ${mark.position} counts, nothing behind it`],
  } as const;
  if (cut !== undefined && mark.position <= cut.firstDataBlock) return { ...rest, ...beforeHead(cut) };
  return {
    ...rest,
    boundary: mark.position,
    streamOffset: mark.streamOffset,
    filemarks: filemarksBefore(segments, cut, mark.position),
    behindFilemark: cut === undefined,
    ...(cut === undefined ? {} : { cutSegment: cut }),
    ...(mark.lastDigest === undefined ? {} : { lastDigest: mark.lastDigest }),
  };
}

/** In front of a segment that holds nothing. */
function beforeHead(
  segment: Segment,
): Pick<BoundaryDecision, "boundary" | "streamOffset" | "behindFilemark" | "filemarks"> {
  return {
    boundary: segment.headBlock,
    streamOffset: segment.streamStart,
    behindFilemark: true,
    filemarks: segment.tapeFile,
  };
}

function filemarksBefore(segments: readonly Segment[], cut: Segment | undefined, position: bigint): number {
  if (cut !== undefined) return cut.tapeFile;
  const before = segments.findLast((segment) => segment.headBlock < position);
  return before === undefined ? (segments[0]?.tapeFile ?? 1) : before.tapeFile + 1;
}

/**
 * The boundary moved back to the start of a member whose header set it would cut (step 6).
 * A header set that is longer than a record starts on a record boundary, so the result is one.
 */
export function moveBeforeHeaders(
  decision: BoundaryDecision,
  headerOffset: bigint,
  recordSizeBytes: number,
): BoundaryDecision {
  const back = (decision.streamOffset - headerOffset) / BigInt(recordSizeBytes);
  const cut = decision.cutSegment;
  if (cut === undefined) return decision;
  const boundary = decision.boundary - back;
  const reasons = [
    ...decision.reasons,
    `the boundary goes back ${back} records to the start of a header set it would cut`,
  ];
  const { lastDigest: _unknown, cutSegment: _cut, ...kept } = decision;
  if (boundary <= cut.firstDataBlock) {
    return { ...kept, ...beforeHead(cut), reasons };
  }
  return { ...kept, cutSegment: cut, boundary, streamOffset: headerOffset, reasons };
}

/** Follows the tape behind the durable mark as long as it holds what was announced (*). */
function adopt(records: JobRecords, facts: TapeFacts, mark: DurableMark, segments: readonly Segment[]): Reach {
  const reach: Reach = {
    position: mark.position,
    streamOffset: mark.streamOffset,
    lastDigest: mark.lastDigest,
    adopted: 0n,
  };
  const recordSize = facts.volume.recordSizeBytes;
  for (const [index, object] of facts.objects.entries()) {
    const position = facts.scannedFrom + BigInt(index);
    const logged = loggedAt(records.loggedBlocks, position, recordSize);
    if (logged === undefined) {
      // A head, footer or filemark counts only in front of a known segment with adopted data behind it.
      const ahead = segments.some((segment) => segment.epoch === records.epoch && segment.firstDataBlock > position);
      if (!ahead) break;
      continue;
    }
    if (object.kind !== "block" || object.lengthBytes !== recordSize || object.digest !== logged.digest) break;
    reach.position = position + 1n;
    reach.streamOffset = logged.streamOffset + BigInt(recordSize);
    reach.lastDigest = object.digest;
    reach.adopted += 1n;
  }
  return reach;
}

/** What the catalog announced for this block, if anything. */
function loggedAt(
  logged: readonly LoggedBlocks[],
  position: bigint,
  recordSize: number,
): { readonly digest: bigint; readonly streamOffset: bigint } | undefined {
  // Where two speak of one block, the later one rules.
  for (const run of logged.toReversed()) {
    const index = position - run.firstBlock;
    if (index < 0n || index >= BigInt(run.digests.byteLength / 8)) continue;
    const view = new DataView(run.digests.buffer, run.digests.byteOffset, run.digests.byteLength);
    return {
      digest: view.getBigUint64(Number(index) * 8),
      streamOffset: run.streamOffset + index * BigInt(recordSize),
    };
  }
  return undefined;
}

/** The segment that a boundary at `position` would cut. */
function segmentAt(segments: readonly Segment[], position: bigint): Segment | undefined {
  const last = segments.findLast((segment) => segment.headBlock < position);
  if (last === undefined) return undefined;
  const closed = last.endPosition !== undefined && position >= last.endPosition;
  return closed ? undefined : last;
}

/** The block before the durable mark must be the one that was written (*). */
function compareBefore(facts: TapeFacts, mark: DurableMark): string | undefined {
  if (mark.lastDigest === undefined) return undefined;
  if (facts.before === undefined) return `the block before object ${mark.position} cannot be read`;
  if (facts.before.digest === mark.lastDigest) return undefined;
  return `the block before object ${mark.position} is not the one that was written`;
}

function explain(facts: TapeFacts, mark: DurableMark, reach: Reach, relation: string): string[] {
  const tag = facts.volume.volumeTag;
  if (relation === "equal") return [`${tag} ends at object ${mark.position}, exactly at the last durable mark`];
  const past = facts.endOfData - mark.position;
  return [
    `${tag} has ${past} objects past the last durable mark at ${mark.position}`,
    `${reach.adopted} of its blocks carry the digests that were announced for them and are adopted`,
    `${facts.endOfData - reach.position} objects behind them are discarded and written over`,
  ];
}
