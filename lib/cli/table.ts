// SPDX-License-Identifier: Apache-2.0
/** A column of a printed table. */
export interface Column {
  readonly title: string;
  /** Numbers and sizes stand right, so that their digits line up. */
  readonly align?: "left" | "right";
}

/** Aligned lines, two spaces between columns, nothing behind the last text of a line. */
export function tableText(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const titles = columns.map((column) => column.title);
  const widths = columns.map((_, index) => Math.max(...[titles, ...rows].map((row) => row[index]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    columns
      .map(({ align }, index) => {
        const cell = cells[index] ?? "";
        const width = widths[index] ?? 0;
        return align === "right" ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return [titles, ...rows].map(line).join("\n");
}

/** `name   value` lines, the values in one column. */
export function fieldsText(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join("\n");
}
