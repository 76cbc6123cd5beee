// SPDX-License-Identifier: Apache-2.0
/**
 * What the log pages of tape drives and changers say (SPC-5 7.3, SSC-4 8.3). The native codec has walked a page by
 * its lengths; here the parameters get names, units and values. A value may have any length: counters are as long as
 * a drive likes, all ones mean that it does not know, and nothing is read beyond a value's end.
 *
 * These numbers are for reports and cross-checks alone. They are rounded, count per load or per life, and those "to
 * medium" are after compression: nothing is decided by them.
 */
import type { LogPage } from "../native/binding.ts";
import { logPageNames, logPageTables } from "./log-parameters.ts";
import type { LogParameterKind } from "./log-parameters.ts";

/** A parameter of a log page as the native codec gives it. */
export type LogParameter = LogPage["parameters"][number];

/** A parameter with what is known of it. */
export interface LogValue {
  readonly code: number;
  readonly name: string;
  /** Absent where the drive says that it does not know, or sent nothing that can be read as this. */
  readonly value?: bigint | string;
  readonly unit?: string;
  /** Page 17h counts some things per partition. */
  readonly partition?: number;
}

/** `tape alert`, or `page 3Fh` for one that is not known here. */
export function logPageName(page: number, subpage = 0): string {
  if (subpage === 0xff) return "list of pages and subpages";
  const number = subpage === 0 ? hex(page) : `${hex(page)}/${hex(subpage)}`;
  return (subpage === 0 ? logPageNames[page] : undefined) ?? `page ${number}h`;
}

/** The parameters of a page, in the order in which they came; a record per partition becomes a value each. */
export function logValues(page: LogPage): readonly LogValue[] {
  const table = page.subpage === 0 ? logPageTables[page.page] : undefined;
  return page.parameters.flatMap(({ code, control, value }): readonly LogValue[] => {
    const [name, kind] = table?.[code] ?? [`parameter ${code.toString(16).toUpperCase()}h`, kindByControl(control)];
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    if (kind === "partitions MB" || kind === "partitions") {
      const unit = kind === "partitions MB" ? { unit: "MB" } : {};
      return partitionRecords(bytes).map(({ partition, value: counter }) => ({
        code,
        name,
        ...unit,
        partition,
        ...present(counter),
      }));
    }
    return [{ code, name, ...valueOf(bytes, kind), ...unitOf(kind) }];
  });
}

/** An unknown parameter is shown as text, as bytes or as a number, as its FORMAT AND LINKING bits say. */
function kindByControl(control: number): LogParameterKind {
  const formatAndLinking = control & 3;
  if (formatAndLinking === 1) return "text";
  return formatAndLinking === 3 ? "bytes" : "count";
}

function valueOf(bytes: Buffer, kind: LogParameterKind): { readonly value?: bigint | string } {
  if (kind === "text") return present(text(bytes));
  if (kind === "bytes") return present(bytes.length === 0 ? undefined : bytes.toString("hex"));
  if (kind === "flag") return bytes.length === 0 ? {} : { value: counterOf(bytes) === 0n ? "no" : "yes" };
  // One byte, with a reserved one before it (SPC-5 7.3.23).
  if (kind === "degrees") return present(knownCounter(bytes.subarray(-1)));
  // A signed count has no value to spare for "unknown": all ones are -1 (SSC-4 8.3.7).
  if (kind === "signed bytes") return present(bytes.length === 0 ? undefined : signedCounter(bytes));
  return present(knownCounter(bytes));
}

function present(value: bigint | string | undefined): { readonly value?: bigint | string } {
  return value === undefined ? {} : { value };
}

function unitOf(kind: LogParameterKind): { readonly unit?: string } {
  const unit = units[kind];
  return unit === undefined ? {} : { unit };
}

const units: Readonly<Partial<Record<LogParameterKind, string>>> = {
  bytes8: "bytes",
  MB: "MB",
  MiB: "MiB",
  "signed bytes": "bytes",
  hours: "h",
  ms: "ms",
  metres: "m",
  percent: "%",
  degrees: "°C",
  ratio: "1/100",
};

/** Longer than any counter that a drive sends; what is longer is no counter. */
const longestCounterBytes = 32;

/** Big-endian; `undefined` where it is all ones, empty, or no counter. */
export function knownCounter(bytes: Uint8Array): bigint | undefined {
  if (bytes.length === 0 || bytes.length > longestCounterBytes) return undefined;
  return bytes.every((byte) => byte === 0xff) ? undefined : counterOf(bytes);
}

function counterOf(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

function signedCounter(bytes: Uint8Array): bigint | undefined {
  return bytes.length > longestCounterBytes ? undefined : BigInt.asIntN(bytes.length * 8, counterOf(bytes));
}

/** What a drive sends as text: padding cut off, other than printable ASCII as `?`; nothing where it is empty. */
function text(bytes: Buffer): string | undefined {
  const cut = bytes
    .toString("latin1")
    .replaceAll(/[^\x20-\x7e\0]/g, "?")
    .replaceAll(/\0+$|^[\0 ]+/g, "")
    .replaceAll("\0", " ")
    .trimEnd();
  return cut === "" ? undefined : cut;
}

export interface PartitionRecord {
  readonly partition: number;
  readonly value: bigint | undefined;
}

/**
 * The records of parameters 200h to 204h of page 17h (SSC-4 table 107): byte 0 the length of what follows it, bytes
 * 2 and 3 the partition, the rest the value.
 */
export function partitionRecords(value: Uint8Array): readonly PartitionRecord[] {
  const records: PartitionRecord[] = [];
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  for (let start = 0; start < bytes.length;) {
    const end = start + 1 + (bytes[start] ?? 0);
    // A record without a partition ends the walk: it would else never move on, or lie about what follows.
    if (end < start + 4 || end > bytes.length) break;
    records.push({ partition: bytes.readUInt16BE(start + 2), value: knownCounter(bytes.subarray(start + 4, end)) });
    start = end;
  }
  return records;
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
