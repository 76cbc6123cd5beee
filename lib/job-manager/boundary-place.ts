// SPDX-License-Identifier: Apache-2.0
/** Where on a volume a boundary lies: in a segment or behind it, and how many filemarks are before it. Pure. */
import type { Segment, TapeFacts, TapeObject } from "../protocol/tape.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";

/** The segment that a boundary at `position` would cut. */
export function segmentAt(segments: readonly Segment[], position: bigint): Segment | undefined {
  const last = segments.findLast((segment) => segment.headBlock < position);
  if (last === undefined) return undefined;
  const closed = last.endPosition !== undefined && position >= last.endPosition;
  return closed ? undefined : last;
}

/** In front of a segment that holds nothing. */
export function beforeHead(
  segment: Segment,
): Pick<BoundaryDecision, "boundary" | "streamOffset" | "behindFilemark" | "filemarks"> {
  return {
    boundary: segment.headBlock,
    streamOffset: segment.streamStart,
    behindFilemark: true,
    filemarks: segment.tapeFile,
  };
}

export function filemarksBefore(segments: readonly Segment[], position: bigint): number {
  const cut = segmentAt(segments, position);
  if (cut !== undefined) return cut.tapeFile;
  const before = segments.findLast((segment) => segment.headBlock < position);
  return before === undefined ? (segments[0]?.tapeFile ?? 1) : before.tapeFile + 1;
}

/**
 * On a medium that cannot be written over (WORM, step 8) the job goes on at the end of data; what lies between is void.
 * @returns undefined where that cannot be done: filemarks that could not be read cannot be counted
 */
export function behindVoid(decision: BoundaryDecision, facts: TapeFacts): BoundaryDecision | undefined {
  const { boundary, filemarks, reasons } = decision;
  const voidObjects = facts.endOfData - boundary;
  if (voidObjects === 0n) return decision;
  if (facts.isEndLost === true || BigInt(facts.objects.length) !== facts.endOfData - facts.scannedFrom)
    return undefined;
  const skipped = boundary - facts.scannedFrom;
  const passed = facts.objects.slice(skipped < 0n ? 0 : Number(skipped)).filter(isFilemark).length;
  const last = facts.objects.findLast((object) => !isFilemark(object)) ?? facts.before;
  const { lastDigest: _other, ...kept } = decision;
  return {
    ...kept,
    boundary: facts.endOfData,
    voidObjects,
    filemarks: filemarks + passed,
    behindFilemark: endsWithFilemark(facts),
    ...(last === undefined || !("digest" in last) ? {} : { lastDigest: last.digest }),
    reasons: [
      ...reasons,
      `${facts.volume.volumeTag} cannot be written over: objects ${boundary} to ${facts.endOfData - 1n} stay on it as void, and the job goes on behind them`,
    ],
  };
}

function endsWithFilemark({ objects, before }: TapeFacts): boolean {
  const last = objects.at(-1);
  return last === undefined ? (before?.behindFilemark ?? true) : isFilemark(last);
}

function isFilemark({ kind }: TapeObject): boolean {
  return kind === "filemark";
}
