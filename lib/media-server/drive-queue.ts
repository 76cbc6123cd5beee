// SPDX-License-Identifier: Apache-2.0
/**
 * Who may use which drive and cartridge, among all jobs of all processes on this host. A drive has one user at a time.
 * Everything that a request needs is granted at once or not at all, so that nobody waits while holding what another
 * one waits for.
 */

export type DrivePurpose = "backup" | "restore" | "label" | "verify" | "copy" | "clean" | "examine";

export interface DriveRequest {
  readonly jobId?: string;
  readonly purpose: DrivePurpose;
  /** Higher is served first; among equals the one that asked first. */
  readonly priority: number;
  /** How many drives, all at once. */
  readonly drives: number;
  /** Drives that will do, best first: their places in the configuration, from 0 on. */
  readonly among: readonly number[];
  /** Cartridges that must be nobody else's meanwhile. */
  readonly volumeTags: readonly string[];
}

/** Who has drives or waits for them. */
export interface DriveQueueEntry {
  readonly processId: number;
  readonly jobId?: string;
  readonly purpose: DrivePurpose;
  readonly priority: number;
  readonly state: "waiting" | "holding";
  /** Of a holder: the drives it has. */
  readonly drives: readonly number[];
  readonly volumeTags: readonly string[];
}

export interface DriveLease {
  /** Places in the configuration. */
  readonly drives: readonly number[];
  /** Takes a further cartridge; false where another one has it, or waits for it and comes first. Never waits. */
  claim(volumeTag: string): boolean;
  /** Gives a cartridge back that is not used any more. */
  unclaim(volumeTag: string): void;
  /**
   * A more urgent request waits that could be granted if this lease were given back, if need be together with others.
   * Who is told so is expected to release soon: where one is enough, no other holder is told for the same request.
   */
  isWanted(): boolean;
  /** Gives drives and cartridges back. A second call does nothing. */
  release(): void;
}

export interface DriveQueue {
  /**
   * Waits for its turn.
   * @throws JobError where `signal` is aborted while waiting
   */
  acquire(
    request: DriveRequest,
    options?: {
      readonly signal?: AbortSignal;
      /** Called each time it has to wait, with those before it. */
      readonly onWaiting?: (before: readonly DriveQueueEntry[]) => void;
    },
  ): Promise<DriveLease>;
  /** Carries `work` out while no other job of any process moves cartridges. Waits for its turn; not re-entrant. */
  withRobot<T>(work: () => Promise<T>): Promise<T>;
  list(): readonly DriveQueueEntry[];
  close(): void;
}
