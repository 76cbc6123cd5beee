// SPDX-License-Identifier: Apache-2.0
/**
 * Persistent records: what a job has done, one fact each. A sequence of CBOR items (RFC 8742), each an array whose
 * first element is the record's number. The packer writes the records of containers and objects natively; this
 * codec reads all of them, and writes the rest. Offsets are stream offsets of the job, positions and blocks are
 * logical object numbers of a tape volume.
 */
import * as cbor from "cbor-x";
import { CatalogError, TapeError } from "../errors.ts";
import type { SegmentEnd } from "../format/segment-end.ts";
import type { MediaSetDescription } from "../protocol/media-set.ts";
import { fingerprintBytes } from "./fingerprint.ts";

/** The library has it, and its types do not. */
const { decodeIter } = cbor as unknown as {
  readonly decodeIter: (pieces: AsyncIterable<Uint8Array>, options: cbor.Options) => AsyncIterable<unknown>;
};

/** Kinds of objects, by their number in records. */
export const objectKind = {
  file: 0,
  directory: 1,
  symbolicLink: 2,
  hardLink: 3,
  fifo: 4,
  characterDevice: 5,
  blockDevice: 6,
  sparseFile: 7,
} as const;

/** What became of an object, by its number in records. */
export const objectOutcome = {
  ok: 0,
  changed: 1,
  vanished: 2,
  unreadable: 3,
  damaged: 4,
  skipped: 5,
} as const;

export interface JobRecord {
  readonly type: "job";
  readonly jobId: string;
  /** The job's reference time for incrementals, whatever is resumed later. */
  readonly originalStartMs: bigint;
  readonly sources: readonly Buffer[];
  /** `recordSizeBytes` is always there: offsets become blocks by it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly formatVersion: string;
}

export interface SourceVolumeOpenRecord {
  readonly type: "sourceVolumeOpen";
  readonly index: number;
  readonly path: Buffer;
  readonly streamOffset: bigint;
}

export interface SourceVolumeDoneRecord {
  readonly type: "sourceVolumeDone";
  readonly index: number;
  readonly containers: bigint;
  readonly objects: bigint;
  readonly exceptions: bigint;
  readonly endOffset: bigint;
  readonly complete: boolean;
}

export interface SegmentOpenRecord {
  readonly type: "segmentOpen";
  readonly segment: number;
  readonly streamOffset: bigint;
  readonly volumeUuid: string;
  readonly volumeTag: string;
  readonly tapeFile: number;
  readonly headBlock: bigint;
  readonly firstDataBlock: bigint;
  readonly epoch: number;
  /**
   * Header offset of the member that the segment goes on with; null where it begins with a member of its own. It
   * tells an object that was continued from one that was given up at the same offset.
   */
  readonly continuedHeaderOffset: bigint | null;
}

export interface BlocksRecord {
  readonly type: "blocks";
  readonly volumeUuid: string;
  readonly epoch: number;
  readonly firstBlock: bigint;
  readonly streamOffset: bigint;
  /** XXH3-64 of each whole record, 8 bytes each, big-endian. */
  readonly digests: Buffer;
}

export interface ContainerOpenRecord {
  readonly type: "containerOpen";
  readonly containerId: number;
  readonly sourceIndex: number;
  /** The directory's member path; ends in "/". */
  readonly path: Buffer;
  readonly fingerprint: Buffer;
  readonly streamOffset: bigint;
}

export interface ContainerCloseRecord {
  readonly type: "containerClose";
  readonly containerId: number;
  readonly sourceIndex: number;
  readonly path: Buffer;
  /** Archived, outcome ok. */
  readonly entries: number;
  readonly exceptions: number;
  readonly hash: Buffer;
  readonly endOffset: bigint;
  readonly fingerprint: Buffer;
  /** mtime and ctime of the directory were the same at closing as at opening. */
  readonly unchanged: boolean;
}

/** An object longer than one record; appended before its first byte is written. */
export interface ObjectOpenRecord {
  readonly type: "objectOpen";
  readonly containerId: number;
  readonly name: Buffer;
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly archivedBytes: bigint;
  readonly sparseMap: Buffer | null;
}

