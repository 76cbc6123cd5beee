// SPDX-License-Identifier: Apache-2.0
/** What the benchmark is asked for. */
import { parseArgs } from "node:util";
import { tmpdir } from "node:os";
import { resolve } from "node:path";

/** Wrong arguments: told in a sentence, and exit status 2. */
export class UsageError extends Error {}

/** How large everything is. */
export interface Sizes {
  readonly rounds: number;
  readonly smallFiles: number;
  readonly largeFiles: number;
  readonly largeMib: number;
  readonly emptyFiles: number;
  readonly records: number;
  readonly resumeObjects: number;
  /** The series of the memory's row, ascending. */
  readonly memoryObjects: readonly number[];
  readonly checkpointMib: number;
}

export interface BenchOptions extends Sizes {
  readonly folder: string;
  /** Keys; empty for all. */
  readonly rows: readonly string[];
  readonly short: boolean;
  readonly keep: boolean;
  readonly writeDocs: boolean;
  readonly json?: string;
  readonly compare?: string;
  readonly from?: string;
}

const fullSizes: Sizes = {
  rounds: 5,
  smallFiles: 200_000,
  largeFiles: 4,
  largeMib: 512,
  emptyFiles: 2_000_000,
  records: 10_000_000,
  resumeObjects: 2_000_000,
  memoryObjects: [100_000, 300_000, 1_000_000, 3_000_000, 10_000_000],
  checkpointMib: 64,
};

/** Everything runs once or twice, on data that is made in a moment. */
const shortSizes: Sizes = {
  rounds: 1,
  smallFiles: 2000,
  largeFiles: 2,
  largeMib: 32,
  emptyFiles: 5000,
  records: 20_000,
  resumeObjects: 5000,
  memoryObjects: [2000, 5000],
  checkpointMib: 8,
};

export function helpText(rows: readonly (readonly [key: string, title: string])[]): string {
  const keys = rows.map(([key, title]) => `  ${key.padEnd(16)} ${title}`);
  return `Measures Tidemark beside GNU tar (and bsdtar, where it is installed): both in one run, in turn. Asserts nothing.

usage: scripts/bench [OPTION...]

  --rows KEY,...       only these rows, or "none"; all where it is not given
  --short              small sizes, under a minute: to see that all works, not how fast it is
  --folder FOLDER      where data sets and tapes are made (default: TMPDIR); a disk for what a cold cache means
  --keep               leaves the data sets in the folder for the next run; one without it removes them
  --rounds N           runs of each contestant (${fullSizes.rounds})
  --small N            small files, of 0.1 to 16 KiB (${fullSizes.smallFiles})
  --large N            large files (${fullSizes.largeFiles})
  --large-mib N        size of each (${fullSizes.largeMib})
  --empty N            empty files (${fullSizes.emptyFiles})
  --records N          records of objects for the catalog (${fullSizes.records})
  --resume N           objects on tape before a resume (${fullSizes.resumeObjects})
  --memory N,N,...     objects of the jobs whose memory is measured (${fullSizes.memoryObjects.join(",")})
  --checkpoint-mib N   one checkpoint for so much data, where their cost is measured (${fullSizes.checkpointMib})
  --json FILE          writes all figures and runs
  --from FILE          takes the rows that are not measured now from an earlier --json of this machine
  --compare FILE       prints the figures beside those of an earlier --json
  --write-docs         writes the table into docs/performance.md
  --help               this text

Rows:
${keys.join("\n")}

example: sudo scripts/bench --folder /var/tmp --rows small-warm,small-cold --json today.json --compare yesterday.json
`;
}

const flags = {
  rows: { type: "string" },
  short: { type: "boolean" },
  folder: { type: "string" },
  keep: { type: "boolean" },
  rounds: { type: "string" },
  small: { type: "string" },
  large: { type: "string" },
  "large-mib": { type: "string" },
  empty: { type: "string" },
  records: { type: "string" },
  resume: { type: "string" },
  memory: { type: "string" },
  "checkpoint-mib": { type: "string" },
  json: { type: "string" },
  compare: { type: "string" },
  from: { type: "string" },
  "write-docs": { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** @throws UsageError with a sentence; @returns undefined where help is asked for */
export function parseOptions(args: readonly string[], knownRows: readonly string[]): BenchOptions | undefined {
  const values = valuesOf(args);
  if (values.help === true) return undefined;
  const base = values.short === true ? shortSizes : fullSizes;
  const count = (flag: keyof typeof values, fallback: number): number => countOf(flag, values[flag], fallback);
  return {
    rounds: count("rounds", base.rounds),
    smallFiles: count("small", base.smallFiles),
    largeFiles: count("large", base.largeFiles),
    largeMib: count("large-mib", base.largeMib),
    emptyFiles: count("empty", base.emptyFiles),
    records: count("records", base.records),
    resumeObjects: count("resume", base.resumeObjects),
    memoryObjects: series(values.memory, base.memoryObjects),
    checkpointMib: count("checkpoint-mib", base.checkpointMib),
    folder: resolve(values.folder ?? tmpdir()),
    rows: chosenRows(values.rows, knownRows),
    short: values.short === true,
    keep: values.keep === true,
    writeDocs: values["write-docs"] === true,
    ...(values.json === undefined ? {} : { json: values.json }),
    ...(values.compare === undefined ? {} : { compare: values.compare }),
    ...(values.from === undefined ? {} : { from: values.from }),
  };
}

function valuesOf(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: flags, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const [said = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UsageError(`${said}: see scripts/bench --help`);
  }
}

function countOf(flag: string, value: string | boolean | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  if (typeof value === "string" && /^[1-9]\d{0,9}$/.test(value)) return Number(value);
  throw new UsageError(`--${flag} "${String(value)}" must be a whole number of 1 or more`);
}

function series(text: string | undefined, fallback: readonly number[]): readonly number[] {
  if (text === undefined) return fallback;
  return text
    .split(",")
    .map((each) => countOf("memory", each, 0))
    .sort((a, b) => a - b);
}

function chosenRows(text: string | undefined, known: readonly string[]): readonly string[] {
  const keys = text === undefined ? [] : text.split(",");
  // It stands alone, and is the key of no row.
  const unknown = keys.find((key) => !known.includes(key) && text !== "none");
  if (unknown === undefined) return keys;
  throw new UsageError(`--rows: there is no row "${unknown}"; there are ${known.join(", ")}`);
}
