// SPDX-License-Identifier: Apache-2.0
/**
 * Where a job goes on: the decision of durability.md, section 5, steps 4 to 6. Pure; it sees the persistent
 * records and what the tape said, and touches neither.
 */
import type { JobRecords } from "../protocol/catalog-manager.ts";
import type { DurableMark, Segment, TapeFacts } from "../protocol/tape.ts";
import { adoptedPrefix, provedHead, provedPrefix } from "./adopted-prefix.ts";
import type { Reach } from "./adopted-prefix.ts";
import { beforeHead, filemarksBefore, segmentAt } from "./boundary-place.ts";

export interface BoundaryDecision {
  /** B: the next object to be written. */
  readonly boundary: bigint;
  /** s_B: a multiple of the record size. */
  readonly streamOffset: bigint;
  /** Object B - 1 is a filemark. */
  readonly behindFilemark: boolean;
  /** Filemarks before B on the volume, the label's included. */
  readonly filemarks: number;
  /** `behind` is a broken promise: nothing is written behind it unless an operator says so. */
  readonly relation: "behind" | "equal" | "ahead";
  readonly durablePosition: bigint;
  readonly adoptedBlocks: bigint;
  readonly discardedBlocks: bigint;
  /** Objects before B that hold nothing of the stream and cannot be written over (WORM). */
  readonly voidObjects?: bigint;
  /** The segment that the boundary cuts; absent behind a closed one. */
  readonly cutSegment?: Segment;
  /** The volume is altered: why nothing on it counts. */
  readonly mismatch?: string;
  /** XXH3-64 of the last block before B, where known. */
  readonly lastDigest?: bigint;
  readonly reasons: readonly string[];
}

/** The durable mark of a volume, the current one where none is named; before the first one, the place of its first segment's head. */
export function durableMarkOf(
  records: JobRecords,
  volumeUuid: string | undefined = records.currentVolumeUuid,
): DurableMark | undefined {
  if (volumeUuid === undefined) return undefined;
  const mark = records.durableMarks.find((candidate) => candidate.volumeUuid === volumeUuid);
  if (mark !== undefined) return mark;
  const first = segmentsOn(records, volumeUuid)[0];
  if (first === undefined) return undefined;
  const { segment, headBlock, streamStart } = first;
  return { volumeUuid, segment, position: headBlock, streamOffset: streamStart, durableBytes: 0n };
}

export function segmentsOn({ segments }: JobRecords, volumeUuid: string): readonly Segment[] {
  return segments.filter((segment) => segment.volumeUuid === volumeUuid);
}

/** Decides the boundary on the volume of this mark. */
export function decideBoundary(records: JobRecords, facts: TapeFacts, mark: DurableMark): BoundaryDecision {
  const segments = segmentsOn(records, mark.volumeUuid);
  if (facts.endOfData < mark.position) return decideBehind(records, facts, mark, segments);
  const reach = adoptedPrefix(records, facts, mark, segments);
  const relation = facts.endOfData === mark.position ? "equal" : "ahead";
  const mismatch = compareBefore(records, facts, mark, segments);
  return decisionAt(reach, facts, mark, segments, {
    relation,
    reasons: explain(facts, mark, reach, relation),
    ...(mismatch === undefined ? {} : { mismatch }),
  });
}

/** E < P_d: claims are proved downwards from the end of the tape, and only the proved ones stay (step 4). */
function decideBehind(
  records: JobRecords,
  facts: TapeFacts,
  mark: DurableMark,
  segments: readonly Segment[],
): BoundaryDecision {
  const { volumeTag } = facts.volume;
  const broken = `${volumeTag} ends at object ${facts.endOfData}, but objects up to ${mark.position} were durable: the cartridge was altered or damaged`;
  const relation = "behind";
  const proved = provedPrefix(records, facts);
  const head = provedHead(records.jobId, facts, segments);
  if (proved === undefined && head === undefined) {
    const mismatch = `it ends at object ${facts.endOfData}, before its durable object ${mark.position}, and nothing on it can be proved`;
    return { ...boundaryGivenUp(records, mark, volumeTag), mismatch, reasons: [broken] };
  }
  // Behind the head nothing is proved: it is where the proof ends, as a block's end would be.
  const position = head === undefined ? 0n : head.headBlock + 1n;
  const atHead = { position, streamOffset: head?.streamStart ?? 0n, lastDigest: undefined, adopted: 0n };
  const reach = proved !== undefined && proved.position >= position ? proved : atHead;
  const kept = `what lies before object ${reach.position} is proved by its digests and still counts; what lay behind it is written again`;
  return decisionAt(reach, facts, mark, segments, { relation, reasons: [broken, kept] });
}

