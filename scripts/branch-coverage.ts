// SPDX-License-Identifier: Apache-2.0
/**
 * Which branches of the TypeScript that a claim of the backup rests on the unit tests take: claims, the temporary
 * catalog, the resume planner, and what a command's result is taken for. Counted by V8 through c8, from the unit tests
 * of these files alone: a branch that only a whole job takes is one whose meaning no test names.
 * `node scripts/branch-coverage.ts` prints the table, with the lines that are missed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** The tests that count. */
const tests: readonly string[] = [
  ...["claims", "disk-fault", "frame", "persistent-record", "stream-coverage", "temporary-catalog"].map(
    (name) => `test/unit/catalog/${name}.test.ts`,
  ),
  "test/unit/job-manager/*.test.ts",
  "test/unit/device/check-result.test.ts",
];

/** What has to be taken whole. */
const files: readonly string[] = [
  ...[
    "append-all",
    "block-log",
    "claims",
    "disk-fault",
    "frame",
    "frame-scanner",
    "persistent-record",
    "space-reserve",
    "stream-coverage",
    "temporary-catalog",
    "temporary-catalog-reader",
    "volume-lost-file",
  ].map((name) => `lib/catalog/${name}.ts`),
  ...["check-result", "result-kind"].map((name) => `lib/device/${name}.ts`),
  ...[
    "adopted-prefix",
    "damaged-catalog",
    "give-up-advice",
    "interruption-cause",
    "resume-boundary",
    "resume-plan",
    "tape-decision",
    "written-again",
  ].map((name) => `lib/job-manager/${name}.ts`),
];

export interface BranchCoverage {
  readonly file: string;
  readonly all: number;
  readonly taken: number;
  /** V8 knows no branches of a function that nothing called: each such function is one more that was not taken. */
  readonly missedLines: readonly number[];
}

interface Place {
  readonly start: { readonly line: number };
}

/** Istanbul's form, of which c8 writes one object for each file. */
interface FileReport {
  readonly branchMap: Readonly<Record<string, { readonly locations: readonly Place[] }>>;
  readonly b: Readonly<Record<string, readonly number[]>>;
  readonly fnMap: Readonly<Record<string, { readonly loc: Place }>>;
  readonly f: Readonly<Record<string, number>>;
}

/** A sentence where the tests did not run to their end. */
export function branchCoverage(): readonly BranchCoverage[] | string {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-branches-"));
  try {
    const config = join(folder, "c8.json");
    // With "all", a file that no test loads is counted as not taken, and not left out.
    writeFileSync(config, JSON.stringify({ all: true, src: ["lib"], include: files, reporter: ["json"] }));
    const words = ["--config", config, "--temp-directory", join(folder, "v8"), "--reports-dir", folder];
    const mocha = ["mocha", "--no-config", "--require=test/rejections.ts", "--reporter=dot", "--timeout=60000"];
    const { status, error, stdout, stderr } = spawnSync("c8", [...words, ...mocha, ...tests], {
      cwd: root,
      // In what comes compiled from a cache V8 counts less precisely.
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
      encoding: "utf8",
      maxBuffer: 2 ** 26,
    });
    if (status !== 0) return `the unit tests under c8 failed: ${error?.message ?? `${stdout}${stderr}`}`;
    const report = JSON.parse(readFileSync(join(folder, "coverage-final.json"), "utf8")) as Record<string, FileReport>;
    return files.map((file) => ofFile(file, report[join(root, file)]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function ofFile(file: string, report: FileReport | undefined): BranchCoverage {
  const counts: (readonly [line: number, count: number])[] = [];
  for (const [id, { locations }] of Object.entries(report?.branchMap ?? {})) {
    for (const [index, { start }] of locations.entries()) counts.push([start.line, report?.b[id]?.[index] ?? 0]);
  }
  for (const [id, { loc }] of Object.entries(report?.fnMap ?? {})) {
    const count = report?.f[id] ?? 0;
    if (count === 0) counts.push([loc.start.line, 0]);
  }
  const missed = counts.filter(([, count]) => count === 0).map(([line]) => line);
  return { file, all: counts.length, taken: counts.length - missed.length, missedLines: [...new Set(missed)] };
}

/** Nothing counted is too few: a file of another name. */
export function isWhole({ all, taken }: BranchCoverage): boolean {
  return all > 0 && taken === all;
}

export function printBranchCoverage(coverages: readonly BranchCoverage[]): void {
  console.log(`${"file".padEnd(44)}${["branches", "taken", "percent"].map((word) => word.padStart(10)).join("")}`);
  for (const each of coverages) {
    // Rounded down: only where every branch was taken are there 100 %.
    const percent = each.all === 0 ? 0 : Math.floor((each.taken * 1000) / each.all) / 10;
    const cells = [String(each.all), String(each.taken), percent.toFixed(1)].map((cell) => cell.padStart(10)).join("");
    const missed = isWhole(each) ? "" : `  too few; not taken in lines ${each.missedLines.join(", ")}`;
    console.log(`${each.file.padEnd(44)}${cells}${missed}`);
  }
}

if (import.meta.main) {
  const coverages = branchCoverage();
  if (typeof coverages === "string") console.log(coverages);
  else printBranchCoverage(coverages);
  process.exitCode = typeof coverages !== "string" && coverages.every(isWhole) ? 0 : 1;
}