export interface ObjectRecord {
  readonly type: "object";
  readonly containerId: number;
  readonly name: Buffer;
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly outcome: number;
  /** XXH3-128 of the archived data of the last extent. */
  readonly digest: Buffer | null;
  readonly linkTarget: Buffer | null;
  readonly errno: number;
}

export interface DurableRecord {
  readonly type: "durable";
  readonly volumeUuid: string;
  readonly segment: number;
  readonly position: bigint;
  readonly streamOffset: bigint;
  /** Bytes of the volume before `position`. */
  readonly durableBytes: bigint;
  readonly epoch: number;
  /** XXH3-64 of the last block before `position`. */
  readonly lastDigest: Buffer | null;
}

export interface TruncateRecord {
  readonly type: "truncate";
  readonly volumeUuid: string;
  readonly boundaryBlock: bigint;
  readonly streamOffset: bigint;
  readonly epoch: number;
}

export interface VolumeCloseRecord {
  readonly type: "volumeClose";
  readonly volumeUuid: string;
  readonly position: bigint;
  readonly streamOffset: bigint;
  readonly reason: string;
}

/**
 * The volumes of a media set and the jobs on them, as they were when the job ended that wrote it: the last volume of a
 * set describes the whole set. It claims nothing.
 */
export interface MediaSetRecord {
  readonly type: "mediaSet";
  readonly mediaSet: string;
  readonly pool: string;
  readonly description: MediaSetDescription;
}

export interface VolumeLostRecord {
  readonly type: "volumeLost";
  readonly volumeUuid: string;
  readonly fromBlock: bigint;
}

export interface JobDoneRecord {
  readonly type: "jobDone";
  readonly status: string;
  readonly endOffset: bigint;
}

export interface SegmentCloseRecord {
  readonly type: "segmentClose";
  readonly segment: number;
  /** End of the segment's stream bytes. */
  readonly streamOffset: bigint;
  readonly volumeUuid: string;
  readonly tapeFile: number;
  readonly how: SegmentEnd;
  readonly footerBlock: bigint | null;
  /** Position behind the segment's filemark. */
  readonly endBlock: bigint;
}

export interface ExtentRecord {
  readonly type: "extent";
  readonly containerId: number;
  readonly name: Buffer;
  readonly headerOffset: bigint;
  /** Offsets in the archived data. */
  readonly from: bigint;
  readonly to: bigint;
  /** XXH3-128; null where a resume could not read the bytes back: they stay unproved. */
  readonly digest: Buffer | null;
}

/**
 * Why the job had stopped, and what its resume decided; it stands in the frame that begins the new epoch. It tells
 * people what happened, and claims nothing.
 */
export interface InterruptionRecord {
  readonly type: "interruption";
  readonly epoch: number;
  readonly atMs: bigint;
  readonly cause: string;
  /** The end of data on the volume that was looked at; null where none was. */
  readonly endOfData: bigint | null;
  /** Blocks and filemarks between the boundary and the end of data. */
  readonly discardedObjects: bigint;
  /** Stream bytes that had been announced for writing and come once more. */
  readonly repeatedBytes: bigint;
  /** Path of the object that the boundary cuts and that is written again whole. */
  readonly restarted: Buffer | null;
  /** One sentence per decision, in order. */
  readonly reasons: readonly string[];
}

export interface EpochRecord {
  readonly type: "epoch";
  readonly epoch: number;
  readonly nonce: Buffer;
}

export type PersistentRecord =
  | JobRecord
  | SourceVolumeOpenRecord
  | SourceVolumeDoneRecord
  | SegmentOpenRecord
  | BlocksRecord
  | ContainerOpenRecord
  | ContainerCloseRecord
  | ObjectOpenRecord
  | ObjectRecord
  | DurableRecord
  | TruncateRecord
  | VolumeCloseRecord
  | MediaSetRecord
  | VolumeLostRecord
  | JobDoneRecord
  | SegmentCloseRecord
  | ExtentRecord
  | EpochRecord
  | InterruptionRecord;

