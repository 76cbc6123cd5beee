// SPDX-License-Identifier: Apache-2.0
/** The moment at which a process is killed: drawn from a seed, and found again in what the process does to the world. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
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
  if (!existsSync(folder)) return 0;
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sum + bytesIn(path);
    // A file may be renamed or removed between two looks: the process is at work.
    return sum + (statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  }, 0);
}

/** The job that can go on: one that was killed before it had a temporary catalog is none, but has used up its number. */
export function begunJob(jobsFolder: string): string | undefined {
  return existsSync(jobsFolder)
    ? readdirSync(jobsFolder).sort((left, right) => Number(right) - Number(left))[0]
    : undefined;
}

/** Microseconds are too short for a timer. */
export function spin(microseconds: number): void {
  const end = process.hrtime.bigint() + BigInt(microseconds) * 1000n;
  while (process.hrtime.bigint() < end);
}
