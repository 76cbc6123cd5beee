// SPDX-License-Identifier: Apache-2.0
/**
 * Headers of the pax interchange format (POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block").
 * Pure: fields in, bytes out. The packer writes the members of a job natively; this codec writes and reads what
 * the media server adds around them.
 */
import { FormatError } from "../errors.ts";

/** Tar's unit: headers are one block, data is padded to it. */
export const tarBlockBytes = 512;

/** Largest size that eleven octal digits hold; beyond it the size stands in a pax record. */
const ustarSizeMaximum = 0o77777777777;

export interface UstarHeader {
  readonly path: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: bigint;
  readonly mtimeSeconds: number;
  readonly typeflag: string;
  readonly linkPath?: Buffer;
  readonly userName?: string;
  readonly groupName?: string;
}

export interface PaxRecord {
  readonly keyword: string;
  readonly value: Buffer;
}

/** Bytes up to the next multiple of 512. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / tarBlockBytes) * tarBlockBytes;
}

/**
 * One ustar header block with its checksum. A path that does not fit is cut: the pax record before the header
 * carries the whole one.
 */
export function encodeUstarHeader(header: UstarHeader): Buffer {
  const block = Buffer.alloc(tarBlockBytes);
  const { prefix, name } = splitPath(header.path);
  name.copy(block, 0);
  writeOctal(block, 100, 8, header.mode & 0o7777);
  // Numbers too large for their field are zero here and whole in a pax record.
  writeOctal(block, 108, 8, header.uid > 0o7777777 ? 0 : header.uid);
  writeOctal(block, 116, 8, header.gid > 0o7777777 ? 0 : header.gid);
  writeOctal(block, 124, 12, header.sizeBytes > ustarSizeMaximum ? 0 : Number(header.sizeBytes));
  writeOctal(block, 136, 12, Math.min(Math.max(0, header.mtimeSeconds), ustarSizeMaximum));
  block.write(header.typeflag, 156, 1, "latin1");
  (header.linkPath ?? Buffer.alloc(0)).copy(block, 157, 0, 100);
  block.write("ustar\x0000", 257, 8, "latin1");
  block.write(header.userName ?? "", 265, 31, "latin1");
  block.write(header.groupName ?? "", 297, 31, "latin1");
  writeOctal(block, 329, 8, 0);
  writeOctal(block, 337, 8, 0);
  prefix.copy(block, 345);
  block.write(`${checksum(block).toString(8).padStart(6, "0")}\0 `, 148, 8, "latin1");
  return block;
}

/**
 * @returns undefined for a block of zeros, which is what ends an archive.
 * @throws FormatError where the checksum is wrong.
 */
export function decodeUstarHeader(block: Uint8Array): UstarHeader | undefined {
  const bytes = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (bytes.length !== tarBlockBytes) throw new FormatError(`a tar header is 512 bytes, not ${bytes.length}`);
  if (bytes.every((byte) => byte === 0)) return undefined;
  const stored = readOctal(bytes, 148, 8, "checksum");
  if (stored !== checksum(bytes)) {
    throw new FormatError(`tar header with checksum ${stored} where its bytes give ${checksum(bytes)}`);
  }
  if (bytes.toString("latin1", 257, 262) !== "ustar") throw new FormatError("tar header that is not in ustar format");
  const prefix = textField(bytes, 345, 155);
  const name = textField(bytes, 0, 100);
  const linkPath = textField(bytes, 157, 100);
  return {
    path: prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]),
    mode: readOctal(bytes, 100, 8, "mode"),
    uid: readOctal(bytes, 108, 8, "uid"),
    gid: readOctal(bytes, 116, 8, "gid"),
    sizeBytes: BigInt(readOctal(bytes, 124, 12, "size")),
    mtimeSeconds: readOctal(bytes, 136, 12, "mtime"),
    typeflag: bytes.toString("latin1", 156, 157),
    ...(linkPath.length === 0 ? {} : { linkPath }),
    userName: textField(bytes, 265, 32).toString("latin1"),
    groupName: textField(bytes, 297, 32).toString("latin1"),
  };
}

