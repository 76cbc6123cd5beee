// SPDX-License-Identifier: Apache-2.0
/** Figures of now beside those of an earlier report. */
import { readFileSync } from "node:fs";
import { valueText } from "./figure.ts";
import type { Report, RowResult } from "./figure.ts";
import type { Table } from "./table.ts";
import { UsageError } from "./options.ts";

export function comparisonTable(old: readonly RowResult[], now: readonly RowResult[]): Table {
  const before = new Map(old.flatMap(({ key, figures }) => figures.map((each) => [`${key} ${each.name}`, each])));
  const lines = now.flatMap(({ key, title, figures }) =>
    figures.map(({ name, unit, value }) => {
      const earlier = before.get(`${key} ${name}`);
      if (earlier === undefined || earlier.unit !== unit) return [title, name, "none", valueText(value, unit), ""];
      return [
        title,
        name,
        valueText(earlier.value, unit),
        valueText(value, unit),
        valueText(value / earlier.value, "ratio"),
      ];
    }),
  );
  return [["Work", "Figure", "Old", "New", "New / old"], ...lines];
}

/** @throws UsageError where the file is none that `--json` wrote */
export function readReport(path: string): Report {
  try {
    const report = JSON.parse(readFileSync(path, "utf8")) as Partial<Report>;
    if (report.version === 1 && Array.isArray(report.rows)) return report as Report;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`--compare: ${path} cannot be read: ${reason}`);
  }
  throw new UsageError(`--compare: ${path} is no report that --json wrote`);
}