type RecordType = PersistentRecord["type"];
type FieldsOf<Type extends RecordType> = Exclude<keyof Extract<PersistentRecord, { readonly type: Type }>, "type">;

/** One kind of field: reads a decoded CBOR item (undefined: it is none of the kind), and says what it must be. */
interface FieldKind {
  readonly must: string;
  read(item: unknown): unknown;
}

const maximumOffset = 2n ** 63n;

const offset: FieldKind = {
  must: "an unsigned integer",
  read: (item) => {
    if (typeof item === "number") return Number.isSafeInteger(item) && item >= 0 ? BigInt(item) : undefined;
    return typeof item === "bigint" && item >= 0n && item < maximumOffset ? item : undefined;
  },
};
const count: FieldKind = {
  must: "an unsigned integer below 2^53",
  read: (item) => {
    const value = typeof item === "bigint" ? Number(item) : item;
    return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  },
};
const text: FieldKind = { must: "a text", read: (item) => (typeof item === "string" ? item : undefined) };
const flag: FieldKind = { must: "true or false", read: (item) => (typeof item === "boolean" ? item : undefined) };
const bytes: FieldKind = {
  must: "a byte string",
  read: (item) => (item instanceof Uint8Array ? bufferOf(item) : undefined),
};
const byteList: FieldKind = {
  must: "an array of byte strings",
  read: (item) =>
    Array.isArray(item) && item.every((part) => part instanceof Uint8Array) ? item.map(bufferOf) : undefined,
};
const textList: FieldKind = {
  must: "an array of texts",
  read: (item) => (Array.isArray(item) && item.every((part) => typeof part === "string") ? item : undefined),
};
const map: FieldKind = {
  must: "a map",
  read: (item) =>
    typeof item === "object" && item !== null && !Array.isArray(item) && !(item instanceof Uint8Array)
      ? item
      : undefined,
};
const fingerprint = exactBytes(fingerprintBytes);
const digest = exactBytes(16);
const digests: FieldKind = {
  must: "a byte string of whole digests, 8 bytes each",
  read: (item) => (item instanceof Uint8Array && item.length % 8 === 0 && item.length > 0 ? bufferOf(item) : undefined),
};

function exactBytes(length: number): FieldKind {
  return {
    must: `a byte string of ${length} bytes`,
    read: (item) => (item instanceof Uint8Array && item.length === length ? bufferOf(item) : undefined),
  };
}

function orNull(kind: FieldKind): FieldKind {
  return { must: `${kind.must}, or null`, read: (item) => (item === null ? null : kind.read(item)) };
}

function oneOf(...values: readonly (string | number)[]): FieldKind {
  return {
    must: `one of ${values.join(", ")}`,
    read: (item) => (values.some((value) => value === item) ? item : undefined),
  };
}

const kinds = oneOf(...Object.values(objectKind));
const outcomes = oneOf(...Object.values(objectOutcome));

type Layout<Type extends RecordType> = readonly [number, readonly (readonly [FieldsOf<Type>, FieldKind])[]];

