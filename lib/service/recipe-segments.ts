// SPDX-License-Identifier: Apache-2.0
import { follows, goesOn, holdsStream } from "../format/segment-end.ts";
import { validRecordsOf } from "../format/segment-head.ts";
import type { RecipeSegment } from "../format/recipe.ts";
import type { Segment } from "../protocol/tape.ts";

/**
 * A job's segments as a reader with GNU tar needs them, in stream order. Segments that hold nothing of the stream
 * are footer-only.
 */
export function recipeSegments(segments: readonly Segment[], recordSizeBytes: number): readonly RecipeSegment[] {
  const ended = segments.filter((segment) => segment.streamEnd !== undefined);
  return ended.map((segment, index) => {
    const before = ended.slice(0, index).findLast(holdsStream);
    const next = ended.slice(index + 1).find(holdsStream);
    const isCut = segment.ended === "cut" || segment.ended === "givenUp";
    return {
      segment: segment.segment,
      volumeTag: segment.volumeTag,
      tapeFile: segment.tapeFile,
      content: holdsStream(segment) ? "stream" : "footerOnly",
      continues: segment.continuedHeaderOffset !== undefined,
      end: isCut ? "cut" : "closed",
      validRecords: validRecordsOf((segment.streamEnd ?? segment.streamStart) - segment.streamStart, recordSizeBytes),
      ...(follows(segment, before) ? { follows: true } : {}),
      ...(beginsInsideLost(segment, before) ? { continuesLost: true } : {}),
      ...(isCut && (next === undefined || !goesOn(next, segment)) ? { endsInsideMember: true } : {}),
    };
  });
}

/** The beginning of the member that it continues was on a volume that was given up; the member comes again, whole. */
function beginsInsideLost({ continuedHeaderOffset, streamStart }: Segment, before: Segment | undefined): boolean {
  return continuedHeaderOffset !== undefined && before?.streamEnd !== streamStart;
}
