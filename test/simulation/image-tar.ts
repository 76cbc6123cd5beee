// SPDX-License-Identifier: Apache-2.0
/**
 * Reads members of a tar archive (POSIX.1-2017, pax; GNU.sparse 1.0) out of a medium's image. Shares nothing with the
 * product's codecs. Paths and other byte strings are held as Latin-1 texts: one character for one byte.
 */

export interface PaxRecords extends ReadonlyMap<string, string> {}

/** What the headers of one member say, extended headers folded in. */
export interface Member {
  readonly type: string;
  /** A directory's without the slash at its end. */
  readonly path: string;
  readonly linkPath: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeNs: bigint;
  readonly device: string;
  /** Bytes of data behind the headers, before padding. */
  readonly archivedBytes: number;
  /** Of a sparse member: the size of its file. */
  readonly realBytes?: number;
  readonly attributes: ReadonlyMap<string, string>;
}

export interface Headers {
  /** Records of global headers met before the member. */
  readonly globals: PaxRecords;
  /** Where the member's own headers begin, behind the global ones. */
  readonly start: number;
  /** Where its data begins. */
  readonly end: number;
  /** Absent where zeros, or the end of the bytes, come before a member. */
  readonly member?: Member;
}

export class TarProblem extends Error {}

const blockBytes = 512;

export function padded(bytes: number): number {
  return Math.ceil(bytes / blockBytes) * blockBytes;
}

/** Reads headers from `at` on, up to and with the first member's. @throws TarProblem where they are none */
export function readHeaders(bytes: Buffer, at: number): Headers {
  const globals = new Map<string, string>();
  let extended: PaxRecords = new Map();
  let start: number | undefined;
  let offset = at;
  while (offset + blockBytes <= bytes.length) {
    const type = headerType(bytes, offset);
    if (type === undefined) break;
    if (type !== "g") start ??= offset;
    const size = octal(bytes, offset + 124, 12);
    if (type !== "x" && type !== "g") {
      const member = memberOf(bytes, offset, type, extended);
      return { globals, start: start ?? offset, end: offset + blockBytes, member };
    }
    const data = bytes.subarray(offset + blockBytes, offset + blockBytes + size);
    const padding = bytes.subarray(offset + blockBytes + size, offset + blockBytes + padded(size));
    if (padding.some((byte) => byte !== 0)) throw new TarProblem(`something stands behind the header at ${offset}`);
    if (data.length < size) throw new TarProblem(`the extended header at ${offset} is cut off`);
    const records = readPaxRecords(data);
    if (type === "x") extended = records;
    else for (const [keyword, value] of records) globals.set(keyword, value);
    offset += blockBytes + padded(size);
  }
  if (start !== undefined) throw new TarProblem(`the extended header at ${start} belongs to no member`);
  return { globals, start: offset, end: offset };
}

/** @returns undefined for a block of zeros */
function headerType(bytes: Buffer, offset: number): string | undefined {
  if (bytes[offset] === 0 && bytes.subarray(offset, offset + blockBytes).every((byte) => byte === 0)) return undefined;
  let sum = 0;
  for (let index = 0; index < blockBytes; index++) sum += bytes[offset + index] ?? 0;
  // The field of the sum itself counts as blanks.
  for (let index = 148; index < 156; index++) sum += 0x20 - (bytes[offset + index] ?? 0);
  if (octal(bytes, offset + 148, 8) !== sum) throw new TarProblem(`there is no tar header at ${offset}`);
  if (bytes.toString("latin1", offset + 257, offset + 263) !== "ustar\0")
    throw new TarProblem(`no ustar header at ${offset}`);
  return String.fromCharCode(bytes[offset + 156] ?? 0);
}

