// SPDX-License-Identifier: Apache-2.0
/**
 * Every fault at every boundary: courses of a job on a simulated library, each with one fault at another command, disk
 * call or catalog call, or with two, or with several at random; each job is resumed until it is complete, restored and
 * compared. So many of the random ones are run by a second process too, and must have the same trace hash there. Ends
 * with 1 where one byte is lost or claimed falsely, and prints how to replay that course.
 *
 *     scripts/crash-matrix --single N|all --double N|all --restore N|all --random N [--repeat N] [--seed S]
 *         [--jobs 2] [--json FILE]
 *     scripts/crash-matrix --sum FILE... [--json FILE]
 *
 * Several computers, or several nights, share it with `--part 1/8` to `--part 8/8`; `--sum` makes one table of what each
 * wrote with `--json`. A run that is cut off by SIGINT or SIGTERM prints the table as it stands, and has its file written.
 */
import { constants } from "node:os";
import { parseArgs } from "node:util";
import { CrashMatrix } from "./crash-matrix-run.ts";
import { MatrixReport } from "./crash-matrix-report.ts";

const { values: given, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    single: { type: "string", default: "0" },
    double: { type: "string", default: "0" },
    restore: { type: "string", default: "0" },
    random: { type: "string", default: "0" },
    repeat: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: "2" },
    part: { type: "string", default: "1/1" },
    json: { type: "string" },
    sum: { type: "boolean", default: false },
    "single-job": { type: "string", default: "reference" },
    "double-job": { type: "string", default: "small" },
    "restore-job": { type: "string", default: "small" },
    "random-job": { type: "string", default: "small" },
  },
});

const countable: ReadonlySet<string> = new Set(["single", "double", "restore"]);

function countOf(name: "single" | "double" | "restore" | "random" | "repeat" | "seed" | "jobs"): number {
  const text = given[name];
  if (text === "all" && countable.has(name)) return Infinity;
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} must be a number, 0 or more`);
  return number;
}

function partOf(text: string): { readonly number: number; readonly of: number } {
  const [, number = 0, of = 0] = /^(\d+)\/(\d+)$/.exec(text)?.map(Number) ?? [];
  if (number < 1 || number > of) throw new Error(`--part must be written as 1/8, the first of eight; it is "${text}"`);
  return { number, of };
}

const report = new MatrixReport(given.json);

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function end(isWhole: boolean): void {
  report.print();
  report.isWhole = isWhole;
  report.save();
  if (report.violations > 0) process.exitCode = 1;
}

function sum(): void {
  const cutOff = files.filter((path) => !report.addFile(path));
  end(cutOff.length === 0);
  if (cutOff.length > 0) console.log(`of runs that are not over, or were cut off: ${cutOff.join(", ")}`);
}

async function run(): Promise<void> {
  const matrix = new CrashMatrix(
    {
      single: countOf("single"),
      double: countOf("double"),
      restore: countOf("restore"),
      // What is repeated is run before.
      random: Math.max(countOf("random"), countOf("repeat")),
      repeat: countOf("repeat"),
      seed: countOf("seed"),
      jobs: Math.max(1, countOf("jobs")),
      part: partOf(given.part),
      singleJob: given["single-job"],
      doubleJob: given["double-job"],
      restoreJob: given["restore-job"],
      randomJob: given["random-job"],
    },
    (outcome) => report.add(outcome),
  );
  const cutOff = (by: string, code: number): never => {
    end(false);
    console.error(`crash-matrix was cut off ${matrix.progress}: ${by}`);
    // Its workers end with it.
    process.exit(code);
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.once(signal, () => cutOff(signal, 128 + constants.signals[signal]));
  // A file that cannot be written is known of now, and not in the morning.
  report.save();
  await matrix.run().catch((error: unknown) => cutOff(messageOf(error), 1));
  end(true);
}

try {
  if (given.sum !== files.length > 0) throw new Error("write --sum FILE... with files of --json, and files only there");
  if (given.sum) sum();
  else await run();
} catch (error) {
  console.error(`crash-matrix failed: ${messageOf(error)}`);
  process.exitCode = 1;
}
