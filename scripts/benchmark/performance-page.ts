// SPDX-License-Identifier: Apache-2.0
/** The part of docs/performance.md that is written by `scripts/bench --write-docs`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import type { Report } from "./figure.ts";
import { machineText } from "./machine.ts";
import { plotMarkdown } from "./plot.ts";
import { root } from "./shell.ts";
import { resultTable, tableMarkdown } from "./table.ts";

const path = join(root, "docs", "performance.md");
export const beginMark = "<!-- written by scripts/bench: begin -->";
export const endMark = "<!-- written by scripts/bench: end -->";

/** @throws Error where the page has not both marks, in this order */
export function withResults(page: string, results: string): string {
  const begin = page.indexOf(beginMark);
  const end = page.indexOf(endMark);
  if (begin === -1 || end < begin) throw new Error(`docs/performance.md has no "${beginMark}" with its end behind it`);
  return `${page.slice(0, begin + beginMark.length)}\n\n${results}\n\n${page.slice(end)}`;
}

/** Where the table goes. @throws Error where it has no place */
export function checkPerformancePage(): void {
  withResults(readFileSync(path, "utf8"), "");
}

/** Rows that were measured before say so. */
function elsewhen({ machine, rows }: Report): readonly string[] {
  const others = rows.filter(({ commit }) => commit !== machine.commit);
  const told = others.map(({ commit, date, title }) => `${title} (${date.slice(0, 10)}, commit ${commit})`);
  return told.length === 0 ? [] : [`Measured before: ${told.join("; ")}.`];
}

export async function writePerformancePage(report: Report): Promise<string> {
  const { date, machine, rows } = report;
  const measured = `Measured on ${date.slice(0, 10)}: ${machineText(machine)}.`;
  const plots = rows.flatMap((row) => plotMarkdown(row, "MiB") ?? []);
  const results = [measured, ...elsewhen(report), tableMarkdown(resultTable(rows)), ...plots].join("\n\n");
  const options = (await resolveConfig(path)) ?? {};
  const page = await format(withResults(readFileSync(path, "utf8"), results), { ...options, parser: "markdown" });
  writeFileSync(path, page);
  return path;
}
