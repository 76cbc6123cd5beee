// SPDX-License-Identifier: Apache-2.0
/** A trace of SCSI commands, one JSON object a line, as lines for people. */
import { additionalSense } from "../device/additional-sense.ts";
import { FormatError } from "../errors.ts";

/** What of a trace's line is shown; everything else in it is for playing it back. */
interface TraceEntry {
  readonly command: string;
  readonly cdb: string;
  readonly outcome: string;
  readonly scsiStatus: number;
  readonly hostStatus: number;
  readonly driverStatus: number;
  readonly errno: number;
  readonly sense: string;
  readonly durationUs: number;
  readonly bytesOut: number | undefined;
  readonly bytesIn: number | undefined;
  readonly detail: string;
}

/**
 * One line of a trace. @throws FormatError where it is none
 * @param line without its end
 * @param number from 1, for messages
 */
export function traceLineText(line: string, number: number): string {
  const entry = parseEntry(line, number);
  const moved = [
    entry.bytesOut === undefined ? "" : `out ${entry.bytesOut}`,
    entry.bytesIn === undefined ? "" : `in ${entry.bytesIn}`,
  ].filter((part) => part !== "");
  const parts = [
    String(number).padStart(6),
    `${(entry.durationUs / 1000).toFixed(3)} ms`.padStart(14),
    entry.command.padEnd(28),
    [endText(entry), ...moved].join(", "),
  ];
  return parts.join("  ").trimEnd();
}

function endText(entry: TraceEntry): string {
  if (entry.outcome !== "completed") {
    const facts = `host status ${entry.hostStatus}, driver status ${entry.driverStatus}, errno ${entry.errno}`;
    const name = entry.outcome === "notSent" ? "not sent" : "outcome unknown";
    return `${name}: ${entry.detail === "" ? facts : entry.detail}`;
  }
  const sense = senseOf(entry.sense);
  if (sense === undefined) return entry.scsiStatus === 0 ? "good" : `SCSI status ${hex(entry.scsiStatus)}h`;
  const { text } = additionalSense(sense.key, sense.asc, sense.ascq);
  const deferred = sense.deferred ? "deferred " : "";
  return `${deferred}${sense.key.toString(16).toUpperCase()}/${hex(sense.asc)}/${hex(sense.ascq)} ${text}`;
}

/** Key, ASC and ASCQ of sense data in either format (SPC-5 4.4), as far as the bytes are there. */
function senseOf(
  hexadecimal: string,
): { readonly key: number; readonly asc: number; readonly ascq: number; readonly deferred: boolean } | undefined {
  const bytes = Buffer.from(hexadecimal, "hex");
  const responseCode = (bytes[0] ?? 0) & 0x7f;
  if (responseCode < 0x70 || responseCode > 0x73) return undefined;
  const isFixed = responseCode < 0x72;
  const [keyAt, ascAt] = isFixed ? [2, 12] : [1, 2];
  const deferred = (responseCode & 1) === 1;
  return { key: (bytes[keyAt] ?? 0) & 15, asc: bytes[ascAt] ?? 0, ascq: bytes[ascAt + 1] ?? 0, deferred };
}

function parseEntry(line: string, number: number): TraceEntry {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw new FormatError(`line ${number} of the trace is no JSON text`, { cause });
  }
  const fields = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const field = fields[name];
    return typeof field === "string" ? plain(field) : "";
  };
  const count = (name: string): number => {
    const field = fields[name];
    return typeof field === "number" && Number.isFinite(field) ? field : 0;
  };
  if (text("command") === "" && text("cdb") === "") throw new FormatError(`line ${number} of the trace is no command`);
  return {
    command: text("command") === "" ? `operation ${text("cdb").slice(0, 2)}h` : text("command"),
    cdb: text("cdb"),
    outcome: text("outcome") === "" ? "completed" : text("outcome"),
    scsiStatus: count("scsiStatus"),
    hostStatus: count("hostStatus"),
    driverStatus: count("driverStatus"),
    errno: count("errno"),
    sense: text("sense"),
    durationUs: count("durationUs"),
    bytesOut: bytesOf(fields["dataOut"]),
    bytesIn: bytesOf(fields["dataIn"]),
    detail: text("detail"),
  };
}

/** Data is recorded as hexadecimal digits, or as a count alone. */
function bytesOf(field: unknown): number | undefined {
  if (typeof field === "string") return field.length >> 1;
  if (typeof field !== "object" || field === null) return undefined;
  const { bytes } = field as { readonly bytes?: unknown };
  return typeof bytes === "number" ? bytes : undefined;
}

/** A trace comes from elsewhere: nothing in it may command a terminal. */
function plain(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
}

function hex(byte: number): string {
  return byte.toString(16).toUpperCase().padStart(2, "0");
}
