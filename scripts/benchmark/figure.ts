// SPDX-License-Identifier: Apache-2.0
/** What a benchmark found out: figures in rows, and the runs that they come from. */
import type { Machine } from "./machine.ts";
import type { Measurement } from "./measurement.ts";

export type Unit = "ratio" | "percent" | "seconds" | "milliseconds" | "mebibytes" | "bytes" | "count" | "mebibytesPerS";

export interface Goal {
  readonly is: "atMost" | "atLeast";
  readonly value: number;
}

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
  readonly goal?: Goal;
  /** What it was made of, for people. */
  readonly from?: string;
  /** Its place on a line of a plot. */
  readonly point?: { readonly line: string; readonly x: number };
}

export interface Run extends Measurement {
  readonly what: string;
}

export interface RowResult {
  readonly key: string;
  readonly title: string;
  readonly figures: readonly Figure[];
  readonly runs: readonly Run[];
  /** Rows of one report may come from several runs. */
  readonly date: string;
  readonly commit: string;
  /** Why something, or all, of the row was not measured. */
  readonly notMeasured: readonly string[];
  /** The benchmark itself is broken, or what it runs. */
  readonly hasFailed?: true;
}

/** What `--json` writes, and `--compare` and `--from` read. */
export interface Report {
  readonly version: 1;
  readonly date: string;
  readonly machine: Machine;
  readonly options: object;
  readonly rows: readonly RowResult[];
}

export function isMet({ goal, value }: Figure): boolean | undefined {
  if (goal === undefined) return undefined;
  return goal.is === "atMost" ? value <= goal.value : value >= goal.value;
}

const forms: Readonly<Record<Unit, (value: number) => string>> = {
  ratio: (value) => value.toFixed(2),
  percent: (value) => `${value.toFixed(1)} %`,
  seconds: (value) => `${value.toFixed(2)} s`,
  milliseconds: (value) => `${value.toFixed(1)} ms`,
  mebibytes: (value) => `${value.toFixed(0)} MiB`,
  bytes: (value) => `${value.toFixed(1)} B`,
  count: (value) => (value < 100 ? value.toFixed(2) : value.toFixed(0).replaceAll(/\B(?=(\d{3})+$)/g, ",")),
  mebibytesPerS: (value) => `${value.toFixed(0)} MiB/s`,
};

export function valueText(value: number, unit: Unit): string {
  return Number.isFinite(value) ? forms[unit](value) : "none";
}

export function goalText({ goal, unit }: Figure): string {
  return goal === undefined ? "" : `${goal.is === "atMost" ? "<=" : ">="} ${valueText(goal.value, unit)}`;
}
