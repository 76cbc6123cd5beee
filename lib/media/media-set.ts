// SPDX-License-Identifier: Apache-2.0
/** Which media set a job goes to. */
import type { AllocationPolicy, MediaSetEntry } from "../protocol/media-set.ts";
import type { VolumeEntry } from "../protocol/volume.ts";

export interface MediaSetWish {
  readonly pool: string;
  readonly allocation: AllocationPolicy;
  /** Of all pools, in order of creation. */
  readonly sets: readonly MediaSetEntry[];
  /** Sets of jobs that are running or interrupted: they stay open until those have ended. */
  readonly unfinished: ReadonlySet<string>;
  readonly nowMs: number;
}

export interface MediaSetChoice {
  /** Absent: a new set begins. */
  readonly set?: MediaSetEntry;
  /** Sets on which nothing more will be written. */
  readonly closes: readonly MediaSetEntry[];
}

/** For a job that begins; one that goes on stays in its own set. */
export function chooseMediaSet(wish: MediaSetWish): MediaSetChoice {
  const open = wish.sets.filter((set) => set.pool === wish.pool && set.closedAtMs === undefined);
  const current = currentSet(wish.sets, wish.pool);
  const goesOn = current !== undefined && isContinued(wish.allocation, current, wish.nowMs);
  const closes = open.filter((set) => !wish.unfinished.has(set.uuid) && !(goesOn && set.uuid === current.uuid));
  return { ...(goesOn ? { set: current } : {}), closes };
}

/** The newest set of a pool that is not closed. */
export function currentSet(sets: readonly MediaSetEntry[], pool: string): MediaSetEntry | undefined {
  return sets.findLast((set) => set.pool === pool && set.closedAtMs === undefined);
}

/** The number that the next volume of a set gets. */
export function nextSetNumber(volumes: readonly VolumeEntry[], mediaSet: string): number {
  return volumes.reduce(
    (next, volume) => (volume.mediaSet === mediaSet ? Math.max(next, (volume.setNumber ?? 0) + 1) : next),
    1,
  );
}

function isContinued(allocation: AllocationPolicy, current: MediaSetEntry, nowMs: number): boolean {
  switch (allocation.kind) {
    case "continue":
      return true;
    case "newSet":
      return false;
    case "period":
      return nowMs - current.createdAtMs < allocation.periodMs;
  }
}
