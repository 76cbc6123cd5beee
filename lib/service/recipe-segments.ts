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
    const bytes = (segment.streamEnd ?? segment.streamStart) - segment.streamStart;
    const next = ended.slice(index + 1).find((later) => (later.streamEnd ?? later.streamStart) > later.streamStart);
    const isCut = segment.ended === "cut";
    return {
      segment: segment.segment,
      volumeTag: segment.volumeTag,
      tapeFile: segment.tapeFile,
      content: bytes === 0n ? "footerOnly" : "stream",
      continues: segment.continuedHeaderOffset !== undefined,
      end: isCut ? "cut" : "closed",
      validRecords: validRecordsOf(bytes, recordSizeBytes),
      ...(isCut && next?.continuedHeaderOffset === undefined ? { endsInsideMember: true } : {}),
    };
  });
}
