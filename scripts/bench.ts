// SPDX-License-Identifier: Apache-2.0
/**
 * Tidemark beside GNU tar: both in one run, in turn, over the same files into the same kind of sink, so that the ratio
 * holds where the absolute figures do not. It prints and asserts nothing. `scripts/bench --help` says what there is; each
 * row of the table is a file in scripts/benchmark.
 */
import { writeFileSync } from "node:fs";
import { Bench } from "./benchmark/bench.ts";
import { comparisonTable } from "./benchmark/comparison.ts";
import { checkSameMachine, readReport } from "./benchmark/earlier-report.ts";
import type { Report, RowResult } from "./benchmark/figure.ts";
import { machineText, thisMachine } from "./benchmark/machine.ts";
import type { Machine } from "./benchmark/machine.ts";
import { helpText, parseOptions, UsageError } from "./benchmark/options.ts";
import type { BenchOptions } from "./benchmark/options.ts";
import { checkPerformancePage, writePerformancePage } from "./benchmark/performance-page.ts";
import { checkSpace, chosenRows, measureRow, mergedRows, neededSpace, rows } from "./benchmark/rows.ts";
import { resultTable, tableText } from "./benchmark/table.ts";
import { checkFolder, Workspace } from "./benchmark/workspace.ts";

const wrongArguments = 2;
const startedMs = performance.now();

function say(text: string): void {
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

interface Prepared {
  readonly workspace: Workspace;
  readonly machine: Machine;
  /** Whose figures stand beside those of now. */
  readonly compared: Report | undefined;
  readonly before: readonly RowResult[];
}

/** Before anything is measured: hours later it would be too late to hear of it. */
function prepare(options: BenchOptions): Prepared {
  const { compare, folder, from, json, keep, writeDocs } = options;
  checkFolder(folder);
  const machine = thisMachine(folder);
  const compared = compare === undefined ? undefined : readReport("--compare", compare);
  const earlier = from === undefined ? undefined : readReport("--from", from);
  if (from !== undefined && earlier !== undefined) checkSameMachine(from, earlier, machine);
  if (json !== undefined) checkWritable(json);
  if (writeDocs) checkPerformancePage();
  say(checkSpace(folder, neededSpace(chosenRows(options), options)));
  return { workspace: Workspace.open(folder, keep), machine, compared, before: earlier?.rows ?? [] };
}

function checkWritable(path: string): void {
  try {
    writeFileSync(path, "", { flag: "a" });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--json ${path} cannot be written: ${reason}`);
  }
}

function measureAll(options: BenchOptions, { before, machine, workspace }: Prepared): Report {
  const bench = new Bench(options, workspace.path, say);
  const results: RowResult[] = [];
  const date = new Date().toISOString();
  const report = (): Report => {
    const made: Report = { version: 1, date, machine, options, rows: mergedRows(before, results) };
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(made, undefined, 2)}\n`);
    return made;
  };
  for (const row of chosenRows(options)) {
    say(`${row.key}: ${row.title}`);
    const result = measureRow(bench, row, machine.commit);
    if (result.hasFailed === true) say(`${row.key} failed: ${result.notMeasured.join("; ")}`);
    results.push(result);
    // After each row: what was measured in hours outlives the rest.
    report();
  }
  bench.close();
  return report();
}

async function run(options: BenchOptions): Promise<void> {
  const prepared = prepare(options);
  const { compared, workspace } = prepared;
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  process.once("exit", () => workspace.close());
  const report = measureAll(options, prepared);
  console.log(machineText(report.machine));
  if (options.short) console.log("short form: programs that hardly begin, which says nothing of how fast they are");
  console.log(tableText(resultTable(report.rows)));
  if (compared !== undefined) {
    console.log(`\nbefore: ${compared.date.slice(0, 10)}, ${machineText(compared.machine)}`);
    console.log(tableText(comparisonTable(compared.rows, report.rows)));
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