/** Does this path fit into the fields of a ustar header, byte for byte? */
export function fitsUstar(path: Buffer): boolean {
  if (path.some((byte) => byte >= 0x80 || byte === 0x0a)) return false;
  const { prefix, name } = splitPath(path);
  return name.length + (prefix.length === 0 ? 0 : prefix.length + 1) === path.length;
}

/** `LENGTH KEYWORD=VALUE\n`, where LENGTH counts the whole record, itself included. */
export function encodePaxRecord({ keyword, value }: PaxRecord): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), value, Buffer.from("\n")]);
  let total = rest.length + String(rest.length).length;
  // The digits of the total may be one more than the digits of what they count.
  if (String(total).length > total - rest.length) total += 1;
  return Buffer.concat([Buffer.from(String(total)), rest]);
}

/** @throws FormatError where lengths and contents do not agree. */
export function decodePaxRecords(bytes: Uint8Array): PaxRecord[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const records: PaxRecord[] = [];
  let offset = 0;
  while (offset < buffer.length) {
    const space = buffer.indexOf(0x20, offset);
    const digits = space < 0 ? "" : buffer.toString("latin1", offset, space);
    const length = /^[1-9][0-9]{0,9}$/.test(digits) ? Number(digits) : 0;
    const end = offset + length;
    const equals = buffer.indexOf(0x3d, space);
    if (length === 0 || end > buffer.length || buffer[end - 1] !== 0x0a || equals < 0 || equals >= end) {
      throw new FormatError(`malformed pax record at byte ${offset} of a header of ${buffer.length} bytes`);
    }
    records.push({ keyword: buffer.toString("utf8", space + 1, equals), value: buffer.subarray(equals + 1, end - 1) });
    offset = end;
  }
  return records;
}

/** A pax header: `x` for the next member, `g` for all that follow. */
export function encodePaxHeader(typeflag: "x" | "g", records: readonly PaxRecord[]): Buffer {
  return paxHeaderOf(typeflag, Buffer.concat(records.map(encodePaxRecord)));
}

/**
 * A global header of exactly `totalBytes` that says nothing. It fills a record up, so that no member's headers
 * straddle a record boundary. With 512 bytes left it has no data at all.
 */
export function encodeFiller(totalBytes: number): Buffer {
  if (totalBytes < tarBlockBytes || totalBytes % tarBlockBytes !== 0) {
    throw new FormatError(`a filler is a multiple of 512 bytes, not ${totalBytes}`);
  }
  const dataBytes = totalBytes - tarBlockBytes;
  if (dataBytes === 0) return paxHeaderOf("g", Buffer.alloc(0));
  const valueBytes = dataBytes - `${dataBytes} comment=\n`.length;
  return encodePaxHeader("g", [{ keyword: "comment", value: Buffer.alloc(valueBytes, " ") }]);
}

/** Headers of one member: an `x` header where ustar fields do not hold everything, then the ustar header. */
export function encodeMemberHeader(header: UstarHeader): Buffer {
  const records: PaxRecord[] = [];
  if (!fitsUstar(header.path)) {
    // POSIX: pax values are UTF-8 unless hdrcharset says that they are bytes.
    if (!isUtf8(header.path)) records.push(textRecord("hdrcharset", "BINARY"));
    records.push({ keyword: "path", value: header.path });
  }
  if (header.sizeBytes > ustarSizeMaximum) records.push(textRecord("size", String(header.sizeBytes)));
  const ustar = encodeUstarHeader(header);
  return records.length === 0 ? ustar : Buffer.concat([encodePaxHeader("x", records), ustar]);
}

export interface DecodedMember {
  readonly header: UstarHeader;
  /** Global records met before the member, in order; a later one of the same keyword rules. */
  readonly globals: readonly PaxRecord[];
  /** Bytes of all headers: where the member's data begins. */
  readonly headerBytes: number;
}