/** Number of each record, and its fields in order. */
const layouts: { readonly [Type in RecordType]: Layout<Type> } = {
  job: [
    1,
    [
      ["jobId", text],
      ["originalStartMs", offset],
      ["sources", byteList],
      ["settings", map],
      ["formatVersion", text],
    ],
  ],
  sourceVolumeOpen: [
    2,
    [
      ["index", count],
      ["path", bytes],
      ["streamOffset", offset],
    ],
  ],
  sourceVolumeDone: [
    3,
    [
      ["index", count],
      ["containers", offset],
      ["objects", offset],
      ["exceptions", offset],
      ["endOffset", offset],
      ["complete", flag],
    ],
  ],
  segmentOpen: [
    4,
    [
      ["segment", count],
      ["streamOffset", offset],
      ["volumeUuid", text],
      ["volumeTag", text],
      ["tapeFile", count],
      ["headBlock", offset],
      ["firstDataBlock", offset],
      ["epoch", count],
      ["continuedHeaderOffset", orNull(offset)],
    ],
  ],
  blocks: [
    5,
    [
      ["volumeUuid", text],
      ["epoch", count],
      ["firstBlock", offset],
      ["streamOffset", offset],
      ["digests", digests],
    ],
  ],
  containerOpen: [
    6,
    [
      ["containerId", count],
      ["sourceIndex", count],
      ["path", bytes],
      ["fingerprint", fingerprint],
      ["streamOffset", offset],
    ],
  ],
  containerClose: [
    7,
    [
      ["containerId", count],
      ["sourceIndex", count],
      ["path", bytes],
      ["entries", count],
      ["exceptions", count],
      ["hash", digest],
      ["endOffset", offset],
      ["fingerprint", fingerprint],
      ["unchanged", flag],
    ],
  ],
  objectOpen: [
    8,
    [
      ["containerId", count],
      ["name", bytes],
      ["kind", kinds],
      ["fingerprint", fingerprint],
      ["headerOffset", offset],
      ["dataOffset", offset],
      ["endOffset", offset],
      ["archivedBytes", offset],
      ["sparseMap", orNull(bytes)],
    ],
  ],
  object: [
    9,
    [
      ["containerId", count],
      ["name", bytes],
      ["kind", kinds],
      ["fingerprint", fingerprint],
      ["headerOffset", offset],
      ["dataOffset", offset],
      ["endOffset", offset],
      ["outcome", outcomes],
      ["digest", orNull(digest)],
      ["linkTarget", orNull(bytes)],
      ["errno", count],
    ],
  ],
  durable: [
    10,
    [
      ["volumeUuid", text],
      ["segment", count],
      ["position", offset],
      ["streamOffset", offset],
      ["durableBytes", offset],
      ["epoch", count],
      ["lastDigest", orNull(exactBytes(8))],
    ],
  ],
  truncate: [
    11,
    [
      ["volumeUuid", text],
      ["boundaryBlock", offset],
      ["streamOffset", offset],
      ["epoch", count],
    ],
  ],
  volumeClose: [
    12,
    [
      ["volumeUuid", text],
      ["position", offset],
      ["streamOffset", offset],
      ["reason", text],
    ],
  ],
  volumeLost: [
    13,
    [
      ["volumeUuid", text],
      ["fromBlock", offset],
    ],
  ],
  jobDone: [
    14,
    [
      ["status", text],
      ["endOffset", offset],
    ],
  ],
  mediaSet: [
    18,
    [
      ["mediaSet", text],
      ["pool", text],
      ["description", map],
    ],
  ],
  segmentClose: [
    15,
    [
      ["segment", count],
      ["streamOffset", offset],
      ["volumeUuid", text],
      ["tapeFile", count],
      ["how", oneOf("closed", "cut", "givenUp")],
      ["footerBlock", orNull(offset)],
      ["endBlock", offset],
    ],
  ],
  extent: [
    16,
    [
      ["containerId", count],
      ["name", bytes],
      ["headerOffset", offset],
      ["from", offset],
      ["to", offset],
      ["digest", orNull(digest)],
    ],
  ],
  epoch: [
    17,
    [
      ["epoch", count],
      ["nonce", exactBytes(8)],
    ],
  ],
  interruption: [
    19,
    [
      ["epoch", count],
      ["atMs", offset],
      ["cause", text],
      ["endOfData", orNull(offset)],
      ["discardedObjects", offset],
      ["repeatedBytes", offset],
      ["restarted", orNull(bytes)],
      ["reasons", textList],
    ],
  ],
};

interface AnyLayout {
  readonly type: RecordType;
  readonly fields: readonly (readonly [string, FieldKind])[];
}

const layoutsByNumber: ReadonlyMap<number, AnyLayout> = new Map(
  (Object.keys(layouts) as RecordType[]).map((type) => [layouts[type][0], { type, fields: layouts[type][1] }]),
);

const options = { useRecords: false, mapsAsObjects: true, tagUint8Array: false, variableMapSize: true };
const encoder = new cbor.Encoder(options);
const decoder = new cbor.Decoder(options);

