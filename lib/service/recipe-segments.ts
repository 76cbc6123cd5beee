// SPDX-License-Identifier: Apache-2.0
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
    const bytes = streamBytes(segment);
    const before = ended.slice(0, index).findLast((earlier) => streamBytes(earlier) > 0n);
    const next = ended.slice(index + 1).find((later) => streamBytes(later) > 0n);
    const isCut = segment.ended === "cut";
    return {
      segment: segment.segment,
      volumeTag: segment.volumeTag,
      tapeFile: segment.tapeFile,
      content: bytes === 0n ? "footerOnly" : "stream",
      continues: segment.continuedHeaderOffset !== undefined,
      end: isCut ? "cut" : "closed",
      validRecords: validRecordsOf(bytes, recordSizeBytes),
      ...(follows(segment, before) ? { follows: true } : {}),
      ...(beginsInsideLost(segment, before) ? { continuesLost: true } : {}),
      ...(isCut && (next === undefined || !goesOn(next, segment)) ? { endsInsideMember: true } : {}),
    };
  });
}

function goesOn(next: Segment, segment: Segment): boolean {
  const continues = next.continuedHeaderOffset !== undefined && next.streamStart === segment.streamEnd;
  return continues || follows(next, segment);
}

/** The beginning of the member that it continues was on a volume that was given up; the member comes again, whole. */
function beginsInsideLost({ continuedHeaderOffset, streamStart }: Segment, before: Segment | undefined): boolean {
  return continuedHeaderOffset !== undefined && before?.streamEnd !== streamStart;
}

/**
 * A cut at the end of a tape loses nothing of the stream: it goes on behind the next head, where no member is continued
 * just as well. The packer knows nothing of such a cut, so a folder may stand before it and its entries behind it. A cut
 * by an interruption begins another epoch.
 */
function follows(segment: Segment, before: Segment | undefined): boolean {
  return (
    before?.ended === "cut" &&
    before.epoch === segment.epoch &&
    // On the same volume a copy has been cut inside a member that its original had given up.
    before.volumeUuid !== segment.volumeUuid &&
    before.streamEnd === segment.streamStart &&
    segment.continuedHeaderOffset === undefined &&
    streamBytes(segment) > 0n
  );
}

function streamBytes({ streamStart, streamEnd }: Segment): bigint {
  return (streamEnd ?? streamStart) - streamStart;
}
