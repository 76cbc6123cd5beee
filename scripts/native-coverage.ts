// SPDX-License-Identifier: Apache-2.0
/**
 * Which lines of the C++ sources the tests run, and of a few files which branches they take: counted by the build that
 * `scripts/test` makes with sanitizers, read with GCC's gcov. `node scripts/native-coverage.ts FOLDER-OR-FILE...` lists
 * the lines that no test of the last run ran, or from which a branch was never taken.
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

/**
 * What a claim of the backup rests on: of these every branch has to be taken. native/CMakeLists.txt compiles them so
 * that each branch counted stands in the source, and that C++ which does not throw has no others.
 */
const filesByBranch: readonly string[] = [
  "native/device/classify.cpp",
  "native/scsi/sense.cpp",
  "native/stream/ledger.cpp",
];

export interface Coverage {
  /** A folder, whose lines were counted: `native/scsi`. Or a file, whose branches were. */
  readonly of: string;
  readonly counted: "lines" | "branches";
  readonly all: number;
  readonly covered: number;
  readonly leastPercent: number | undefined;
  /** Lines that nothing ran, or with a branch that nothing took, by file. */
  readonly missed: ReadonlyMap<string, readonly number[]>;
}

/** Forgets what was counted, so that nothing of an earlier run is taken for this one's. */
export function forgetCounts(): void {
  for (const path of globSync(join(root, countingFolder, "**/*.gcda"))) rmSync(path);
}

/** Undefined where nothing was counted. */
export function nativeCoverage(): readonly Coverage[] | undefined {
  const build = join(root, countingFolder);
  if (globSync("**/*.gcda", { cwd: build }).length === 0) return undefined;
  const counts: Counts = { lines: new Map(), branches: new Map() };
  // From the notes of all objects, not the counts: what never ran has notes only.
  for (const object of globSync("**/*.gcno", { cwd: build })) addCounts(join(build, object), counts);
  const folders = [...new Set([...counts.lines.keys()].map((path) => dirname(path)))].sort();
  return [
    ...folders.map((folder) => linesOf(folder, counts)),
    ...filesByBranch.map((file) => branchesOf(file, counts)),
  ];
}

/** Nothing counted is too few: a file of another name, or a build that does not count. */
export function isEnough({ all, covered, leastPercent: least }: Coverage): boolean {
  return least === undefined || (all > 0 && covered * 100 >= all * least);
}

export function printCoverage(coverages: readonly Coverage[]): void {
  const head = ["counted", "all", "run", "percent", "at least"];
  console.log(`${"folder or file".padEnd(28)}${head.map((word) => word.padStart(10)).join("")}`);
  for (const each of coverages) {
    // Rounded down: only where everything ran are there 100 %.
    const percent = each.all === 0 ? 0 : Math.floor((each.covered * 1000) / each.all) / 10;
    const numbers = [String(each.all), String(each.covered), percent.toFixed(1), String(each.leastPercent ?? "")];
    const cells = [each.counted, ...numbers].map((cell) => cell.padStart(10)).join("");
    console.log(`${each.of.padEnd(28)}${cells}${isEnough(each) ? "" : "  too few"}`);
  }
}

interface Counts {
  /** How often each line ran, by file. */
  readonly lines: Map<string, Map<number, number>>;
  /** How often each branch that leaves a line was taken, by file. */
  readonly branches: Map<string, Map<number, number[]>>;
}

interface GcovReport {
  readonly current_working_directory: string;
  readonly files: readonly {
    readonly file: string;
    readonly lines: readonly {
      readonly line_number: number;
      readonly count: number;
      readonly branches: readonly { readonly count: number }[];
    }[];
  }[];
}

/** A line of a header or template is in several objects: it ran where it did in any of them. */
function addCounts(object: string, counts: Counts): void {
  const options = ["--json-format", "--branch-probabilities", "--stdout", object];
  const { status, error, stdout, stderr } = spawnSync("gcov", options, { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`gcov of ${object} failed: ${error?.message ?? stderr}`);
  const report = JSON.parse(stdout) as GcovReport;
  for (const { file, lines } of report.files) {
    const path = relative(root, resolve(report.current_working_directory, file));
    if (!path.startsWith("native/") || path.startsWith("native/test/")) continue;
    const ofFile = counts.lines.get(path) ?? new Map<number, number>();
    counts.lines.set(path, ofFile);
    for (const { line_number: line, count } of lines) ofFile.set(line, (ofFile.get(line) ?? 0) + count);
    if (filesByBranch.includes(path)) addBranches(path, lines, counts);
  }
}

function addBranches(path: string, lines: GcovReport["files"][number]["lines"], counts: Counts): void {
  const ofFile = counts.branches.get(path) ?? new Map<number, number[]>();
  counts.branches.set(path, ofFile);
  for (const { line_number: line, branches } of lines) {
    if (branches.length === 0) continue;
    const before = ofFile.get(line) ?? [];
    ofFile.set(
      line,
      branches.map(({ count }, index) => count + (before[index] ?? 0)),
    );
  }
}

function branchesOf(file: string, counts: Counts): Coverage {
  const byLine = [...(counts.branches.get(file) ?? [])];
  const branches = byLine.flatMap(([, ofLine]) => ofLine);
  const lines = byLine.filter(([, ofLine]) => ofLine.includes(0)).map(([line]) => line);
  return {
    of: file,
    counted: "branches",
    all: branches.length,
    covered: branches.filter((count) => count > 0).length,
    leastPercent: 100,
    missed: new Map(lines.length === 0 ? [] : [[file, lines]]),
  };
}

function linesOf(folder: string, counts: Counts): Coverage {
  const missed = new Map<string, number[]>();
  let lines = 0;
  let covered = 0;
  for (const [path, ofFile] of counts.lines) {
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
  return { of: folder, counted: "lines", all: lines, covered, leastPercent: leastPercent[folder], missed };
}

if (import.meta.main) {
  const all = existsSync(join(root, countingFolder)) ? nativeCoverage() : undefined;
  if (all === undefined) throw new Error("nothing was counted: run scripts/test native, then scripts/test addon");
  const asked = process.argv.slice(2);
  for (const { of, missed } of all) {
    if (!asked.includes(of)) continue;
    for (const [path, lines] of missed) console.log(`${path}: ${lines.join(" ")}`);
  }
  printCoverage(all);
}
