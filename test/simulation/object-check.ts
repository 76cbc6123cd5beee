// SPDX-License-Identifier: Apache-2.0
/** Compares an object that is told to be on tape with what is there, and with its source: byte for byte, field by field. */
import { nativeBinding } from "../../lib/native/binding.ts";
import { objectKind } from "../../lib/catalog/persistent-record.ts";
import { TarProblem, padded, readHeaders, readSparseMap } from "./image-tar.ts";
import type { Member } from "./image-tar.ts";
import type { ImageStream } from "./image-stream.ts";
import type { SourceObject } from "./source-snapshot.ts";
import type { ToldExtent, ToldObject } from "./told.ts";

const typeOfKind: ReadonlyMap<number, string> = new Map([
  [objectKind.file, "0"],
  [objectKind.directory, "5"],
  [objectKind.symbolicLink, "2"],
  [objectKind.hardLink, "1"],
  [objectKind.fifo, "6"],
  [objectKind.characterDevice, "3"],
  [objectKind.blockDevice, "4"],
  [objectKind.sparseFile, "0"],
]);

/** @returns what is wrong with it, if anything is */
export function objectProblem(
  told: ToldObject,
  source: SourceObject,
  stream: ImageStream,
  extents: readonly ToldExtent[],
): string | undefined {
  const headers = stream.read(told.headerOffset, told.dataOffset);
  const data = stream.pieces(told.dataOffset, told.endOffset);
  if (headers === undefined || data === undefined) return "it is not on the media";
  try {
    const { member, start, end } = readHeaders(headers, 0);
    if (member === undefined || start !== 0 || end !== headers.length) return "no member's headers are in its place";
    if (padded(member.archivedBytes) !== told.endOffset - told.dataOffset) return "its member has another size";
    return (
      memberProblem(member, told, source) ??
      fingerprintProblem(told.fingerprint, source) ??
      contentProblem(member, told, source, data) ??
      digestProblem(told, source, data, extents)
    );
  } catch (error) {
    if (error instanceof TarProblem) return error.message;
    throw error;
  }
}

function memberProblem(member: Member, told: ToldObject, source: SourceObject): string | undefined {
  const { stats } = source;
  if (member.path !== told.path) return `the member in its place is ${JSON.stringify(member.path)}`;
  if (member.type !== typeOfKind.get(told.kind)) return `its member has the type ${member.type}`;
  if ((member.realBytes !== undefined) !== (told.kind === objectKind.sparseFile)) return "it is sparse in one only";
  if (member.mode !== (Number(stats.mode) & 0o7777)) return `its mode on tape is ${member.mode.toString(8)}`;
  if (member.uid !== Number(stats.uid) || member.gid !== Number(stats.gid)) return "its owner on tape is another";
  if (member.mtimeNs !== stats.mtimeNs) return `its time on tape is ${member.mtimeNs}`;
  if (told.kind === objectKind.hardLink)
    return member.linkPath === told.linkTarget ? undefined : "it links to something else on tape";
  if (source.target !== undefined && member.linkPath !== source.target) return "its target on tape is another";
  if (stats.isCharacterDevice() || stats.isBlockDevice()) {
    if (member.device !== deviceOf(stats.rdev)) return `its device on tape is ${member.device}`;
  }
  return attributeProblem(member, source);
}

