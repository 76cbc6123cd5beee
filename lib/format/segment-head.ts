// SPDX-License-Identifier: Apache-2.0
/**
 * The first record of every segment: headers only, filled to exactly one record, so that the records of the stream
 * behind it stay aligned and byte for byte what the ring held. It says what the segment is, and where the segment
 * begins inside a member it makes `tar -xM` join the parts.
 */
import { FormatError } from "../errors.ts";
import {
  decodeMemberHeader,
  encodeFiller,
  encodeMemberHeader,
  encodePaxHeader,
  tarBlockBytes,
  textRecord,
} from "./pax.ts";
import type { PaxRecord, UstarHeader } from "./pax.ts";
import { checkFormatVersion, formatVersion } from "./version.ts";

/** A member that a record boundary cuts. Offsets are stream offsets. */
export interface CutMember {
  /** The path the file is restored to; of a sparse member, its GNU.sparse.name. */
  readonly path: Uint8Array;
  readonly dataOffset: bigint;
  /** Bytes behind the headers, before padding; of a sparse member, its map included. */
  readonly archivedBytes: bigint;
  /** Sparse members only: the file's real size. */
  readonly sparseRealBytes?: bigint;
  /** Sparse members only: end of map and first data block. */
  readonly firstDataEndOffset?: bigint;
}

/** The part that a segment continues. */
export interface ContinuedPart {
  readonly volumeTag: string;
  readonly tapeFile: number;
  /** Records of that tape file, its head included, that belong to the stream; a longer part does not join. */
  readonly validRecords: bigint;
}

export interface Continuation {
  readonly path: Uint8Array;
  readonly bytesLeft: bigint;
  /** What GNU tar compares with the bytes it has of the file; not the archive offset where the file is sparse. */
  readonly offset: bigint;
  readonly part: ContinuedPart;
}

export interface SegmentHead {
  readonly volumeUuid: string;
  readonly mediaSet: string;
  readonly jobId: string;
  readonly epoch: number;
  readonly segment: number;
  readonly streamOffset: bigint;
  readonly continuation?: Continuation;
}

/**
 * How GNU tar can go on with a member at a stream offset.
 * @returns undefined where it cannot: such a member is written again whole.
 */
export function continuationOf(member: CutMember, streamOffset: bigint, part: ContinuedPart): Continuation | undefined {
  const bytesLeft = member.dataOffset + member.archivedBytes - streamOffset;
  // A cut right behind the headers counts: tar then waits for all of the data.
  if (streamOffset < member.dataOffset || bytesLeft <= 0n) return undefined;
  if (member.sparseRealBytes === undefined) {
    return { path: member.path, bytesLeft, offset: member.archivedBytes - bytesLeft, part };
  }
  // GNU tar counts a sparse file by its real size and knows its map only when the first data block is complete.
  const offset = member.sparseRealBytes - bytesLeft;
  if (offset < 0n || streamOffset < (member.firstDataEndOffset ?? 0n)) return undefined;
  return { path: member.path, bytesLeft, offset, part };
}

/** Exactly one record. */
export function encodeSegmentHead(head: SegmentHead, recordSizeBytes: number): Buffer {
  const globals = [textRecord("comment", headComment(head))];
  if (head.continuation !== undefined) globals.push(...volumeRecords(head.continuation));
  const front = encodePaxHeader("g", globals);
  const member = encodeMemberHeader(
    head.continuation === undefined ? swallowedMember(head) : partMember(head, head.continuation),
  );
  const left = recordSizeBytes - front.length - member.length;
  if (left < 0)
    throw new FormatError(`the head of segment ${head.segment} is longer than a record of ${recordSizeBytes} bytes`);
  return Buffer.concat(left === 0 ? [front, member] : [front, encodeFiller(left), member]);
}

/**
 * @returns undefined where the record is no segment head.
 * @throws FormatError where it is one that cannot be read, or of a newer format version.
 */
export function decodeSegmentHead(record: Uint8Array): SegmentHead | undefined {
  if (Buffer.from(record.subarray(257, 262)).toString("latin1") !== "ustar" || record[156] !== "g".charCodeAt(0)) {
    return undefined;
  }
  const member = decodeMemberHeader(record);
  // A filler's comment follows; the head's comes first.
  const comment = member?.globals.find(({ keyword }) => keyword === "comment")?.value.toString("utf8");
  if (member === undefined || comment === undefined || !comment.startsWith(commentTitle)) return undefined;
  const fields = commentFields(comment);
  checkFormatVersion(fields.text("format"), "the segment");
  const path = member.globals.find(({ keyword }) => keyword === "GNU.volume.filename")?.value;
  return {
    volumeUuid: fields.text("volume"),
    mediaSet: fields.text("mediaset"),
    jobId: fields.text("job"),
    epoch: Number(fields.number("epoch")),
    segment: Number(fields.number("segment")),
    streamOffset: fields.number("offset"),
    ...(path === undefined ? {} : { continuation: decodeContinuation(path, member.globals, fields) }),
  };
}

