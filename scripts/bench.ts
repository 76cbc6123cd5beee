// SPDX-License-Identifier: Apache-2.0
/**
 * Tidemark beside GNU tar: both in one run, in turn, over the same files into the same kind of sink, so that the ratio
 * holds where the absolute figures do not. It prints and asserts nothing. `scripts/bench --help` says what there is; each
 * row of the table is a file in scripts/benchmark.
 */
import { rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Bench } from "./benchmark/bench.ts";
import { comparisonTable, readReport } from "./benchmark/comparison.ts";
import type { Report, RowResult } from "./benchmark/figure.ts";
import { machineText, thisMachine } from "./benchmark/machine.ts";
import { helpText, parseOptions, UsageError } from "./benchmark/options.ts";
import type { BenchOptions } from "./benchmark/options.ts";
import { writePerformancePage } from "./benchmark/performance-page.ts";
import { checkSpace, chosenRows, measureRow, neededSpace, rows } from "./benchmark/rows.ts";
import { resultTable, tableText } from "./benchmark/table.ts";

const wrongArguments = 2;
const startedMs = performance.now();

function say(text: string): void {
  console.error(`${((performance.now() - startedMs) / 1000).toFixed(0).padStart(5)} s  ${text}`);
}

/** One folder, always of the same name: what `--keep` leaves is found again. */
function measureAll(options: BenchOptions): readonly RowResult[] {
  const folder = join(options.folder, "tidemark-bench");
  const bench = new Bench(options, folder, say);
  process.once("SIGINT", () => process.exit(1));
  process.once("SIGTERM", () => process.exit(1));
  process.once("exit", () => {
    bench.close();
    if (!options.keep) rmSync(folder, { recursive: true, force: true });
  });
  return chosenRows(options).map((row) => {
    say(`${row.key}: ${row.title}`);
    return measureRow(bench, row);
  });
}

async function run(options: BenchOptions): Promise<void> {
  // Before anything is measured: hours later it would be too late to hear of a wrong file.
  const earlier = options.compare === undefined ? undefined : readReport(options.compare);
  checkFolder(options.folder);
  say(checkSpace(options.folder, neededSpace(chosenRows(options), options)));
  const machine = thisMachine(options.folder);
  const results = measureAll(options);
  const report: Report = { version: 1, date: new Date().toISOString(), machine, options, rows: results };
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  console.log(machineText(machine));
  console.log(tableText(resultTable(results)));
  if (earlier !== undefined) {
    console.log(`\nbefore: ${earlier.date.slice(0, 10)}, ${machineText(earlier.machine)}`);
    console.log(tableText(comparisonTable(earlier.rows, results)));
  }
  if (options.writeDocs) say(`wrote ${await writePerformancePage(report)}`);
}

/** Not made: a data set beside the disk that was meant measures another one. */
function checkFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) throw new UsageError(`--folder ${path} is no folder: name one that is there`);
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
