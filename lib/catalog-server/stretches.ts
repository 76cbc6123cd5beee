// SPDX-License-Identifier: Apache-2.0
/** From stream offsets to blocks: which stretches of which volumes hold the wanted objects. Pure. */
import type { Segment } from "../protocol/tape.ts";
import type { StreamStretch } from "../protocol/media-server.ts";
import { CatalogError } from "../errors.ts";

/** Reading on over so many unwanted records is quicker than a locate. */
const gapRecords = 32n;

export interface StreamRange {
  readonly from: bigint;
  readonly to: bigint;
}

/**
 * Joins ranges, given in order of `from`, that touch or nearly touch; whole records. What lies between is read too, so
 * it must be there: a volume that was given up leaves a hole in the stream.
 */
export function joinRanges(
  ranges: Iterable<StreamRange>,
  recordSizeBytes: number,
  segments: readonly Segment[],
): readonly StreamRange[] {
  const size = BigInt(recordSizeBytes);
  const joined: { from: bigint; to: bigint }[] = [];
  for (const range of ranges) {
    const from = (range.from / size) * size;
    const to = ((range.to + size - 1n) / size) * size;
    const last = joined.at(-1);
    const isNear = last !== undefined && from <= last.to + gapRecords * size;
    if (isNear && (from <= last.to || isInOneSegment({ from: last.to, to: from }, segments))) {
      if (to > last.to) last.to = to;
    } else joined.push({ from, to });
  }
  return joined;
}

function isInOneSegment({ from, to }: StreamRange, segments: readonly Segment[]): boolean {
  return segments.some(({ streamStart, streamEnd }) => streamStart <= from && to <= (streamEnd ?? streamStart));
}

/**
 * The stretches of tape that hold a range, in stream order.
 * @param segments the job's segments in order of `streamStart`
 * @throws CatalogError where a part of the range lies in no segment
 */
export function stretchesOf(
  range: StreamRange,
  segments: readonly Segment[],
  recordSizeBytes: number,
): readonly StreamStretch[] {
  const size = BigInt(recordSizeBytes);
  const stretches: StreamStretch[] = [];
  let at = range.from;
  for (const segment of segments) {
    const end = segment.streamEnd ?? segment.streamStart;
    if (end <= at || segment.streamStart > at) continue;
    const to = end < range.to ? end : range.to;
    stretches.push({
      volumeUuid: segment.volumeUuid,
      volumeTag: segment.volumeTag,
      firstBlock: segment.firstDataBlock + (at - segment.streamStart) / size,
      blocks: (to - at) / size,
      streamOffset: at,
      recordSizeBytes,
    });
    at = to;
    if (at >= range.to) return stretches;
  }
  throw new CatalogError(`no segment holds stream offset ${at}: the catalog has lost a part of the job`, {
    code: "ERR_TAPE_CATALOG_DAMAGED",
  });
}
