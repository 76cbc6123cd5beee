// SPDX-License-Identifier: Apache-2.0
/**
 * Every fault at every boundary: courses of a job on a simulated library, each with one fault at another command, disk
 * call or catalog call, or with two, or with several at random; each job is resumed until it is complete, restored and
 * compared. So many of the random ones are run by a second process too, and must have the same trace hash there. Ends
 * with 1 where one byte is lost or claimed falsely, and prints how to replay that course.
 *
 *     scripts/crash-matrix --single N|all --double N|all --restore N|all --random N [--repeat N] [--seed S]
 *         [--jobs 2] [--json FILE]
 *
 * Several computers, or several nights, share it with `--part 1/8` to `--part 8/8`.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { CrashMatrix } from "./crash-matrix-run.ts";
import { MatrixReport } from "./crash-matrix-report.ts";

const { values: given } = parseArgs({
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

try {
  const report = new MatrixReport();
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
  await matrix.run();
  report.print();
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(report)}\n`);
  if (report.violations > 0) process.exitCode = 1;
} catch (error) {
  console.error(`crash-matrix failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