/**
 * Reads headers up to and with the first member's.
 * @returns undefined where the archive ends (zeros, or no bytes) before a member.
 */
export function decodeMemberHeader(bytes: Uint8Array): DecodedMember | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const globals: PaxRecord[] = [];
  let extended: readonly PaxRecord[] = [];
  let offset = 0;
  while (offset + tarBlockBytes <= buffer.length) {
    const header = decodeUstarHeader(buffer.subarray(offset, offset + tarBlockBytes));
    if (header === undefined) return undefined;
    offset += tarBlockBytes;
    if (header.typeflag !== "x" && header.typeflag !== "g") {
      return { header: withRecords(header, extended), globals, headerBytes: offset };
    }
    const size = Number(header.sizeBytes);
    if (offset + size > buffer.length) throw new FormatError("pax header that runs on behind its record");
    const records = decodePaxRecords(buffer.subarray(offset, offset + size));
    if (header.typeflag === "x") extended = records;
    else globals.push(...records);
    offset += paddedBytes(size);
  }
  return undefined;
}

export function textRecord(keyword: string, value: string): PaxRecord {
  return { keyword, value: Buffer.from(value) };
}

function withRecords(header: UstarHeader, records: readonly PaxRecord[]): UstarHeader {
  const path = records.findLast(({ keyword }) => keyword === "path")?.value;
  const size = records.findLast(({ keyword }) => keyword === "size")?.value.toString("latin1");
  if (size !== undefined && !/^[0-9]{1,19}$/.test(size)) throw new FormatError(`pax size "${size}" is no number`);
  return {
    ...header,
    ...(path === undefined ? {} : { path }),
    ...(size === undefined ? {} : { sizeBytes: BigInt(size) }),
  };
}

function paxHeaderOf(typeflag: "x" | "g", data: Buffer): Buffer {
  const header = encodeUstarHeader({
    path: Buffer.from(typeflag === "x" ? "././@PaxHeader" : "././@GlobalHeader"),
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: BigInt(data.length),
    mtimeSeconds: 0,
    typeflag,
  });
  return Buffer.concat([header, data, Buffer.alloc(paddedBytes(data.length) - data.length)]);
}

/** Splits at a "/" so that the name has at most 100 and the prefix at most 155 bytes, else cuts. */
function splitPath(path: Buffer): { readonly prefix: Buffer; readonly name: Buffer } {
  if (path.length <= 100) return { prefix: Buffer.alloc(0), name: path };
  // The last byte may be a directory's "/": that one belongs to the name.
  const slash = path.indexOf(0x2f, path.length - 101);
  if (slash > 0 && slash <= 155 && slash < path.length - 1) {
    return { prefix: path.subarray(0, slash), name: path.subarray(slash + 1) };
  }
  return { prefix: Buffer.alloc(0), name: path.subarray(0, 100) };
}

function isUtf8(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString("utf8")).equals(bytes);
}

/** Sum of all bytes, the checksum field itself taken as spaces. */
function checksum(block: Buffer): number {
  let sum = 0;
  for (let index = 0; index < tarBlockBytes; index += 1) {
    sum += index >= 148 && index < 156 ? 0x20 : (block[index] ?? 0);
  }
  return sum;
}

function writeOctal(block: Buffer, offset: number, width: number, value: number): void {
  block.write(
    `${Math.floor(value)
      .toString(8)
      .padStart(width - 1, "0")}\0`,
    offset,
    width,
    "latin1",
  );
}

function readOctal(block: Buffer, offset: number, width: number, field: string): number {
  const text = block
    .toString("latin1", offset, offset + width)
    .replace(/[\0 ]+$/, "")
    .replace(/^ +/, "");
  if (!/^[0-7]*$/.test(text)) throw new FormatError(`tar header whose ${field} is no octal number`);
  return text === "" ? 0 : parseInt(text, 8);
}

function textField(block: Buffer, offset: number, width: number): Buffer {
  const field = block.subarray(offset, offset + width);
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end));
}
