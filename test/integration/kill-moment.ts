// SPDX-License-Identifier: Apache-2.0
/** The moment at which a process is killed: drawn from a seed, and found again in what the process does to the world. */
import { existsSync, readdirSync, statSync } from "node:fs";
import type { Dirent } from "node:fs";
import { join } from "node:path";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { isOver } from "../../lib/job-manager/job-parts.ts";
import type { JobEntry } from "../../lib/protocol/job.ts";
import type { Chance } from "../simulation/chance.ts";

/** What grows while a job goes on: bytes on the media, bytes of its temporary catalog, lines that it prints. */
export type Measure = "tape" | "catalog" | "lines";

/** So many more of the measure than when the process began, and then a time that no clock of the product knows. */
export interface Moment {
  readonly measure: Measure;
  readonly growth: number;
  readonly microseconds: number;
}

export interface KillWish {
  /** A growth of the media beyond that is not drawn. */
  readonly tapeBytes: number;
  readonly catalogBytes: number;
}

const linesMax = 4;
/** Several commands and several frames of the catalog fit into it. */
const delayMaxMicroseconds = 30_000;

export function drawMoment(chance: Chance, { tapeBytes, catalogBytes }: KillWish): Moment {
  const measure = chance.pick<Measure>(["tape", "tape", "catalog", "lines"]);
  const limit = { tape: tapeBytes, catalog: catalogBytes, lines: linesMax }[measure];
  const growth = 1 + chance.below(limit);
  // Half of them at once: what has just been written is what a kill finds half done.
  return { measure, growth, microseconds: chance.below(2) === 0 ? 0 : chance.below(delayMaxMicroseconds) };
}

export function momentText({ measure, growth, microseconds }: Moment): string {
  return `${microseconds} us after ${growth} more of ${measure === "lines" ? "lines" : `bytes (${measure})`}`;
}

/** Bytes of all files of a folder, and of those below it. */
export function bytesIn(folder: string): number {
  return entriesOf(folder).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesIn(path);
    return sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

/** A file or a folder may be renamed or removed between two looks: the process is at work. */
function entriesOf(folder: string): readonly Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The job that is over, or that can go on: one that was killed before it had a temporary catalog is none, but has used
 * up its number.
 */
export function begunJob(stateFolder: string): string | undefined {
  const path = join(stateFolder, "catalog.sqlite");
  if (!existsSync(path)) return undefined;
  const store = SqliteCatalogStore.open(path);
  try {
    const isBegun = ({ jobId, status }: JobEntry): boolean =>
      isOver(status) || existsSync(join(stateFolder, "jobs", jobId));
    return store.jobs.list().findLast(isBegun)?.jobId;
  } finally {
    store.close();
  }
}

/** Microseconds are too short for a timer. */
export function spin(microseconds: number): void {
  const end = process.hrtime.bigint() + BigInt(microseconds) * 1000n;
  while (process.hrtime.bigint() < end);
}
