// SPDX-License-Identifier: Apache-2.0
/** Figures of now beside those of an earlier report. */
import { valueText } from "./figure.ts";
import type { RowResult } from "./figure.ts";
import type { Table } from "./table.ts";

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
