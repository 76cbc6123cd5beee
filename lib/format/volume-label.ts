// SPDX-License-Identifier: Apache-2.0
/**
 * The label of a tape volume: tape file 0. Its first block is a VOL1 label as ANSI X3.27 (ISO 1001) has it, so that
 * every tape tool can tell whose the tape is; its second block is a tar archive of one member, the volume header.
 */
import { FormatError } from "../errors.ts";
import { decodeMemberHeader, encodeMemberHeader, paddedBytes } from "./pax.ts";
import { checkFormatVersion, formatVersion } from "./version.ts";

export const volumeLabelBytes = 80;

/**
 * The volume header is one block of 10,240 bytes whatever the volume's record size: tar's own default (`-b 20`), so
 * that it can be read before anyone knows the record size, which stands in it.
 */
export const volumeHeaderBytes = 10240;

/** Logical objects of the label: VOL1, volume header, filemark. Tape file 1 begins behind them. */
export const labelObjects = 3n;

/** Bytes of the label's two blocks. */
export const labelBytes = BigInt(volumeLabelBytes + volumeHeaderBytes);

const headerPath = ".tidemark/volume.json";
const implementation = "TIDEMARK";

/** What the first block of a cartridge says. */
export type VolumeLabel =
  | { readonly kind: "blank" }
  | { readonly kind: "ours"; readonly volumeSerial: string }
  /** Another product's VOL1. */
  | { readonly kind: "foreign"; readonly volumeSerial: string; readonly product: string }
  /** Data without a VOL1. */
  | { readonly kind: "unlabelled" };

/** The label's volume serial: the first six characters of the barcode, that is without its media suffix. */
export function volumeSerialOf(barcode: string): string {
  if (!/^[A-Z0-9]{1,32}$/.test(barcode)) {
    throw new FormatError(`barcode "${barcode}" cannot stand in a label: only A to Z and 0 to 9 can`);
  }
  return barcode.slice(0, 6);
}

/** VOL1, 80 characters (ANSI X3.27-1987 clause 8.3.1). */
export function encodeVolumeLabel(barcode: string): Buffer {
  const label = Buffer.alloc(volumeLabelBytes, " ");
  label.write("VOL1", 0, "latin1");
  label.write(volumeSerialOf(barcode), 4, 6, "latin1");
  label.write(implementation, 24, 13, "latin1");
  label.write(implementation, 37, 14, "latin1");
  // Label standard version 4: the 1987 edition.
  label.write("4", 79, "latin1");
  return label;
}

/** @param block First block of the tape; undefined or empty where there is no data at all. */
export function decodeVolumeLabel(block: Uint8Array | undefined): VolumeLabel {
  if (block === undefined || block.length === 0) return { kind: "blank" };
  const text = Buffer.from(block.buffer, block.byteOffset, Math.min(block.length, volumeLabelBytes)).toString("latin1");
  // IBM systems write their labels in EBCDIC.
  if (text.startsWith("\xe5\xd6\xd3\xf1")) return { kind: "foreign", volumeSerial: "", product: "an EBCDIC label" };
  if (!text.startsWith("VOL1") || block.length < volumeLabelBytes) return { kind: "unlabelled" };
  const volumeSerial = printable(text.slice(4, 10));
  if (text.slice(24, 37).trimEnd() === implementation) return { kind: "ours", volumeSerial };
  const product = printable(text.slice(24, 37)) || printable(text.slice(37, 51)) || "an unnamed product";
  return { kind: "foreign", volumeSerial, product };
}

/** Contents of the volume header. */
export interface VolumeHeader {
  readonly format: string;
  readonly uuid: string;
  /** In full, media suffix included. */
  readonly barcode: string;
  readonly pool: string;
  readonly createdAtMs: number;
  readonly recordSizeBytes: number;
}

/** One member `.tidemark/volume.json`, then zeros up to 10,240 bytes. */
export function encodeVolumeHeader(header: Omit<VolumeHeader, "format">): Buffer {
  const json = Buffer.from(
    `${JSON.stringify(
      {
        format: formatVersion,
        uuid: header.uuid,
        barcode: header.barcode,
        pool: header.pool,
        createdAt: new Date(header.createdAtMs).toISOString(),
        recordSizeBytes: header.recordSizeBytes,
      },
      undefined,
      1,
    )}\n`,
  );
  const memberHeader = encodeMemberHeader({
    path: Buffer.from(headerPath),
    mode: 0o444,
    uid: 0,
    gid: 0,
    sizeBytes: BigInt(json.length),
    mtimeSeconds: Math.floor(header.createdAtMs / 1000),
    typeflag: "0",
  });
  const block = Buffer.alloc(volumeHeaderBytes);
  // Two zero blocks end an archive.
  if (memberHeader.length + paddedBytes(json.length) + 1024 > block.length) {
    throw new FormatError(`the volume header of ${header.barcode} is longer than ${volumeHeaderBytes} bytes`);
  }
  memberHeader.copy(block);
  json.copy(block, memberHeader.length);
  return block;
}

/** @throws FormatError where the block is no volume header, or a newer version wrote it. */
export function decodeVolumeHeader(block: Uint8Array): VolumeHeader {
  const member = decodeMemberHeader(block);
  if (member === undefined || member.header.path.toString() !== headerPath) {
    throw new FormatError(`the second block of the tape is no volume header (${headerPath})`);
  }
  const size = Number(member.header.sizeBytes);
  if (member.headerBytes + size > block.length) throw new FormatError("the volume header is cut short");
  const text = Buffer.from(block.subarray(member.headerBytes, member.headerBytes + size)).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FormatError("the volume header is no JSON text", { cause });
  }
  if (typeof value !== "object" || value === null) throw new FormatError("the volume header is no JSON object");
  return checkedHeader(value as Readonly<Record<string, unknown>>);
}

function checkedHeader(fields: Readonly<Record<string, unknown>>): VolumeHeader {
  const text = (name: string): string => {
    const value = fields[name];
    if (typeof value !== "string") throw new FormatError(`the volume header has no text "${name}"`);
    return value;
  };
  // The version first: a newer major version may have renamed the rest.
  checkFormatVersion(
    text("format"),
    typeof fields["barcode"] === "string" ? `volume ${fields["barcode"]}` : "the volume",
  );
  const createdAtMs = Date.parse(text("createdAt"));
  if (Number.isNaN(createdAtMs)) throw new FormatError(`the volume header's date "${text("createdAt")}" is none`);
  const recordSizeBytes = fields["recordSizeBytes"];
  if (typeof recordSizeBytes !== "number" || !isRecordSize(recordSizeBytes)) {
    throw new FormatError(`the volume header's record size ${String(recordSizeBytes)} is none`);
  }
  return {
    format: text("format"),
    uuid: text("uuid"),
    barcode: text("barcode"),
    pool: text("pool"),
    createdAtMs,
    recordSizeBytes,
  };
}

/** Records are at least 16 KiB, and whole tar blocks. */
export function isRecordSize(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= 16384 && bytes <= 16777216 && bytes % 512 === 0;
}

function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, "?").trim();
}
