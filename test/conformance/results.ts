// SPDX-License-Identifier: Apache-2.0
/** What a run of the conformance suite came to, and the table that shows it. */

export interface CaseResult {
  /** The table's column. */
  readonly transport: string;
  /** The table's row. */
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Skipped only: the capability that the library has not got. */
  readonly lacks?: string;
}

/** One row for each case, one column for each transport, in the order in which they were met. */
export function resultTable(results: readonly CaseResult[]): string {
  const transports = [...new Set(results.map(({ transport }) => transport))];
  const names = [...new Set(results.map(({ name }) => name))];
  const cell = (name: string, transport: string): string => {
    const result = results.find((each) => each.name === name && each.transport === transport);
    // A case that is nowhere has not run, whatever the reason: that is never as good as passed.
    if (result === undefined) return "not run";
    return result.outcome === "skipped" ? `no ${result.lacks ?? "?"}` : result.outcome;
  };
  const rows = [["case", ...transports], ...names.map((name) => [name, ...transports.map((each) => cell(name, each))])];
  const widths = ["case", ...transports].map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  const [head = [], ...body] = rows;
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...body.map(line)].join("\n");
}

/** Cells of the table that are "not run": of a transport that the run began with and did not finish. */
export function casesNotRun(results: readonly CaseResult[]): number {
  const count = (key: "transport" | "name"): number => new Set(results.map((result) => result[key])).size;
  return count("transport") * count("name") - results.length;
}
