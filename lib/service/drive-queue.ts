// SPDX-License-Identifier: Apache-2.0
/**
 * Drives are granted through a file and not by a daemon: every process that uses the same state folder reads the same
 * table, decides by the same rules (drive-order.ts) in one transaction, and takes what is its own. See
 * docs/internals/drive-queue.md.
 */
import { join } from "node:path";
import { JobError } from "../errors.ts";
import type {
  DriveLease,
  DrivePurpose,
  DriveQueue,
  DriveQueueEntry as QueueEntry,
  DriveRequest,
} from "../media-server/drive-queue.ts";
import { DriveQueueEntry } from "./drive-queue-entry.ts";
import type { EntryRequest, TurnOptions } from "./drive-queue-entry.ts";
import { DriveQueueFolder } from "./drive-queue-folder.ts";
import { DriveQueueTable } from "./drive-queue-table.ts";
import type { QueueLine, QueueRow } from "./drive-queue-table.ts";

export interface DriveQueueOptions {
  /** All processes that share it share the drives. */
  readonly stateFolder: string;
  /** How many drives are configured. */
  readonly driveCount: number;
}

/** @throws CatalogError where the queue's file cannot be used */
export function openDriveQueue(options: DriveQueueOptions): DriveQueue {
  return new SharedDriveQueue(options);
}

/** One thing, wanted by all in the same way: so it goes by the order of asking. */
const robotRequest: EntryRequest = { purpose: "robot", priority: 0, drivesWanted: 1, among: [0], volumeTags: [] };

class SharedDriveQueue implements DriveQueue {
  readonly #driveCount: number;
  readonly #folder: DriveQueueFolder;
  readonly #table: DriveQueueTable;
  readonly #entries = new Set<DriveQueueEntry>();
  #isSwept = false;
  #isClosed = false;

  constructor({ stateFolder, driveCount }: DriveQueueOptions) {
    this.#driveCount = driveCount;
    this.#folder = new DriveQueueFolder(join(stateFolder, "drive-queue"));
    try {
      this.#table = DriveQueueTable.open(join(stateFolder, "drive-queue.sqlite"), this.#folder);
    } catch (error) {
      this.#folder.close();
      throw error;
    }
  }

  async acquire(
    request: DriveRequest,
    options: { readonly signal?: AbortSignal; readonly onWaiting?: (before: readonly QueueEntry[]) => void } = {},
  ): Promise<DriveLease> {
    const { drives, ...rest } = request;
    checkRequest(request, this.#driveCount);
    const { signal, onWaiting } = options;
    return this.#enter(
      "drives",
      { ...rest, drivesWanted: drives },
      {
        ...(signal === undefined ? {} : { signal }),
        ...(onWaiting === undefined ? {} : { onWaiting: (before) => onWaiting(before.map(toEntry)) }),
      },
    );
  }

  async withRobot<T>(work: () => Promise<T>): Promise<T> {
    const lease = await this.#enter("robot", robotRequest, {});
    try {
      return await work();
    } finally {
      lease.release();
    }
  }

  list(): readonly QueueEntry[] {
    this.#checkOpen();
    return this.#table.rows("drives").map(toEntry);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const entry of this.#entries) entry.release();
    this.#table.close();
    this.#folder.close();
  }

  async #enter(line: QueueLine, request: EntryRequest, options: TurnOptions): Promise<DriveQueueEntry> {
    this.#checkOpen();
    if (!this.#isSwept) this.#table.sweep();
    this.#isSwept = true;
    const entry = new DriveQueueEntry(this.#table, this.#folder, line, request, () => this.#entries.delete(entry));
    this.#entries.add(entry);
    await entry.turn(options);
    return entry;
  }

  #checkOpen(): void {
    if (this.#isClosed) throw new JobError("the drive queue has been closed");
  }
}

/** What could never be granted is refused, for it would wait for ever. */
function checkRequest({ drives, among, priority, purpose }: DriveRequest, driveCount: number): void {
  const usable = among.filter((drive) => Number.isInteger(drive) && drive >= 0 && drive < driveCount);
  if (usable.length !== among.length || new Set(among).size !== among.length || Number.isNaN(priority)) {
    throw new JobError(
      `the request for drives ${among.join(", ")} of ${driveCount}, priority ${priority}, makes no sense`,
      {
        code: "ERR_TAPE_INTERNAL",
      },
    );
  }
  if (drives <= among.length) return;
  throw new JobError(
    `${purpose} needs ${drives} drives at once, and only ${among.length} of ${driveCount} will do: see tidemark library status`,
  );
}

function toEntry({ processId, jobId, purpose, priority, state, drives, volumeTags }: QueueRow): QueueEntry {
  return {
    processId,
    ...(jobId === undefined ? {} : { jobId }),
    purpose: purpose as DrivePurpose,
    priority,
    state,
    drives,
    volumeTags,
  };
}