function memberOf(bytes: Buffer, offset: number, type: string, extended: PaxRecords): Member {
  const number = (keyword: string, at: number, width: number): number => {
    const value = extended.get(keyword);
    return value === undefined ? octal(bytes, offset + at, width) : decimal(value);
  };
  const prefix = text(bytes, offset + 345, 155);
  const name = text(bytes, offset, 100);
  const sparse = extended.get("GNU.sparse.realsize");
  const path = extended.get("GNU.sparse.name") ?? extended.get("path") ?? (prefix === "" ? name : `${prefix}/${name}`);
  const mtime = extended.get("mtime");
  return {
    type,
    path: path.endsWith("/") ? path.slice(0, -1) : path,
    linkPath: extended.get("linkpath") ?? text(bytes, offset + 157, 100),
    mode: octal(bytes, offset + 100, 8),
    uid: number("uid", 108, 8),
    gid: number("gid", 116, 8),
    mtimeNs: mtime === undefined ? BigInt(octal(bytes, offset + 136, 12)) * 1_000_000_000n : nanoseconds(mtime),
    device: `${octal(bytes, offset + 329, 8)}:${octal(bytes, offset + 337, 8)}`,
    archivedBytes: number("size", 124, 12),
    ...(sparse === undefined ? {} : { realBytes: decimal(sparse) }),
    attributes: new Map([...extended].filter(([keyword]) => keyword.startsWith("SCHILY."))),
  };
}

/** `LENGTH KEYWORD=VALUE\n`, one behind the other. */
export function readPaxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length;) {
    const blank = data.indexOf(0x20, at);
    const length = blank < 0 ? 0 : decimal(data.toString("latin1", at, blank));
    const end = at + length;
    if (length === 0 || end > data.length || data[end - 1] !== 0x0a) throw new TarProblem("malformed pax record");
    const equals = data.indexOf(0x3d, blank);
    if (equals < 0 || equals >= end) throw new TarProblem("pax record without a keyword");
    records.set(data.toString("latin1", blank + 1, equals), data.toString("latin1", equals + 1, end - 1));
    at = end;
  }
  return records;
}

export interface SparseStretch {
  readonly at: number;
  readonly bytes: number;
}

/** The map in front of a GNU.sparse 1.0 member's data: decimal numbers, one a line; and how long it is, padded. */
export function readSparseMap(data: Buffer): { readonly stretches: readonly SparseStretch[]; readonly bytes: number } {
  let at = 0;
  const next = (): number => {
    const end = data.indexOf(0x0a, at);
    if (end < 0) throw new TarProblem("a sparse map is cut off");
    const number = decimal(data.toString("latin1", at, end));
    at = end + 1;
    return number;
  };
  const stretches = Array.from({ length: next() }, () => ({ at: next(), bytes: next() }));
  return { stretches, bytes: padded(at) };
}

function octal(bytes: Buffer, offset: number, width: number): number {
  let value = 0;
  for (let index = offset; index < offset + width; index++) {
    const digit = bytes[index] ?? 0;
    if (digit === 0 || digit === 0x20) {
      // Blanks may stand before the digits and end them.
      if (value > 0) break;
      continue;
    }
    if (digit < 0x30 || digit > 0x37) throw new TarProblem(`there is no octal number at ${offset}`);
    value = value * 8 + digit - 0x30;
  }
  return value;
}

function decimal(digits: string): number {
  if (!/^[0-9]{1,15}$/.test(digits)) throw new TarProblem(`"${digits}" is no number`);
  return Number(digits);
}

function nanoseconds(time: string): bigint {
  const [, sign, seconds, fraction = ""] = /^(-?)([0-9]+)(?:\.([0-9]*))?$/.exec(time) ?? [];
  if (seconds === undefined) throw new TarProblem(`"${time}" is no time`);
  const value = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
  return sign === "-" ? -value : value;
}

function text(bytes: Buffer, offset: number, width: number): string {
  const field = bytes.toString("latin1", offset, offset + width);
  const end = field.indexOf("\0");
  return end < 0 ? field : field.slice(0, end);
}
