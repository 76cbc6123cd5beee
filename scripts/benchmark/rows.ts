// SPDX-License-Identifier: Apache-2.0
/** Everything that is measured, in the order of docs/performance.md, and the space that it takes. */
import { statfsSync } from "node:fs";
import { backupRows } from "./backup-rows.ts";
import type { Bench, Row } from "./bench.ts";
import { catalogRows } from "./catalog-rows.ts";
import { checkpointRow } from "./checkpoint-row.ts";
import { countsRow } from "./counts-row.ts";
import { spaceOfEmptyFiles, spaceOfSet } from "./data-sets.ts";
import type { Space } from "./data-sets.ts";
import type { RowResult, Run } from "./figure.ts";
import { memoryRow } from "./memory-row.ts";
import { NotMeasured } from "./not-measured.ts";
import { nullDeviceRow } from "./null-device-row.ts";
import { UsageError } from "./options.ts";
import type { BenchOptions } from "./options.ts";
import { restoreRows } from "./restore-rows.ts";
import { resumeRow } from "./resume-row.ts";

export const rows: readonly Row[] = [
  ...backupRows.slice(0, 3),
  nullDeviceRow,
  ...backupRows.slice(3),
  ...catalogRows,
  resumeRow,
  memoryRow,
  countsRow,
  ...restoreRows,
  checkpointRow,
];

export function chosenRows({ rows: keys }: Pick<BenchOptions, "rows">): readonly Row[] {
  return keys.length === 0 ? rows : rows.filter(({ key }) => keys.includes(key));
}

/** In the order of the table: what was measured now, and else what was before. */
export function mergedRows(before: readonly RowResult[], now: readonly RowResult[]): readonly RowResult[] {
  const all = new Map([...before, ...now].map((row) => [row.key, row]));
  return rows.flatMap(({ key }) => all.get(key) ?? []);
}

/** All data sets stay until the end; what a row makes beside them goes before the next one begins. */
export function neededSpace(chosen: readonly Row[], options: BenchOptions): Space {
  const sets = [...new Set(chosen.flatMap((row) => row.sets))].map((name) => spaceOfSet(name, options));
  const empty = spaceOfEmptyFiles(Math.max(0, ...chosen.map((row) => row.emptyFiles?.(options) ?? 0)));
  const extras = chosen.map((row) => row.extra(options));
  const sum = (which: keyof Space): number =>
    [...sets, empty].reduce((all, each) => all + each[which], Math.max(0, ...extras.map((each) => each[which])));
  return { bytes: sum("bytes"), inodes: sum("inodes") };
}

/** @returns a sentence; @throws UsageError where there is too little */
export function checkSpace(folder: string, needed: Space): string {
  const { bavail, bsize, ffree, files } = statfsSync(folder);
  const gib = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  const wanted = `${gib(needed.bytes)} and ${needed.inodes} inodes`;
  // Some file systems have no table of inodes, and say 0.
  const hasEnough = needed.bytes <= bavail * bsize && (files === 0 || needed.inodes <= ffree);
  const has = `${folder} has ${gib(bavail * bsize)} and ${files === 0 ? "any number of" : ffree} inodes`;
  if (hasEnough) return `needs up to ${wanted}; ${has}`;
  throw new UsageError(`this needs ${wanted}, and ${has}: name another --folder, fewer --rows, or smaller sizes`);
}

/** A row that cannot be measured here, or fails, says why, and the others go on. */
export function measureRow(bench: Bench, row: Row, commit: string): RowResult {
  const runs: Run[] = [];
  const notMeasured: string[] = [];
  const of = { key: row.key, title: row.title, date: new Date().toISOString(), commit, runs, notMeasured };
  try {
    bench.clearWork();
    return { ...of, figures: row.measure(bench, { runs, notMeasured }) };
  } catch (error) {
    notMeasured.push(error instanceof Error ? error.message.trim() : String(error));
    return { ...of, figures: [], ...(error instanceof NotMeasured ? {} : { hasFailed: true }) };
  }
}
