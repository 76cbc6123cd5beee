// SPDX-License-Identifier: Apache-2.0
/**
 * The digests that a resume owes the object it goes on with: of its data between the last recorded extent and the
 * boundary. What lies on the loaded volume is read back. For what cannot be read now an extent without digest is
 * recorded, so that the next digest is known to begin at the boundary (durability.md, section 5, step 9).
 */
import { BlankCheckError, FormatError } from "../errors.ts";
import { isMediumFault } from "../protocol/medium-fault.ts";
import type { ObjectAcross } from "../protocol/catalog-manager.ts";
import type { MediaSession } from "../protocol/media-server.ts";
import type { Segment } from "../protocol/tape.ts";

/** Archived data [from, to) of the object. */
export interface ExtentPiece {
  readonly from: bigint;
  readonly to: bigint;
  /** Where it begins on the loaded volume; absent where it lies on another one, or nobody knows where. */
  readonly onTape?: { readonly block: bigint; readonly skipBytes: number };
}

export interface CutExtent {
  readonly from: bigint;
  readonly to: bigint;
  readonly digest?: Uint8Array;
}

export interface Cut {
  readonly object: Pick<ObjectAcross, "dataOffset" | "digestedBytes">;
  /** Where in the stream the job goes on. */
  readonly streamOffset: bigint;
  /** In stream order. */
  readonly segments: readonly Segment[];
  /** The volume that can be read; undefined where none is loaded. */
  readonly loadedUuid: string | undefined;
  readonly recordSizeBytes: number;
}

/** What must get an extent, piece by piece; those that cannot be read follow no other such piece directly. */
export function cutPieces({ object, streamOffset, segments, loadedUuid, recordSizeBytes }: Cut): ExtentPiece[] {
  const pieces: ExtentPiece[] = [];
  const recordSize = BigInt(recordSizeBytes);
  for (let at = object.dataOffset + object.digestedBytes; at < streamOffset;) {
    const { segment, end } = stretchAt(at, segments);
    const to = end === undefined || end > streamOffset ? streamOffset : end;
    const piece = { from: at - object.dataOffset, to: to - object.dataOffset };
    const previous = pieces.at(-1);
    if (segment !== undefined && segment.volumeUuid === loadedUuid) {
      const inSegment = at - segment.streamStart;
      const block = segment.firstDataBlock + inSegment / recordSize;
      pieces.push({ ...piece, onTape: { block, skipBytes: Number(inSegment % recordSize) } });
    } else if (previous !== undefined && previous.onTape === undefined) {
      pieces[pieces.length - 1] = { from: previous.from, to: piece.to };
    } else {
      pieces.push(piece);
    }
    at = to;
  }
  return pieces;
}

/** Reads what can be read. */
export async function digestPieces(
  media: Pick<MediaSession, "digestStream">,
  pieces: readonly ExtentPiece[],
  recordSizeBytes: number,
): Promise<readonly CutExtent[]> {
  const extents: CutExtent[] = [];
  for (const { from, to, onTape } of pieces) {
    const digest =
      onTape === undefined
        ? undefined
        : await media
            .digestStream({
              firstBlock: onTape.block,
              skipBytes: onTape.skipBytes,
              bytes: to - from,
              recordSizeBytes,
            })
            .catch(nothingIfUnreadable);
    extents.push({ from, to, ...(digest === undefined ? {} : { digest }) });
  }
  return extents;
}

/** The segment that holds this byte of the stream, if one does, and where the stretch ends of which that is so. */
function stretchAt(
  streamOffset: bigint,
  segments: readonly Segment[],
): { readonly segment: Segment | undefined; readonly end: bigint | undefined } {
  const index = segments.findLastIndex(({ streamStart }) => streamStart <= streamOffset);
  const segment = segments[index];
  const next = segments[index + 1]?.streamStart;
  const end = segment?.streamEnd;
  if (end === undefined || (next !== undefined && next < end)) return { segment, end: next };
  return end > streamOffset ? { segment, end } : { segment: undefined, end: next };
}

/** The cartridge is at fault: what follows on it was found good, so the job need not end here. */
function nothingIfUnreadable(error: unknown): undefined {
  if (isMediumFault(error) || error instanceof BlankCheckError || error instanceof FormatError) return;
  throw error;
}