function decisionAt(
  reach: Reach,
  facts: TapeFacts,
  mark: DurableMark,
  segments: readonly Segment[],
  told: Pick<BoundaryDecision, "relation" | "reasons" | "mismatch">,
): BoundaryDecision {
  const cut = segmentAt(segments, reach.position);
  const rest = {
    ...told,
    durablePosition: mark.position,
    adoptedBlocks: reach.adopted,
    discardedBlocks: facts.endOfData - reach.position,
  };
  if (cut !== undefined && reach.streamOffset === cut.streamStart) {
    // A head without data behind it continues nothing and would be an empty part: written again.
    const reasons = [...told.reasons, `nothing behind the head of segment ${cut.segment} counts: it is written again`];
    return { ...rest, ...beforeHead(cut), reasons };
  }
  return {
    ...rest,
    filemarks: filemarksBefore(segments, reach.position),
    boundary: reach.position,
    streamOffset: reach.streamOffset,
    behindFilemark: cut === undefined,
    ...(cut === undefined ? {} : { cutSegment: cut }),
    ...(reach.lastDigest === undefined ? {} : { lastDigest: reach.lastDigest }),
  };
}

/** The boundary on a volume that is not looked at: its last durable mark. Nothing is written on it again. */
export function boundaryUnseen(records: JobRecords, mark: DurableMark, volumeTag: string): BoundaryDecision {
  const segments = segmentsOn(records, mark.volumeUuid);
  const cut = segmentAt(segments, mark.position);
  const rest = {
    relation: "equal",
    durablePosition: mark.position,
    adoptedBlocks: 0n,
    discardedBlocks: 0n,
    reasons: [
      `${volumeTag} is not looked at: what is durable on it up to object ${mark.position} counts, nothing behind it`,
    ],
  } as const;
  if (cut !== undefined && mark.position <= cut.firstDataBlock) return { ...rest, ...beforeHead(cut) };
  return {
    ...rest,
    boundary: mark.position,
    streamOffset: mark.streamOffset,
    filemarks: filemarksBefore(segments, mark.position),
    behindFilemark: cut === undefined,
    ...(cut === undefined ? {} : { cutSegment: cut }),
    ...(mark.lastDigest === undefined ? {} : { lastDigest: mark.lastDigest }),
  };
}

/** In front of all that the job wrote on a volume: nothing of that counts, and it is written again elsewhere. */
export function boundaryGivenUp(records: JobRecords, mark: DurableMark, volumeTag: string): BoundaryDecision {
  const first = segmentsOn(records, mark.volumeUuid)[0];
  const { position: boundary, streamOffset } = mark;
  const place =
    first === undefined ? { boundary, streamOffset, behindFilemark: true, filemarks: 1 } : beforeHead(first);
  return {
    ...place,
    relation: "behind",
    durablePosition: mark.position,
    adoptedBlocks: 0n,
    discardedBlocks: 0n,
    reasons: [`${volumeTag} is given up: nothing on it counts any more, and what only it held is written again`],
  };
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

/**
 * The block before the durable mark must be the one that was written (*), with a filemark between where one was; what
 * stands before a volume's first head was proved with its label.
 */
function compareBefore(
  records: JobRecords,
  facts: TapeFacts,
  mark: DurableMark,
  segments: readonly Segment[],
): string | undefined {
  const what = `the block before object ${mark.position}`;
  const { before } = facts;
  if (before === undefined) return mark.position === facts.volume.labelObjects ? undefined : `${what} cannot be read`;
  if (mark.lastDigest !== undefined && before.digest !== mark.lastDigest)
    return `${what} is not the one that was written`;
  const expected = expectsFilemark(records, mark, segments);
  if (expected === undefined || expected === before.behindFilemark) return undefined;
  return `object ${mark.position - 1n} is ${expected ? "no filemark, where one was written" : "a filemark, where a block was written"}`;
}

/** Undefined on a WORM volume whose mark stands behind void objects: what they are was not recorded. */
function expectsFilemark(
  { settings }: JobRecords,
  { position, streamOffset }: DurableMark,
  segments: readonly Segment[],
): boolean | undefined {
  if (segments.some(({ endPosition, headBlock }) => endPosition === position || headBlock === position)) return true;
  const cut = segmentAt(segments, position);
  if (cut === undefined) return undefined;
  const data = (streamOffset - cut.streamStart) / BigInt(settings.recordSizeBytes);
  return cut.firstDataBlock + data === position ? false : undefined;
}

function explain(facts: TapeFacts, mark: DurableMark, reach: Reach, relation: string): string[] {
  const tag = facts.volume.volumeTag;
  const reasons =
    facts.isEndLost === true
      ? [`${tag} has no valid end of data: it was read forward to the last good object, ${facts.endOfData - 1n}`]
      : [];
  if (relation === "equal")
    return [...reasons, `${tag} ends at object ${mark.position}, exactly at the last durable mark`];
  const past = facts.endOfData - mark.position;
  return [
    ...reasons,
    `${tag} has ${past} objects past the last durable mark at ${mark.position}`,
    `${reach.adopted} of its blocks carry the digests that were announced for them and are adopted`,
    `${facts.endOfData - reach.position} objects behind them are discarded and written over`,
  ];
}
