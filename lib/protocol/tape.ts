// SPDX-License-Identifier: Apache-2.0
/** What roles say to each other about tape volumes. Positions are logical object numbers: blocks and filemarks. */

/** V <= D <= A <= S, always. Bytes. */
export interface ByteCounts {
  readonly submitted: bigint;
  readonly accepted: bigint;
  readonly durable: bigint;
  readonly verified: bigint;
}

export interface TapeVolumeIdentity {
  readonly volumeUuid: string;
  /** The barcode. */
  readonly volumeTag: string;
  readonly pool: string;
  readonly recordSizeBytes: number;
  /** Bytes of VOL1 and the volume header. */
  readonly labelBytes: bigint;
  /** Logical objects of the label, its filemark included. */
  readonly labelObjects: bigint;
}

/** A segment as the temporary catalog knows it. Its stream bytes are [streamStart, streamEnd). */
export interface Segment {
  readonly segment: number;
  readonly epoch: number;
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly headBlock: bigint;
  readonly firstDataBlock: bigint;
  readonly streamStart: bigint;
  /** Header offset of the member that the segment goes on with, if it does. */
  readonly continuedHeaderOffset?: bigint;
  readonly streamEnd?: bigint;
  /** `givenUp`: inside a member that goes on nowhere. */
  readonly ended?: "closed" | "cut" | "givenUp";
  readonly footerBlock?: bigint;
  /** Position behind the segment's filemark. */
  readonly endPosition?: bigint;
}

/** A position with everything before it on the medium. */
export interface DurableMark {
  readonly volumeUuid: string;
  readonly segment: number;
  readonly position: bigint;
  readonly streamOffset: bigint;
  /** Bytes on the volume before `position`. */
  readonly durableBytes: bigint;
  /** XXH3-64 of the last block before `position` (before the filemark, if one stands there). */
  readonly lastDigest?: bigint;
}

/** What the head of a segment says of itself, as far as a resume compares it. */
export interface HeadOnTape {
  readonly jobId: string;
  readonly epoch: number;
  readonly segment: number;
  readonly volumeUuid: string;
  readonly streamOffset: bigint;
}

export type TapeObject =
  | {
      readonly kind: "block";
      readonly lengthBytes: number;
      readonly digest: bigint;
      /** Set where the block begins a tape file and is the head of a segment. */
      readonly head?: HeadOnTape;
    }
  | { readonly kind: "filemark" };

/** What the tape itself says; the other half of every resume decision. */
export interface TapeFacts {
  readonly volume: TapeVolumeIdentity;
  /** Number of the object behind the last one. */
  readonly endOfData: bigint;
  /**
   * Objects from `scannedFrom` on, read back to the end of data, or to the first that cannot be read. Empty where the
   * tape ends before.
   */
  readonly scannedFrom: bigint;
  readonly objects: readonly TapeObject[];
  /** The highest epoch in segment heads there, those behind an unreadable place included; 0 where there is none. */
  readonly highestEpoch: number;
  /**
   * The last block before `scannedFrom`, and whether a filemark stands between. Absent directly behind the label, where
   * it cannot be read, and where the tape ends before the durable position.
   */
  readonly before?: { readonly digest: bigint; readonly behindFilemark: boolean };
  /** The drive knows no valid end of data (R4): `endOfData` is behind the last object that could be read. */
  readonly isEndLost?: true;
  /** Nothing on it can be written over (WORM, W8): what comes next stands at the end of data. */
  readonly isWorm?: true;
  /** Why nothing may be written on it any more; what is on it is read all the same. */
  readonly notWritable?: string;
}

/** Digests of records as they were announced before they were written. */
export interface LoggedBlocks {
  readonly epoch: number;
  readonly firstBlock: bigint;
  readonly streamOffset: bigint;
  /** XXH3-64 each, 8 bytes big-endian. */
  readonly digests: Uint8Array;
}

/** A member that a record boundary cuts, as far as the head of the continuing segment needs it. */
export interface CutMember {
  readonly path: Uint8Array;
  readonly archivedBytes: bigint;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly sparseRealBytes?: bigint;
  /** Sparse members only: end of map and first data block; a cut before it cannot be continued. */
  readonly firstDataEndOffset?: bigint;
}

/** The part that a segment continues. */
export interface ContinuedPart {
  readonly volumeTag: string;
  readonly tapeFile: number;
  /** Records of that tape file, the head included, that are valid. */
  readonly validRecords: bigint;
}
