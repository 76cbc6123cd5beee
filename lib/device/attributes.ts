// SPDX-License-Identifier: Apache-2.0
/**
 * Values of medium auxiliary memory attributes, in and out (SPC-5 7.4). A drive may give an attribute another length
 * than the standard does: what is there is read as far as it goes, and nothing beyond it.
 */
import { ConfigError } from "../errors.ts";
import type { Attribute, AttributeToWrite } from "../native/binding.ts";
import { attributeTable } from "./attribute-table.ts";
import type { AttributeDescription } from "./attribute-table.ts";
import { densityText } from "./densities.ts";
import { knownCounter } from "./log-pages.ts";
import { tapeAlertsFromBits } from "./tape-alert.ts";

/** An attribute as the native codec gives it. */
export interface RawAttribute {
  readonly id: number;
  readonly readOnly: boolean;
  readonly format: AttributeFormat;
  readonly value: Uint8Array;
}

/** SPC-5 table 451; a drive may send one that there is none of. */
export type AttributeFormat = Attribute["format"];

/** An attribute with its name, and its value decoded as that attribute's. */
export interface AttributeValue {
  readonly id: number;
  readonly name: string;
  readonly readOnly: boolean;
  /** Absent where the medium has none, or its drive does not know it. */
  readonly value?: bigint | string | readonly number[] | VolumeCoherency | Readonly<Record<string, bigint>>;
  readonly unit?: string;
}

/** Attribute 080Ch: by it an application tells whether what it knows of a partition is what stands there. */
export interface VolumeCoherency {
  readonly volumeChangeReference: bigint;
  /** Counted up by the application with every change. */
  readonly count: bigint;
  readonly setId: bigint;
  readonly applicationData: Uint8Array;
}

/** The name by which {@link attributeId} finds it; `attribute 1234h` for one that is not known here. */
export function attributeName(id: number): string {
  return attributeTable[id]?.name ?? `attribute ${hex(id)}h`;
}

/** The id of an attribute by its name or its hexadecimal number, such as `barcode` or `0806`. */
export function attributeId(text: string): number | undefined {
  const wanted = text.toLowerCase().replaceAll(/[-_ ]+/g, " ");
  const named = Object.entries(attributeTable).find(([, { name }]) => name.toLowerCase() === wanted);
  if (named !== undefined) return Number(named[0]);
  const match = /^(?:0x)?([0-9a-f]{4})h?$/.exec(wanted);
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16);
}

/** What an attribute says: numbers as bigint, text without padding, dates in ISO form, bytes in hexadecimal. */
export function attributeValue(attribute: RawAttribute): AttributeValue {
  const { id, readOnly } = attribute;
  const description = attributeTable[id];
  const bytes = Buffer.from(attribute.value.buffer, attribute.value.byteOffset, attribute.value.byteLength);
  const value = decoded(bytes, description ?? { name: "", kind: kindByFormat[attribute.format] ?? "bytes" });
  return {
    id,
    name: attributeName(id),
    readOnly,
    ...(value === undefined ? {} : { value }),
    ...(description?.unit === undefined ? {} : { unit: description.unit }),
  };
}

const kindByFormat: Readonly<Partial<Record<AttributeFormat, AttributeDescription["kind"]>>> = {
  ascii: "ascii",
  text: "text",
};

function decoded(bytes: Buffer, { kind }: AttributeDescription): AttributeValue["value"] {
  switch (kind) {
    case "count":
      return knownCounter(bytes);
    case "reference":
      return volumeChangeReference(bytes);
    case "ascii":
      return printable(bytes.toString("latin1"));
    case "text":
      return printable(bytes.toString("utf8"));
    case "date":
      return dateText(bytes, /^(\d{4})(\d{2})(\d{2})$/);
    case "time":
      return dateText(bytes, /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/);
    case "density":
      return bytes[0] === undefined || bytes[0] === 0xff ? undefined : densityText(bytes[0]);
    case "mediumType":
      return mediumTypeText(bytes[0]);
    case "tapeAlert":
      return tapeAlertsFromBits(bytes);
    case "device":
      return deviceText(bytes);
    case "mediumUsage":
      return usageHistory(bytes, 6);
    case "partitionUsage":
      return usageHistory(bytes, 4);
    case "coherency":
      return volumeCoherency(bytes);
    case "bytes":
      return bytes.length === 0 ? undefined : bytes.toString("hex");
  }
}

