// SPDX-License-Identifier: Apache-2.0
/**
 * Which lines of the C++ sources the tests run: counted by the build that `scripts/test` makes with sanitizers, read
 * with GCC's gcov. `node scripts/native-coverage.ts FOLDER...` lists the lines that no test of the last run ran.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** The build that counts. */
export const countingFolder = "build-cmake/sanitized";

/** Least percentage of lines that tests must run; the other folders are only told. */
const leastPercent: Readonly<Record<string, number>> = {
  "native/addon": 80,
  "native/scsi": 100,
};

export interface FolderCoverage {
  /** `native/scsi` */
  readonly folder: string;
  readonly lines: number;
  readonly covered: number;
  readonly leastPercent: number | undefined;
  /** Lines that nothing ran, by file. */
  readonly missed: ReadonlyMap<string, readonly number[]>;
}

/** Forgets what was counted, so that nothing of an earlier run is taken for this one's. */
export function forgetCounts(): void {
  for (const path of globSync(join(root, countingFolder, "**/*.gcda"))) rmSync(path);
}

/** Undefined where nothing was counted. */
export function nativeCoverage(): readonly FolderCoverage[] | undefined {
  const build = join(root, countingFolder);
  if (globSync("**/*.gcda", { cwd: build }).length === 0) return undefined;
  const counts = new Map<string, Map<number, number>>();
  // From the notes of all objects, not the counts: what never ran has notes only.
  for (const object of globSync("**/*.gcno", { cwd: build })) addCounts(join(build, object), counts);
  const folders = [...new Set([...counts.keys()].map((path) => dirname(path)))].sort();
  return folders.map((folder) => coverageOf(folder, counts));
}

export function isEnough({ covered, lines, leastPercent: least }: FolderCoverage): boolean {
  return least === undefined || covered * 100 >= lines * least;
}

export function printCoverage(all: readonly FolderCoverage[]): void {
  console.log(
    `${"folder".padEnd(20)}${["lines", "run", "percent", "at least"].map((word) => word.padStart(10)).join("")}`,
  );
  for (const each of all) {
    // Rounded down: only a folder whose every line ran has 100 %.
    const percent = Math.floor((each.covered * 1000) / each.lines) / 10;
    const cells = [String(each.lines), String(each.covered), percent.toFixed(1), String(each.leastPercent ?? "")];
    const verdict = isEnough(each) ? "" : "  too few";
    console.log(`${each.folder.padEnd(20)}${cells.map((cell) => cell.padStart(10)).join("")}${verdict}`);
  }
}

interface GcovReport {
  readonly current_working_directory: string;
  readonly files: readonly {
    readonly file: string;
    readonly lines: readonly { readonly line_number: number; readonly count: number }[];
  }[];
}

/** A line of a header or template is in several objects: it ran where it did in any of them. */
function addCounts(object: string, counts: Map<string, Map<number, number>>): void {
  const { status, error, stdout, stderr } = spawnSync("gcov", ["--json-format", "--stdout", object], {
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`gcov of ${object} failed: ${error?.message ?? stderr}`);
  const report = JSON.parse(stdout) as GcovReport;
  for (const { file, lines } of report.files) {
    const path = relative(root, resolve(report.current_working_directory, file));
    if (!path.startsWith("native/") || path.startsWith("native/test/")) continue;
    const ofFile = counts.get(path) ?? new Map<number, number>();
    counts.set(path, ofFile);
    for (const { line_number: line, count } of lines) ofFile.set(line, (ofFile.get(line) ?? 0) + count);
  }
}

function coverageOf(folder: string, counts: ReadonlyMap<string, ReadonlyMap<number, number>>): FolderCoverage {
  const missed = new Map<string, number[]>();
  let lines = 0;
  let covered = 0;
  for (const [path, ofFile] of counts) {
    if (dirname(path) !== folder) continue;
    const notRun = [...ofFile].filter(([, count]) => count === 0).map(([line]) => line);
    lines += ofFile.size;
    covered += ofFile.size - notRun.length;
    if (notRun.length > 0)
      missed.set(
        path,
        notRun.sort((a, b) => a - b),
      );
  }
  return { folder, lines, covered, leastPercent: leastPercent[folder], missed };
}

if (import.meta.main) {
  const all = existsSync(join(root, countingFolder)) ? nativeCoverage() : undefined;
  if (all === undefined) throw new Error("nothing was counted: run scripts/test native, then scripts/test addon");
  const asked = process.argv.slice(2);
  for (const { folder, missed } of all) {
    if (!asked.includes(folder)) continue;
    for (const [path, lines] of missed) console.log(`${path}: ${lines.join(" ")}`);
  }
  printCoverage(all);
}
