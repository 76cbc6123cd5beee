// SPDX-License-Identifier: Apache-2.0
/** Pools and media sets: which cartridges a job may write, and which belong together. */

/**
 * Which media set a job goes to. `continue`: the pool's current one; `newSet`: each job begins its own; `period`: a new
 * one begins with the first job that starts a period or more after the current set began.
 */
export type AllocationPolicy =
  { readonly kind: "continue" } | { readonly kind: "newSet" } | { readonly kind: "period"; readonly periodMs: number };

/**
 * Which finished jobs are kept: the last so many, and the last of each of so many days, weeks (from Monday), months and
 * years that have one (UTC). A job is expired once no rule keeps it. Nothing given: everything is kept for ever.
 */
export interface Retention {
  readonly keepLast?: number;
  readonly keepDaily?: number;
  readonly keepWeekly?: number;
  readonly keepMonthly?: number;
  readonly keepYearly?: number;
}

export interface PoolPolicy {
  readonly allocation: AllocationPolicy;
  readonly retention?: Retention;
}

/** Tape volumes that were filled one after the other by the jobs of a pool. */
export interface MediaSetEntry {
  readonly uuid: string;
  readonly pool: string;
  readonly createdAtMs: number;
  /** Nothing more is written on it. */
  readonly closedAtMs?: number;
}

export interface MediaSetRegister {
  get(uuid: string): MediaSetEntry | undefined;
  /** In order of creation. */
  list(): readonly MediaSetEntry[];
  put(set: MediaSetEntry): void;
}

/** What a set holds, as the last of its volumes tells. */
export interface MediaSetDescription {
  /** In the order in which they were taken into the set. */
  readonly volumes: readonly { readonly number: number; readonly volumeUuid: string; readonly volumeTag: string }[];
  readonly jobs: readonly {
    readonly jobId: string;
    readonly volumeTags: readonly string[];
    /** The footer from which all segments of the job are found. */
    readonly lastFooter?: { readonly volumeTag: string; readonly tapeFile: number; readonly block: bigint };
  }[];
}
