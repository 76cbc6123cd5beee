// SPDX-License-Identifier: Apache-2.0
/** Finds the footer of a segment on tape, and reads the records in it. */
import type { TapeDrive } from "../device/tape-drive.ts";
import { FormatError } from "../errors.ts";
import { decodeSegmentFooter, segmentFooterLayout } from "../format/segment-footer.ts";
import type { FileOnTape } from "../protocol/media-server.ts";
import type { TapeVolumeIdentity } from "../protocol/tape.ts";
import { recordsWithWarning } from "./early-warning.ts";
import { isReached, throwUnlessOfMedium } from "./tape-scan.ts";

export interface FooterPlace {
  readonly footerBlock: bigint;
  readonly headerBytes: number;
  readonly bodyBytes: bigint;
}

/** A segment ends as soon as it has half as many bytes of records: a longer footer is not looked for. */
const footerMaximumBytes = 2n * recordsWithWarning;

type ReadingDrive = Pick<TapeDrive, "locate" | "read">;

/**
 * Its place is not on record, only its end: the filemark. So it is the block from which on a footer of exactly that
 * length reaches it.
 */
export async function findFooter(
  drive: ReadingDrive,
  { recordSizeBytes, volumeTag }: TapeVolumeIdentity,
  { filemark, firstBlock, jobId, segment }: FileOnTape,
): Promise<FooterPlace | undefined> {
  const lowest = filemark - footerMaximumBytes / BigInt(recordSizeBytes);
  const from = lowest > firstBlock ? lowest : firstBlock;
  if (!(await isReached(drive, from))) return undefined;
  for (let block = from; block < filemark; block += 1n) {
    const object = await drive.read(recordSizeBytes);
    if (object.kind !== "block") {
      throwUnlessOfMedium(object, `reading block ${block} of ${volumeTag}`);
      return undefined;
    }
    const footer = footerIn(object.data);
    if (footer?.jobId !== jobId || footer.segment !== segment) continue;
    const { bodyBytes, headerBytes } = footer;
    const { records } = segmentFooterLayout({ jobId, segment, bodyBytes, recordSizeBytes });
    if (block + records === filemark) return { footerBlock: block, headerBytes, bodyBytes };
  }
  return undefined;
}

/** The records, a block's at a time. */
export async function* footerPieces(
  drive: ReadingDrive,
  { recordSizeBytes, volumeTag }: TapeVolumeIdentity,
  { bodyBytes, footerBlock, headerBytes }: FooterPlace,
): AsyncGenerator<Uint8Array> {
  const unreadable = (block: bigint): FormatError =>
    new FormatError(`block ${block} of ${volumeTag}, which belongs to a segment's footer, cannot be read`);
  if (!(await isReached(drive, footerBlock))) throw unreadable(footerBlock);
  let block = footerBlock;
  let from = headerBytes;
  for (let left = bodyBytes; left > 0n; block += 1n) {
    const object = await drive.read(recordSizeBytes);
    if (object.kind !== "block") {
      throwUnlessOfMedium(object, `reading block ${block} of ${volumeTag}`);
      throw unreadable(block);
    }
    const piece = object.data.subarray(from, from + Number(left < BigInt(recordSizeBytes) ? left : recordSizeBytes));
    from = 0;
    left -= BigInt(piece.length);
    if (piece.length === 0) throw unreadable(block);
    yield piece;
  }
}

/** File data may look like anything. */
function footerIn(record: Uint8Array): ReturnType<typeof decodeSegmentFooter> {
  try {
    return decodeSegmentFooter(record);
  } catch (error) {
    if (error instanceof FormatError) return undefined;
    throw error;
  }
}