/**
 * Attribute 0009h changes with the first write after a load. Any length; zero and all ones are "not available", and
 * two of those are never equal in any useful sense.
 */
export function volumeChangeReference(bytes: Uint8Array): bigint | undefined {
  const value = knownCounter(bytes);
  return value === 0n ? undefined : value;
}

/** Without padding; nothing where nothing is left; control characters as `?`. */
function printable(text: string): string | undefined {
  const cut = text.replaceAll(/^[\0 ]+|[\0 ]+$/g, "").replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return cut === "" ? undefined : cut;
}

/** `2026-11-23` and `2026-11-23 06:28`; text that is no date stays as it is. */
function dateText(bytes: Buffer, form: RegExp): string | undefined {
  const text = printable(bytes.toString("latin1"));
  const match = text === undefined ? null : form.exec(text);
  if (match === null) return text;
  const [date, time] = [match.slice(1, 4), match.slice(4)];
  return [date.join("-"), time.join(":")].join(" ").trimEnd();
}

function mediumTypeText(byte: number | undefined): string | undefined {
  if (byte === undefined) return undefined;
  const known: Readonly<Record<number, string>> = { 0x00: "data", 0x01: "cleaning", 0x80: "write-once (WORM)" };
  return known[byte] ?? `type ${byte.toString(16).toUpperCase().padStart(2, "0")}h`;
}

/** Vendor in eight bytes, serial number in the rest. */
function deviceText(bytes: Buffer): string | undefined {
  const parts = [bytes.subarray(0, 8), bytes.subarray(8)].map((part) => printable(part.toString("latin1")));
  const text = parts.filter((part) => part !== undefined).join(" ");
  return text === "" ? undefined : text;
}

/** Counters of 0340h and 0341h in their order (SPC-5 7.4.2.2.21); amounts are in MiB. */
const usageNames = [
  "currentWritten",
  "currentWriteRetries",
  "currentRead",
  "currentReadRetries",
  "previousWritten",
  "previousWriteRetries",
  "previousRead",
  "previousReadRetries",
  "totalWritten",
  "totalWriteRetries",
  "totalRead",
  "totalReadRetries",
  "loads",
  "partitionChanges",
  "partitionInitialisations",
] as const;

function usageHistory(bytes: Buffer, width: number): Readonly<Record<string, bigint>> | undefined {
  const counters = usageNames.flatMap((name, index) => {
    const end = (index + 1) * width;
    const counter = end > bytes.length ? undefined : knownCounter(bytes.subarray(end - width, end));
    return counter === undefined ? [] : [[name, counter] as const];
  });
  return counters.length === 0 ? undefined : Object.fromEntries(counters);
}

/** @returns nothing where the value is empty, cut short, or contradicts itself */
export function volumeCoherency(value: Uint8Array): VolumeCoherency | undefined {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  const referenceEnd = 1 + (bytes[0] ?? 0);
  // Behind the reference: a count, a set identifier, and the length of the application's data.
  const dataStart = referenceEnd + 18;
  if (referenceEnd === 1 || dataStart > bytes.length) return undefined;
  const dataEnd = dataStart + bytes.readUInt16BE(dataStart - 2);
  if (dataEnd > bytes.length) return undefined;
  return {
    volumeChangeReference: BigInt(`0x${bytes.subarray(1, referenceEnd).toString("hex")}`),
    count: bytes.readBigUInt64BE(referenceEnd),
    setId: bytes.readBigUInt64BE(referenceEnd + 8),
    applicationData: bytes.subarray(dataStart, dataEnd),
  };
}

