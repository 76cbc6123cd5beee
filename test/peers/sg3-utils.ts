// SPDX-License-Identifier: Apache-2.0
/** The decoders of sg3_utils, fed with bytes instead of a device. What they print is taken apart, not judged. */
import { spawnSync } from "node:child_process";

/** A value with the name that a tool gives it; bytes that it has no name for begin with `0x`. */
export interface Said {
  readonly name: string;
  readonly value: string;
}

function output(tool: string, args: readonly string[], input: Uint8Array | string): string {
  const { status, stdout, stderr } = spawnSync(tool, args, { input, encoding: "latin1" });
  if (status !== 0) throw new Error(`${tool} ${args.join(" ")} failed (${String(status)}): ${stdout}${stderr}`);
  return stdout;
}

/** Standard INQUIRY data, or a page of vital product data. */
export function sgInquiry(data: Uint8Array): string {
  return output("sg_inq", ["--only", "--raw", "--inhex=-"], data);
}

export function sgVitalPage(data: Uint8Array): string {
  return output("sg_vpd", ["--long", "--raw", "--inhex=-"], data);
}

/** A log page of a tape drive. */
export function sgLogPage(data: Uint8Array): string {
  return output("sg_logs", ["--verbose", "--pdt=1", "--raw", "--in=-"], data);
}

/** The values of a log page, in their order; records of partitions have the name of their heading. */
export function sgLogValues(data: Uint8Array): readonly Said[] {
  let heading = "";
  return sgLogPage(data)
    .split("\n")
    .slice(1)
    .flatMap((line): readonly Said[] => {
      const dump = dumpedBytes(line);
      if (dump !== "") return [{ name: heading, value: `0x${dump}` }];
      const record = /^ {4}partition number: \d+, partition record data counter: (.*)$/.exec(line);
      if (record !== null) return [{ name: heading, value: record[1] ?? "" }];
      // A flag of page 2Eh that is set has an arrow.
      const found = /^ {2,4}(?:>>>> *)?(\S.*?)(?:: | = )(.*)$/.exec(line);
      if (found === null) heading = line.trim();
      return found === null ? [] : [{ name: found[1] ?? "", value: plainValue(found[2] ?? "") }];
    });
}

/** `0 GB [3458752 bytes]` is the bytes, `62 MB` and `2319708000000 [2 TB]` the number. */
function plainValue(text: string): string {
  return /\[(\d+) bytes\]/.exec(text)?.[1] ?? text.replace(/ MB$| \[\d+ [TGM]B\]$/, "").trim();
}

/** ` 00     31 2e 30 20 20 20 20 20  20 20    1.0   `: the bytes of one line of a dump; empty where it is none. */
function dumpedBytes(line: string): string {
  return (/^ [0-9a-f]{2} {5}((?: {0,2}[0-9a-f]{2})+)(?: {3,}|$)/.exec(line)?.[1] ?? "").replaceAll(" ", "");
}

/** One attribute of READ ATTRIBUTE: its name and its lines of value; a dump as one value. */
export function sgAttribute(attribute: Uint8Array): { readonly name: string; readonly values: readonly Said[] } {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(attribute.length);
  const text = output("sg_read_attr", ["--raw", "--in=-"], Buffer.concat([head, attribute]));
  // The name of 0225h is broken in two.
  const lines = text.replace(" -\n      after ", " after ").split("\n").slice(1);
  const first = /^ {2}(\S.*?): ?(.*)$/.exec(lines[0] ?? "");
  const dump = lines.map(dumpedBytes).join("");
  const inner = lines.slice(1).flatMap((line): readonly Said[] => {
    const found = /^ {4}(\S.*?): (.*)$/.exec(line);
    return found === null ? [] : [{ name: found[1] ?? "", value: found[2] ?? "" }];
  });
  const name = first?.[1] ?? "";
  if (inner.length > 0) return { name, values: inner };
  return { name, values: [{ name, value: dump === "" ? (first?.[2] ?? "").trim() : `0x${dump}` }] };
}

/** What `sg_decode_sense` says of sense data. */
export interface SaidOfSense {
  readonly deferred: boolean;
  readonly key: string;
  /** Text, or numbers where the tool has no text; nothing where the bytes do not reach so far. */
  readonly additional: string | undefined;
  /** Not signed. */
  readonly information: bigint | undefined;
  readonly filemark: boolean;
  readonly endOfMedium: boolean;
  readonly incorrectLength: boolean;
  readonly progressPercent: number | undefined;
}

export function sgDecodeSense(senses: readonly Uint8Array[]): readonly SaidOfSense[] {
  const input = senses.map((sense) => `${Buffer.from(sense).toString("hex")}\n`).join("");
  // One shell for all of them: a process each, but no Node.js round trip each.
  const script = "while read -r sense; do sg_decode_sense --nospace $sense; echo =; done";
  const answers = output("sh", ["-c", script], input).split("=\n").slice(0, -1);
  if (answers.length !== senses.length) throw new Error(`${answers.length} answers of ${senses.length}`);
  return answers.map(senseOf);
}

function senseOf(text: string): SaidOfSense {
  const [head = "", ...rest] = text.trimEnd().split("\n");
  const isDetail = (line: string): boolean => /^[ \t]/.test(line);
  const details = rest.filter(isDetail).join("\n");
  const additional = rest.find((line) => !isDetail(line) && !line.startsWith("<<<"));
  const information = /(?<!Valid=0, )Info fld=(0x[0-9a-f]+)|Information: (0x[0-9a-f]+)/.exec(details);
  const digits = information?.[1] ?? information?.[2];
  const progress = /(?<!Another )[Pp]rogress indication: ([\d.]+)%/.exec(details)?.[1];
  return {
    deferred: head.includes("<<<deferred>>>"),
    key: /Sense key: (.*)$/.exec(head)?.[1] ?? "",
    additional,
    information: digits === undefined ? undefined : BigInt(digits),
    filemark: /FMK|FILEMARK/.test(details),
    endOfMedium: details.includes("EOM"),
    incorrectLength: details.includes("ILI"),
    progressPercent: progress === undefined ? undefined : Number(progress),
  };
}
