// SPDX-License-Identifier: Apache-2.0
/** A table for a terminal, and the same for a page. */
import { goalText, isMet, valueText } from "./figure.ts";
import type { RowResult } from "./figure.ts";

export type Table = readonly (readonly string[])[];

/** A headline, then a line for each figure; of what was not measured, the reason. */
export function resultTable(rows: readonly RowResult[]): Table {
  const lines = rows.flatMap((row) => [
    ...row.figures.map((figure) => {
      const met = isMet(figure);
      const verdict = met === undefined ? "" : met ? "yes" : "no";
      const { name, value, unit, from } = figure;
      return [row.title, name, goalText(figure), valueText(value, unit), verdict, from ?? ""];
    }),
    ...row.notMeasured.map((reason) => [row.title, `not measured: ${firstLine(reason)}`, "", "", "", ""]),
  ]);
  return [["Work", "Figure", "Goal", "Measured", "Met", "From: median (minimum)"], ...lines];
}

export function tableText(table: Table): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...shortCells(table, column)));
  return table
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
    .map((line) => line.trimEnd())
    .join("\n");
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

/** A reason stands alone in its line, and may run over the columns behind it. */
function shortCells(table: Table, column: number): readonly number[] {
  return table
    .filter((line) => !line.slice(column + 1).every((cell) => cell === ""))
    .map((line) => line[column]?.length ?? 0);
}

export function tableMarkdown(table: Table): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const [head = [], ...rest] = table;
  return [line(head), line(head.map(() => "---")), ...rest.map(line)].join("\n");
}