/** Application data as long as WRITE ATTRIBUTE could ever carry it. */
const longestApplicationData = 0xffff - 27;

/** The value of attribute 080Ch, with a volume change reference of eight bytes. */
export function encodeVolumeCoherency(coherency: VolumeCoherency): RawAttribute & AttributeToWrite {
  const data = coherency.applicationData;
  if (data.length > longestApplicationData) {
    throw new ConfigError(`application data of ${data.length} bytes are more than ${longestApplicationData}`, {
      code: "ERR_TAPE_USAGE",
    });
  }
  const head = Buffer.alloc(27);
  head.writeUInt8(8, 0);
  head.writeBigUInt64BE(coherency.volumeChangeReference, 1);
  head.writeBigUInt64BE(coherency.count, 9);
  head.writeBigUInt64BE(coherency.setId, 17);
  head.writeUInt16BE(data.length, 25);
  return { id: 0x080c, readOnly: false, format: "binary", value: Buffer.concat([head, data]) };
}

/**
 * The attribute to write for a text that a person gave; an empty text deletes it (length 0, SPC-5 6.46).
 * @throws ConfigError (`ERR_TAPE_USAGE`) where it is no host attribute that is written as text, or does not fit
 */
export function encodeAttribute(id: number, text: string): RawAttribute & AttributeToWrite {
  const description = attributeTable[id];
  const refuse = (why: string): never => {
    throw new ConfigError(`attribute ${hex(id)}h (${attributeName(id)}) ${why}`, { code: "ERR_TAPE_USAGE" });
  };
  if (description?.writable !== true) {
    return refuse(`cannot be written: those that can are ${writableAttributes.map(hex).join(", ")}`);
  }
  if (description.kind === "coherency") return refuse("is kept by the program that wrote the tape, and not by hand");
  const format = formatOf(description);
  if (text === "") return { id, readOnly: false, format, value: Buffer.alloc(0) };
  return { id, readOnly: false, format, value: encodedText(text, description, refuse) };
}

function formatOf({ kind }: AttributeDescription): Exclude<AttributeFormat, "unknown"> {
  if (kind === "text") return "text";
  return kind === "count" ? "binary" : "ascii";
}

function encodedText(text: string, description: AttributeDescription, refuse: (why: string) => never): Buffer {
  const length = description.lengthBytes ?? 0;
  if (description.kind === "count") {
    if (!/^\d{1,3}$/.test(text) || Number(text) > 255) refuse("is a number from 0 to 255");
    return Buffer.from([Number(text)]);
  }
  if (description.kind === "time" && !isTime(text)) refuse("has the form YYYYMMDDHHMM, such as 202611230628");
  const isAscii = /^[\x20-\x7e]*$/.test(text);
  if (description.kind !== "text" && !isAscii) refuse("holds ASCII characters alone");
  // A control character must not reach the next reader's terminal.
  if (printable(text) !== text.trim()) refuse("cannot hold control characters");
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length > length) refuse(`has room for ${length} bytes; this text has ${bytes.length}`);
  // ASCII attributes are left-aligned and padded with spaces, texts end with a zero (SPC-5 4.3.1, 4.3.2).
  return Buffer.concat([bytes, Buffer.alloc(length - bytes.length, description.kind === "text" ? 0 : " ")]);
}

function isTime(text: string): boolean {
  const match = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return false;
  const [year, month, day, hour, minute] = match.slice(1).map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day, hour, minute));
  const back = date.toISOString().replaceAll(/[-T:]/g, "").slice(0, 12);
  return back === text;
}

/** Ids of the host attributes. */
export const writableAttributes: readonly number[] = Object.entries(attributeTable)
  .filter(([, { writable }]) => writable === true)
  .map(([id]) => Number(id));

function hex(id: number): string {
  return id.toString(16).toUpperCase().padStart(4, "0");
}