/** As makedev(3) of the GNU library packs them. */
function deviceOf(device: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

const accessLists = new Map([
  ["system.posix_acl_access", "SCHILY.acl.access"],
  ["system.posix_acl_default", "SCHILY.acl.default"],
]);

function attributeProblem(member: Member, source: SourceObject): string | undefined {
  if (member.attributes.size !== source.attributes.size) return "it has other extended attributes on tape";
  for (const [name, value] of source.attributes) {
    const list = accessLists.get(name);
    const keyword = list ?? `SCHILY.xattr.${name.replaceAll("%", "%25").replaceAll("=", "%3D")}`;
    const wanted = list === undefined ? value.toString("latin1") : accessListText(value);
    if (member.attributes.get(keyword) !== wanted) return `its attribute ${name} is another one on tape`;
  }
  return undefined;
}

/** The kernel's form (linux/posix_acl_xattr.h) as text, in the order of its entries. */
function accessListText(value: Buffer): string {
  const names = new Map([
    [1, "user:"],
    [2, "user:"],
    [4, "group:"],
    [8, "group:"],
    [16, "mask:"],
    [32, "other:"],
  ]);
  const entries: string[] = [];
  for (let at = 4; at < value.length; at += 8) {
    const tag = value.readUInt16LE(at);
    const bits = value.readUInt16LE(at + 2);
    const who = tag === 2 || tag === 8 ? String(value.readUInt32LE(at + 4)) : "";
    const letters = ["r", "w", "x"].map((letter, index) => ((bits & (4 >> index)) === 0 ? "-" : letter));
    entries.push(`${names.get(tag) ?? "?"}${who}:${letters.join("")}`);
  }
  return entries.join(",");
}

/** dev, ino, size, mtime, ctime, mode, uid, gid, big-endian. */
function fingerprintProblem(fingerprint: Buffer, { stats }: SourceObject): string | undefined {
  const isSame =
    fingerprint.readBigUInt64BE(0) === stats.dev &&
    fingerprint.readBigUInt64BE(8) === stats.ino &&
    fingerprint.readBigUInt64BE(16) === stats.size &&
    fingerprint.readBigInt64BE(24) === stats.mtimeNs &&
    fingerprint.readBigInt64BE(32) === stats.ctimeNs &&
    fingerprint.readUInt32BE(40) === Number(stats.mode) &&
    fingerprint.readUInt32BE(44) === Number(stats.uid) &&
    fingerprint.readUInt32BE(48) === Number(stats.gid);
  return isSame ? undefined : "its recorded fingerprint is not its source's";
}

function contentProblem(
  member: Member,
  told: ToldObject,
  { content }: SourceObject,
  data: readonly Buffer[],
): string | undefined {
  if (told.kind === objectKind.sparseFile) return sparseProblem(member, content ?? nothing, data);
  const wanted = told.kind === objectKind.hardLink ? nothing : (content ?? nothing);
  if (member.archivedBytes !== wanted.length) return `it has ${member.archivedBytes} bytes on tape`;
  return isArchived(wanted, data) ? undefined : "its content on tape is another one";
}

const nothing = Buffer.alloc(0);
const zeros = Buffer.alloc(65_536);

/** Do the pieces hold these bytes, and zeros behind them? */
function isArchived(wanted: Buffer, pieces: readonly Buffer[]): boolean {
  let at = 0;
  for (const piece of pieces) {
    const count = Math.min(piece.length, wanted.length - at);
    if (wanted.compare(piece, 0, count, at, at + count) !== 0) return false;
    if (!isZero(piece.subarray(count))) return false;
    at += count;
  }
  return at === wanted.length;
}

export function isZero(bytes: Buffer): boolean {
  for (let at = 0; at < bytes.length; at += zeros.length) {
    const count = Math.min(zeros.length, bytes.length - at);
    if (bytes.compare(zeros, 0, count, at, at + count) !== 0) return false;
  }
  return true;
}

function sparseProblem(member: Member, content: Buffer, pieces: readonly Buffer[]): string | undefined {
  if (member.realBytes !== content.length) return `its file has ${member.realBytes ?? 0} bytes on tape`;
  const data = Buffer.concat(pieces);
  const map = readSparseMap(data);
  let from = map.bytes;
  let end = 0;
  for (const stretch of map.stretches) {
    if (stretch.at < end) return "its map on tape goes back";
    if (!isZero(content.subarray(end, stretch.at))) return "it has a hole on tape where its source has data";
    end = stretch.at + stretch.bytes;
    if (content.compare(data, from, from + stretch.bytes, stretch.at, end) !== 0)
      return "its content on tape is another one";
    from += stretch.bytes;
  }
  if (end !== content.length) return "its map on tape does not reach its end";
  return from === member.archivedBytes ? undefined : "its map on tape is not that of its data";
}

/** What the product would compare when it restores. What is on tape is known to be the source's by now. */
function digestProblem(
  told: ToldObject,
  { content = nothing }: SourceObject,
  pieces: readonly Buffer[],
  extents: readonly ToldExtent[],
): string | undefined {
  if (told.kind !== objectKind.file && told.kind !== objectKind.sparseFile) return undefined;
  if (told.digest === undefined) return "it has no digest";
  const isSparse = told.kind === objectKind.sparseFile;
  const { digestOf, bytes } = isSparse ? digestsOfSparse(pieces) : digestsOf(content);
  let from = 0;
  for (const extent of extents) {
    if (extent.from !== from) return `its extents have a gap at ${from}`;
    if (extent.digest !== undefined && !digestOf(extent.from, extent.to).equals(extent.digest))
      return `the digest of its extent at ${extent.from} is wrong`;
    from = extent.to;
  }
  return digestOf(from, bytes).equals(told.digest) ? undefined : "its digest is wrong";
}

interface Digests {
  readonly bytes: number;
  readonly digestOf: (from: number, to: number) => Buffer;
}

/** Computed once for each stretch of each source file. */
const knownDigests = new WeakMap<Buffer, Map<string, Buffer>>();

function digestsOf(content: Buffer): Digests {
  const known = knownDigests.get(content) ?? new Map<string, Buffer>();
  knownDigests.set(content, known);
  const digestOf = (from: number, to: number): Buffer => {
    const key = `${from}:${to}`;
    const digest = known.get(key) ?? nativeBinding().xxh3_128(content.subarray(from, to));
    known.set(key, digest);
    return digest;
  };
  return { bytes: content.length, digestOf };
}

/** The map is a part of what is digested. */
function digestsOfSparse(pieces: readonly Buffer[]): Digests {
  const data = Buffer.concat(pieces);
  const map = readSparseMap(data);
  const bytes = map.stretches.reduce((sum, stretch) => sum + stretch.bytes, map.bytes);
  return { bytes, digestOf: (from, to) => nativeBinding().xxh3_128(data.subarray(from, to)) };
}
