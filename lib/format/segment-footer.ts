// SPDX-License-Identifier: Apache-2.0
/**
 * The footer of a segment: a regular member that holds the segment's persistent records as a CBOR sequence
 * (RFC 8742), then zeros up to a full record. Only header and arithmetic: the records themselves are streamed.
 */
import { FormatError } from "../errors.ts";
import { decodeMemberHeader, encodeMemberHeader, tarBlockBytes } from "./pax.ts";
import { recordFolder } from "./segment-head.ts";

export interface SegmentFooterLayout {
  /** What stands before the records. */
  readonly header: Buffer;
  readonly bodyBytes: bigint;
  /** Zeros behind the records: tar's padding, the two zero blocks that end an archive, the rest of the record. */
  readonly fillBytes: number;
  readonly totalBytes: bigint;
  readonly records: bigint;
}

export interface SegmentFooterHead {
  readonly jobId: string;
  readonly segment: number;
  readonly bodyBytes: bigint;
  /** Where the records begin. */
  readonly headerBytes: number;
}

export function segmentFooterLayout(footer: {
  readonly jobId: string;
  readonly segment: number;
  readonly bodyBytes: bigint;
  readonly recordSizeBytes: number;
}): SegmentFooterLayout {
  const header = encodeMemberHeader({
    path: Buffer.from(footerPath(footer.jobId, footer.segment)),
    mode: 0o400,
    uid: 0,
    gid: 0,
    sizeBytes: footer.bodyBytes,
    mtimeSeconds: 0,
    typeflag: "0",
  });
  const archived =
    roundUp(BigInt(header.length) + footer.bodyBytes, BigInt(tarBlockBytes)) + 2n * BigInt(tarBlockBytes);
  const totalBytes = roundUp(archived, BigInt(footer.recordSizeBytes));
  return {
    header,
    bodyBytes: footer.bodyBytes,
    fillBytes: Number(totalBytes - BigInt(header.length) - footer.bodyBytes),
    totalBytes,
    records: totalBytes / BigInt(footer.recordSizeBytes),
  };
}

/**
 * The record at which a footer begins.
 * @returns undefined where the record does not begin with a footer's header.
 */
export function decodeSegmentFooter(record: Uint8Array): SegmentFooterHead | undefined {
  if (Buffer.from(record.subarray(257, 262)).toString("latin1") !== "ustar") return undefined;
  const member = decodeMemberHeader(record);
  const match = /^\.tidemark\/([A-Za-z0-9][A-Za-z0-9_.-]{0,63})\/([0-9]{1,9})\.cborseq$/.exec(
    member?.header.path.toString("latin1") ?? "",
  );
  if (member === undefined || match === null) return undefined;
  return {
    jobId: match[1] ?? "",
    segment: Number(match[2]),
    bodyBytes: member.header.sizeBytes,
    headerBytes: member.headerBytes,
  };
}

/**
 * The footer's records in pieces of at most `pieceBytes`, header in front and zeros behind: whole records, ready to
 * be written one by one.
 */
export async function* footerRecords(
  layout: SegmentFooterLayout,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  recordSizeBytes: number,
): AsyncGenerator<Buffer> {
  let record = Buffer.alloc(recordSizeBytes);
  let filled = layout.header.copy(record);
  let bodyBytes = 0n;
  for await (const piece of body) {
    bodyBytes += BigInt(piece.length);
    if (bodyBytes > layout.bodyBytes) throw new FormatError("a segment footer became longer than it was declared");
    for (let taken = 0; taken < piece.length;) {
      const count = Math.min(piece.length - taken, recordSizeBytes - filled);
      record.set(piece.subarray(taken, taken + count), filled);
      taken += count;
      filled += count;
      if (filled === recordSizeBytes) {
        yield record;
        record = Buffer.alloc(recordSizeBytes);
        filled = 0;
      }
    }
  }
  if (bodyBytes !== layout.bodyBytes) throw new FormatError("a segment footer became shorter than it was declared");
  let zeros = layout.fillBytes;
  while (zeros > 0) {
    zeros -= recordSizeBytes - filled;
    yield record;
    record = Buffer.alloc(recordSizeBytes);
    filled = 0;
  }
}

export function footerPath(jobId: string, segment: number): string {
  return `${recordFolder(jobId)}/${segment}.cborseq`;
}

function roundUp(value: bigint, unit: bigint): bigint {
  return ((value + unit - 1n) / unit) * unit;
}