/** One record as a CBOR item; items put end to end are a sequence. */
export function encodeRecord(record: PersistentRecord): Buffer {
  const [number, fields] = layouts[record.type] as readonly [number, readonly (readonly [string, FieldKind])[]];
  const values = record as unknown as Readonly<Record<string, unknown>>;
  const items = fields.map(([name, kind]) => {
    if (kind.read(values[name]) === undefined) {
      throw new CatalogError(`record ${record.type}: ${name} must be ${kind.must}`, { code: "ERR_TAPE_RECORD" });
    }
    return encodable(values[name]);
  });
  // The encoder's buffer is its own and is used again.
  return Buffer.from(encoder.encode([number, ...items]));
}

export function encodeRecords(records: readonly PersistentRecord[]): Buffer {
  return Buffer.concat(records.map(encodeRecord));
}

/**
 * Decodes a CBOR sequence of records. Byte strings share memory with `sequence`.
 * @param where What holds the sequence, for the message: `frame 12 of job 17`.
 * @throws CatalogError at the first record that is not exactly as it must be.
 */
export function decodeRecords(sequence: Uint8Array, where: string): PersistentRecord[] {
  const records: PersistentRecord[] = [];
  let items: readonly unknown[];
  try {
    // An empty sequence is one; the decoder would miss an item in it.
    items = sequence.length === 0 ? [] : (decoder.decodeMultiple(sequence) as readonly unknown[]);
  } catch (cause) {
    throw malformed(where, 0, "the bytes are no CBOR sequence", cause);
  }
  for (const [index, item] of items.entries()) records.push(decodeItem(item, where, index));
  return records;
}

/**
 * As {@link decodeRecords}, of a sequence that comes in pieces, and may be longer than the memory.
 * @throws CatalogError at the first record that is not exactly as it must be; errors of the source as they are.
 */
export async function* decodeRecordStream(
  pieces: AsyncIterable<Uint8Array>,
  where: string,
): AsyncGenerator<PersistentRecord, undefined> {
  let index = 0;
  try {
    for await (const item of decodeIter(pieces, options)) {
      yield decodeItem(item, where, index);
      index += 1;
    }
  } catch (cause) {
    if (cause instanceof TapeError) throw cause;
    throw malformed(where, index, "the bytes are no CBOR sequence", cause);
  }
}

function decodeItem(item: unknown, where: string, index: number): PersistentRecord {
  if (!Array.isArray(item)) throw malformed(where, index, "it is no array");
  const layout = typeof item[0] === "number" ? layoutsByNumber.get(item[0]) : undefined;
  if (layout === undefined)
    throw malformed(where, index, `there is no record ${printable(item[0])}; a newer version may have written it`);
  if (item.length !== layout.fields.length + 1) {
    throw malformed(where, index, `${layout.type} has ${layout.fields.length + 1} elements, not ${item.length}`);
  }
  const record: Record<string, unknown> = { type: layout.type };
  let element = 1;
  for (const [name, kind] of layout.fields) {
    const value = kind.read(item[element]);
    if (value === undefined) throw malformed(where, index, `${layout.type}: ${name} must be ${kind.must}`);
    record[name] = value;
    element += 1;
  }
  return record as unknown as PersistentRecord;
}

function malformed(where: string, index: number, what: string, cause?: unknown): CatalogError {
  return new CatalogError(`malformed persistent record ${index} in ${where}: ${what}`, {
    code: "ERR_TAPE_RECORD",
    cause,
  });
}

function printable(item: unknown): string {
  return typeof item === "number" ? String(item) : `of type ${typeof item}`;
}

/** The encoder makes floats of numbers beyond 32 bits, and nine bytes of every bigint: each gets the other's form. */
function encodable(value: unknown): unknown {
  if (typeof value === "bigint") return value <= 0xffffffffn ? Number(value) : value;
  if (typeof value === "number" && value > 0xffffffff) return BigInt(value);
  return value;
}

function bufferOf(array: Uint8Array): Buffer {
  return Buffer.isBuffer(array) ? array : Buffer.from(array.buffer, array.byteOffset, array.byteLength);
}
