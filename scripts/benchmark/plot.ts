// SPDX-License-Identifier: Apache-2.0
/** A row's series as a Mermaid chart: lines over the same places, told in words, for a chart has no legend. */
import type { Figure, RowResult } from "./figure.ts";

type Point = Figure & { readonly point: NonNullable<Figure["point"]> };

/** @returns nothing where there is no line of at least two points */
export function plotMarkdown({ figures, title }: RowResult, unit: string): string | undefined {
  const points = figures.filter((figure): figure is Point => figure.point !== undefined);
  const lines = [...new Set(points.map(({ point }) => point.line))];
  const places = [...new Set(points.map(({ point }) => point.x))].sort((a, b) => a - b);
  if (places.length < 2) return undefined;
  const values = (line: string): string =>
    places
      .map((x) => (points.find(({ point }) => point.line === line && point.x === x)?.value ?? 0).toFixed(0))
      .join(", ");
  return [
    "```mermaid",
    "xychart-beta",
    `  title "${title}, ${unit}: ${lines.join("; ")}"`,
    `  x-axis [${places.join(", ")}]`,
    `  y-axis "${unit}" 0 --> ${Math.ceil(Math.max(...points.map(({ value }) => value)) * 1.1)}`,
    ...lines.map((line) => `  line [${values(line)}]`),
    "```",
  ].join("\n");
}
