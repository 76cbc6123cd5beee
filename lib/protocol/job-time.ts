// SPDX-License-Identifier: Apache-2.0

/** Where the time of a job's runs went, in milliseconds. What is in none of the four is mounting, winding and the like. */
export interface JobTime {
  readonly totalMs: number;
  /** The drive waited for the source: nothing was in the ring, or it filled up again. */
  readonly sourceMs: number;
  /** The drive took data: WRITE commands. */
  readonly driveMs: number;
  /** Checkpoints and ends of segments: all is forced onto the medium, and the position is asked for. */
  readonly syncMs: number;
  /** The job's records were forced onto the disk, then and at the beginnings of segments. */
  readonly catalogMs: number;
  /** Beside these, and at the same time: the readers waited for room in the ring. */
  readonly ringFullMs: number;
}

export const noTime: JobTime = { totalMs: 0, sourceMs: 0, driveMs: 0, syncMs: 0, catalogMs: 0, ringFullMs: 0 };

/** Of two runs, one after the other or side by side. */
export function sumOfTimes(left: JobTime, right: JobTime): JobTime {
  return combined(left, right, (one, other) => one + other);
}

/** From one report to the next. */
export function timeBetween(before: JobTime, now: JobTime): JobTime {
  return combined(now, before, (later, earlier) => Math.max(0, later - earlier));
}

function combined(left: JobTime, right: JobTime, each: (one: number, other: number) => number): JobTime {
  return {
    totalMs: each(left.totalMs, right.totalMs),
    sourceMs: each(left.sourceMs, right.sourceMs),
    driveMs: each(left.driveMs, right.driveMs),
    syncMs: each(left.syncMs, right.syncMs),
    catalogMs: each(left.catalogMs, right.catalogMs),
    ringFullMs: each(left.ringFullMs, right.ringFullMs),
  };
}

/** What a job waits for: what takes most of its time, where anything takes as much as half of it. */
export type JobWait = "source" | "drive" | "sync" | "catalog";

export function waitOf({ catalogMs, driveMs, sourceMs, syncMs, totalMs }: JobTime): JobWait | undefined {
  const waits: readonly (readonly [JobWait, number])[] = [
    ["source", sourceMs],
    ["drive", driveMs],
    ["sync", syncMs],
    ["catalog", catalogMs],
  ];
  return waits.find(([, ms]) => ms > 0 && ms * 2 >= totalMs)?.[0];
}
