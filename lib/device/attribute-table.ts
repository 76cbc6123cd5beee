// SPDX-License-Identifier: Apache-2.0
/** Attributes of medium auxiliary memory (SPC-5 7.4): names, and what their values are. */

/**
 * "count": a binary number, all ones unknown; "reference": 0009h, where zero is unknown too; "ascii": padded with
 * spaces; "text": in the character set that attribute 0805h names; "date": YYYYMMDD; "time": YYYYMMDDHHMM.
 */
export type AttributeKind =
  | "count"
  | "reference"
  | "ascii"
  | "text"
  | "date"
  | "time"
  | "density"
  | "mediumType"
  | "tapeAlert"
  | "device"
  | "mediumUsage"
  | "partitionUsage"
  | "coherency"
  | "bytes";

export interface AttributeDescription {
  readonly name: string;
  readonly kind: AttributeKind;
  /** Length that the standard gives; absent where it varies. */
  readonly lengthBytes?: number;
  readonly unit?: string;
  /** Host attributes, which are there to be written. */
  readonly writable?: true;
}

const entry = (name: string, kind: AttributeKind, lengthBytes?: number, unit?: string): AttributeDescription => ({
  name,
  kind,
  ...(lengthBytes === undefined ? {} : { lengthBytes }),
  ...(unit === undefined ? {} : { unit }),
});
const host = (name: string, kind: AttributeKind, lengthBytes?: number): AttributeDescription => ({
  ...entry(name, kind, lengthBytes),
  writable: true,
});

export const attributeTable: Readonly<Record<number, AttributeDescription>> = {
  0x0000: entry("remaining capacity of partition", "count", 8, "MiB"),
  0x0001: entry("maximum capacity of partition", "count", 8, "MiB"),
  0x0002: entry("TapeAlert flags", "tapeAlert", 8),
  0x0003: entry("load count", "count", 8),
  0x0004: entry("memory space left", "count", 8, "bytes"),
  0x0005: entry("assigning organisation", "ascii", 8),
  0x0006: entry("formatted density", "density", 1),
  0x0007: entry("initialisation count", "count", 2),
  0x0008: entry("volume identifier", "ascii", 32),
  0x0009: entry("volume change reference", "reference"),
  0x020a: entry("drive of last load", "device", 40),
  0x020b: entry("drive of second last load", "device", 40),
  0x020c: entry("drive of third last load", "device", 40),
  0x020d: entry("drive of fourth last load", "device", 40),
  0x0220: entry("written in medium's life", "count", 8, "MiB"),
  0x0221: entry("read in medium's life", "count", 8, "MiB"),
  0x0222: entry("written in last load", "count", 8, "MiB"),
  0x0223: entry("read in last load", "count", 8, "MiB"),
  0x0224: entry("first encrypted block", "count", 8),
  0x0225: entry("first unencrypted block behind it", "count", 8),
  0x0340: entry("medium usage history", "mediumUsage", 90),
  0x0341: entry("partition usage history", "partitionUsage", 60),
  0x0400: entry("medium manufacturer", "ascii", 8),
  0x0401: entry("medium serial number", "ascii", 32),
  0x0402: entry("medium length", "count", 4, "m"),
  0x0403: entry("medium width", "count", 4, "tenths of a mm"),
  0x0404: entry("medium's assigning organisation", "ascii", 8),
  0x0405: entry("medium density", "density", 1),
  0x0406: entry("medium manufacture date", "date", 8),
  0x0407: entry("memory capacity", "count", 8, "bytes"),
  0x0408: entry("medium type", "mediumType", 1),
  0x0409: entry("medium type information", "count", 2),
  0x040a: entry("numeric medium serial number", "bytes"),
  0x0800: host("application vendor", "ascii", 8),
  0x0801: host("application name", "ascii", 32),
  0x0802: host("application version", "ascii", 8),
  0x0803: host("user text label", "text", 160),
  0x0804: host("date and time last written", "time", 12),
  0x0805: host("text localisation", "count", 1),
  0x0806: host("barcode", "ascii", 32),
  0x0807: host("owning host", "text", 80),
  0x0808: host("media pool", "text", 160),
  0x0809: host("partition user text label", "ascii", 16),
  0x080a: host("load or unload at partition", "count", 1),
  0x080b: host("application format version", "ascii", 16),
  0x080c: host("volume coherency information", "coherency"),
  0x0820: entry("medium globally unique identifier", "bytes", 36),
  0x0821: entry("media pool globally unique identifier", "bytes", 36),
  0x1000: entry("unique cartridge identity", "bytes", 28),
  0x1001: entry("alternative unique cartridge identity", "bytes", 24),
};
