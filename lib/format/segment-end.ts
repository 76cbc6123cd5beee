// SPDX-License-Identifier: Apache-2.0
/** How segments end, and where the stream goes on behind one: asked by whoever reads a job back, or copies it. */

/**
 * `cut`: anywhere, by the end of a tape or an interruption. `givenUp`: inside a member that goes on nowhere; only copies
 * know that when they write it, and those of version 0.1 called it `cut` too.
 */
export type SegmentEnd = "closed" | "cut" | "givenUp";

/** What is asked of a segment that holds some of the stream. */
export interface StreamSegment {
  readonly epoch: number;
  readonly volumeUuid: string;
  readonly streamStart: bigint;
  readonly streamEnd?: bigint;
  readonly ended?: SegmentEnd;
  readonly continuedHeaderOffset?: bigint;
}

/** Does the stream go on in `next` exactly where the segment before it was cut, in whichever member that was? */
export function goesOn(next: StreamSegment, segment: StreamSegment | undefined): boolean {
  if (segment?.ended !== "cut") return false;
  const continues = next.continuedHeaderOffset !== undefined && next.streamStart === segment.streamEnd;
  return continues || follows(next, segment);
}

/**
 * A cut at the end of a tape loses nothing of the stream: it goes on behind the next head, where no member is continued
 * just as well. The packer knows nothing of such a cut, so a folder may stand before it and its entries behind it. A cut
 * by an interruption begins another epoch.
 */
export function follows(next: StreamSegment, segment: StreamSegment | undefined): boolean {
  return (
    segment?.ended === "cut" &&
    segment.epoch === next.epoch &&
    // On the same volume a copy of version 0.1 has been cut inside a member that its original had given up.
    segment.volumeUuid !== next.volumeUuid &&
    segment.streamEnd === next.streamStart &&
    next.continuedHeaderOffset === undefined &&
    holdsStream(next)
  );
}

/** A segment that holds nothing of the stream is footer-only. */
export function holdsStream({ streamStart, streamEnd }: StreamSegment): boolean {
  return (streamEnd ?? streamStart) > streamStart;
}
