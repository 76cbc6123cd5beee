// SPDX-License-Identifier: Apache-2.0
/**
 * Tidemark beside GNU tar: both in one run, in turn, over the same files into the same kind of sink, so that the ratio
 * holds where the absolute figures do not. It prints and asserts nothing. `scripts/bench --help` says what there is; each
 * row of the table is a file in scripts/benchmark.
 */
import { writeFileSync } from "node:fs";
import { Bench } from "./benchmark/bench.ts";
import { comparisonTable, readReport } from "./benchmark/comparison.ts";
import type { Report, RowResult } from "./benchmark/figure.ts";
import { machineText, thisMachine } from "./benchmark/machine.ts";
import { helpText, parseOptions, UsageError } from "./benchmark/options.ts";
import type { BenchOptions } from "./benchmark/options.ts";
import { writePerformancePage } from "./benchmark/performance-page.ts";
import { checkSpace, chosenRows, measureRow, neededSpace, rows } from "./benchmark/rows.ts";
import { resultTable, tableText } from "./benchmark/table.ts";
import { checkFolder, Workspace } from "./benchmark/workspace.ts";

const wrongArguments = 2;
const startedMs = performance.now();

function say(text: string): void {
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

function measureAll(options: BenchOptions, workspace: Workspace, take: (results: readonly RowResult[]) => void): void {
  const bench = new Bench(options, workspace.path, say);
  const results: RowResult[] = [];
  for (const row of chosenRows(options)) {
    say(`${row.key}: ${row.title}`);
    const result = measureRow(bench, row);
    if (result.hasFailed === true) say(`${row.key} failed: ${result.notMeasured.join("; ")}`);
    results.push(result);
    take(results);
  }
  bench.close();
}

/** Before anything is measured: hours later it would be too late to hear of it. */
function prepare(options: BenchOptions): { readonly workspace: Workspace; readonly earlier: Report | undefined } {
  const earlier = options.compare === undefined ? undefined : readReport(options.compare);
  if (options.json !== undefined) checkWritable(options.json);
  checkFolder(options.folder);
  say(checkSpace(options.folder, neededSpace(chosenRows(options), options)));
  return { workspace: Workspace.open(options.folder, options.keep), earlier };
}

function checkWritable(path: string): void {
  try {
    writeFileSync(path, "", { flag: "a" });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--json ${path} cannot be written: ${reason}`);
  }
}

async function run(options: BenchOptions): Promise<void> {
  const { workspace, earlier } = prepare(options);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => workspace.close());
  const machine = thisMachine(options.folder);
  const begun: Report = { version: 1, date: new Date().toISOString(), machine, options, rows: [] };
  let report = begun;
  measureAll(options, workspace, (results) => {
    report = { ...begun, rows: [...results] };
    // After each row: what was measured in hours outlives the rest.
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  });
  console.log(machineText(machine));
  if (options.short) console.log("short form: programs that hardly begin, which says nothing of how fast they are");
  console.log(tableText(resultTable(report.rows)));
  if (earlier !== undefined) {
    console.log(`\nbefore: ${earlier.date.slice(0, 10)}, ${machineText(earlier.machine)}`);
    console.log(tableText(comparisonTable(earlier.rows, report.rows)));
  }
  if (options.writeDocs) say(`wrote ${await writePerformancePage(report)}`);
  if (report.rows.some(({ hasFailed }) => hasFailed === true)) process.exitCode = 1;
}

try {
  const options = parseOptions(
    process.argv.slice(2),
    rows.map(({ key }) => key),
  );
  if (options === undefined) console.log(helpText(rows.map(({ key, title }) => [key, title])));
  else await run(options);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`scripts/bench: ${error.message}`);
  process.exitCode = wrongArguments;
}