/** Folder of everything on tape that is not the user's. */
export function recordFolder(jobId: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/.test(jobId))
    throw new FormatError(`job id "${jobId}" cannot stand in a path`);
  return `.tidemark/${jobId}`;
}

const commentTitle = "Tidemark segment ";

function headComment(head: SegmentHead): string {
  const fields: (readonly [string, string])[] = [
    ["format", formatVersion],
    ["volume", head.volumeUuid],
    ["mediaset", head.mediaSet],
    ["job", head.jobId],
    ["epoch", String(head.epoch)],
    ["segment", String(head.segment)],
    ["offset", String(head.streamOffset)],
  ];
  if (head.continuation !== undefined) {
    const { volumeTag, tapeFile, validRecords } = head.continuation.part;
    fields.push(
      ["continues-volume", volumeTag],
      ["continues-file", String(tapeFile)],
      ["continues-records", String(validRecords)],
    );
  }
  return commentTitle + fields.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join(" ");
}

interface CommentFields {
  text(key: string): string;
  number(key: string): bigint;
}

function commentFields(comment: string): CommentFields {
  const pairs = comment.slice(commentTitle.length).split(" ");
  const fields = new Map(pairs.map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]));
  const text = (key: string): string => {
    const value = fields.get(key);
    if (value === undefined) throw new FormatError(`a segment head has no "${key}"`);
    try {
      return decodeURIComponent(value);
    } catch (cause) {
      throw new FormatError(`a segment head's "${key}" cannot be read: ${value}`, { cause });
    }
  };
  const number = (key: string): bigint => {
    if (!/^[0-9]{1,19}$/.test(text(key))) throw new FormatError(`a segment head's "${key}" is no number: ${text(key)}`);
    return BigInt(text(key));
  };
  return { text, number };
}

function volumeRecords(continuation: Continuation): PaxRecord[] {
  return [
    { keyword: "GNU.volume.filename", value: Buffer.from(continuation.path) },
    textRecord("GNU.volume.size", String(continuation.bytesLeft)),
    textRecord("GNU.volume.offset", String(continuation.offset)),
  ];
}

function decodeContinuation(path: Buffer, globals: readonly PaxRecord[], fields: CommentFields): Continuation {
  const number = (keyword: string): bigint => {
    const value = globals.find((record) => record.keyword === keyword)?.value.toString("latin1") ?? "";
    if (!/^[0-9]{1,19}$/.test(value)) throw new FormatError(`a segment head's ${keyword} is no number: "${value}"`);
    return BigInt(value);
  };
  return {
    path,
    bytesLeft: number("GNU.volume.size"),
    offset: number("GNU.volume.offset"),
    part: {
      volumeTag: fields.text("continues-volume"),
      tapeFile: Number(fields.number("continues-file")),
      validRecords: fields.number("continues-records"),
    },
  };
}

/** `tar -xM` swallows the first member behind a global header that continues nothing: it gets one to swallow. */
function swallowedMember(head: SegmentHead): UstarHeader {
  return memberHeader(Buffer.from(`${recordFolder(head.jobId)}/${head.segment}`), 0n);
}

/** What a reader without multi-volume support restores: the rest of the file, under a name of its own. */
function partMember(head: SegmentHead, continuation: Continuation): UstarHeader {
  const path = Buffer.from(continuation.path);
  const slash = path.lastIndexOf(0x2f);
  const suffix = Buffer.from(`.${head.segment}`);
  const folder = path.subarray(0, slash + 1);
  // A component has at most 255 bytes on every file system of note.
  const name = path.subarray(slash + 1, slash + 1 + 255 - suffix.length);
  return memberHeader(Buffer.concat([folder, Buffer.from("GNUFileParts/"), name, suffix]), continuation.bytesLeft);
}

function memberHeader(path: Buffer, sizeBytes: bigint): UstarHeader {
  return { path, mode: 0o400, uid: 0, gid: 0, sizeBytes, mtimeSeconds: 0, typeflag: "0" };
}

/** Smallest record that surely holds a head: two copies of the longest Linux path and all fixed headers. */
export const segmentHeadMinimumBytes = 16384 satisfies number;

/** Records of a tape file of `streamBytes` bytes of stream behind its head. */
export function validRecordsOf(streamBytes: bigint, recordSizeBytes: number): bigint {
  if (streamBytes % BigInt(recordSizeBytes) !== 0n || recordSizeBytes % tarBlockBytes !== 0) {
    throw new FormatError(`a part of ${streamBytes} bytes is not whole records of ${recordSizeBytes} bytes`);
  }
  return 1n + streamBytes / BigInt(recordSizeBytes);
}
