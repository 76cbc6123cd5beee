// SPDX-License-Identifier: Apache-2.0
/** A request of this process in the drive queue: first it waits, then it is the lease. */
import { randomUUID } from "node:crypto";
import { JobError } from "../errors.ts";
import { grants, mayClaim, servedBefore, shouldGiveWay, standingBefore } from "../media/drive-order.ts";
import type { DriveLease } from "../media-server/drive-queue.ts";
import type { DriveQueueFolder } from "./drive-queue-folder.ts";
import { Presence } from "./drive-queue-presence.ts";
import type { DriveQueueTable, QueueLine, QueueRow } from "./drive-queue-table.ts";
import { Watch } from "./drive-queue-watch.ts";

export type EntryRequest = Pick<QueueRow, "jobId" | "purpose" | "priority" | "drivesWanted" | "among" | "volumeTags">;

export interface TurnOptions {
  readonly signal?: AbortSignal;
  readonly onWaiting?: (before: readonly QueueRow[]) => void;
}

type RowChange = Partial<Pick<QueueRow, "state" | "drives" | "volumeTags" | "givesWay">>;

export class DriveQueueEntry implements DriveLease {
  readonly #id = randomUUID();
  readonly #table: DriveQueueTable;
  readonly #line: QueueLine;
  readonly #what: string;
  readonly #presence: Presence;
  readonly #watch: Watch;
  readonly #onOver: () => void;
  /** Named by the row. */
  #socket = "";
  #drives: readonly number[] = [];
  #isOver = false;

  /** Takes its place behind all that have asked before. */
  constructor(
    table: DriveQueueTable,
    folder: DriveQueueFolder,
    line: QueueLine,
    request: EntryRequest,
    onOver: () => void,
  ) {
    this.#table = table;
    this.#line = line;
    this.#what = describe(line, request);
    this.#watch = new Watch(folder);
    this.#onOver = onOver;
    let presence: Presence | undefined;
    try {
      const row = { ...request, id: this.#id, processId: process.pid, drives: [], givesWay: false } as const;
      // Lock, socket and row appear as one: others remove files that have no lock, and rows that have none.
      table.insert(line, { ...row, state: "waiting" }, () => {
        presence = new Presence(folder, this.#id);
        this.#socket = presence.announce();
        return this.#socket;
      });
    } catch (error) {
      presence?.leave();
      throw error;
    }
    if (presence === undefined) throw new JobError(`${this.#what} was not entered`, { code: "ERR_TAPE_INTERNAL" });
    this.#presence = presence;
  }

  get drives(): readonly number[] {
    return this.#drives;
  }

  /**
   * Waits until everything is granted.
   * @throws JobError where it is aborted or released meanwhile; it has left the queue then, as after any failure
   */
  async turn(options: TurnOptions): Promise<void> {
    const { signal, onWaiting } = options;
    const wake = (): void => this.#watch.wake();
    signal?.addEventListener("abort", wake);
    try {
      for (let told = ""; ;) {
        this.#checkStillWanted(signal);
        const others = this.#look();
        if (others === undefined) return;
        const { before, inTheWay } = others;
        const present = inTheWay.map(({ socket }) => socket).join();
        if (present !== told) onWaiting?.(inTheWay);
        told = present;
        await this.#watch.change(before.map(({ socket }) => socket));
      }
    } catch (error) {
      this.release();
      throw error;
    } finally {
      signal?.removeEventListener("abort", wake);
      this.#watch.close();
    }
  }

  claim(volumeTag: string): boolean {
    if (this.#isOver) return false;
    let isOurs = false;
    this.#change((rows, own) => {
      isOurs = own.volumeTags.includes(volumeTag);
      if (isOurs || !mayClaim(rows, own, volumeTag)) return undefined;
      isOurs = true;
      return { volumeTags: [...own.volumeTags, volumeTag] };
    });
    return isOurs;
  }

  unclaim(volumeTag: string): void {
    if (this.#isOver) return;
    this.#change((_, { volumeTags }) =>
      volumeTags.includes(volumeTag) ? { volumeTags: volumeTags.filter((tag) => tag !== volumeTag) } : undefined,
    );
  }

  isWanted(): boolean {
    if (this.#isOver) return false;
    const rows = this.#table.rows(this.#line);
    const own = this.#own(rows);
    if (shouldGiveWay(rows, own) === own.givesWay) return own.givesWay;
    // The answer changes what others are told: it is given again, with nobody else's in between, and written down.
    let givesWay = false;
    this.#change((present, now) => {
      givesWay = shouldGiveWay(present, now);
      return givesWay === now.givesWay ? undefined : { givesWay };
    });
    return givesWay;
  }

  release(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    try {
      this.#table.remove(this.#id);
    } catch {
      // A full disk must not keep a drive: without its lock the row means nothing, and the next one drops it.
    }
    this.#presence.leave();
    this.#watch.wake();
    this.#onOver();
  }

  /** Takes what it wants if its turn has come; else says who has something or comes first, and who is in its way. */
  #look(): { readonly before: readonly QueueRow[]; readonly inTheWay: readonly QueueRow[] } | undefined {
    let before: readonly QueueRow[] = [];
    let inTheWay: readonly QueueRow[] = [];
    const isGranted = this.#change((rows, own) => {
      const drives = grants(rows).get(own.ticket);
      if (drives !== undefined) {
        this.#drives = drives;
        return { state: "holding", drives };
      }
      before = rows.filter((other) => other.state === "holding" || servedBefore(other, own) < 0);
      inTheWay = standingBefore(rows, own);
      return undefined;
    });
    return isGranted ? undefined : { before, inTheWay };
  }

  /** Changes this entry's row, and tells those who watch it. False where nothing is to be changed. */
  #change(decide: (rows: readonly QueueRow[], own: QueueRow) => RowChange | undefined): boolean {
    let socket = this.#socket;
    try {
      const isChanged = this.#table.change(this.#line, (rows) => {
        const own = this.#own(rows);
        const change = decide(rows, own);
        if (change === undefined) return false;
        socket = this.#presence.announce();
        this.#table.update({ ...own, ...change, socket });
        return true;
      });
      this.#socket = socket;
      return isChanged;
    } finally {
      this.#presence.keepOnly(this.#socket);
    }
  }

  #own(rows: readonly QueueRow[]): QueueRow {
    const own = rows.find(({ id }) => id === this.#id);
    if (own !== undefined) return own;
    throw new JobError(`${this.#what} has vanished from the drive queue: its lock or its row was removed from outside`);
  }

  #checkStillWanted(signal: AbortSignal | undefined): void {
    if (signal?.aborted === true) {
      throw new JobError(`stopped while ${this.#what} waited for its turn`, { code: "ERR_TAPE_JOB_INTERRUPTED" });
    }
    if (this.#isOver) throw new JobError(`the drive queue was closed while ${this.#what} waited for its turn`);
  }
}

function describe(line: QueueLine, { jobId, purpose, drivesWanted }: EntryRequest): string {
  const what = line === "robot" ? "the robot" : `${drivesWanted} ${drivesWanted === 1 ? "drive" : "drives"}`;
  return `the request for ${what} (${jobId === undefined ? purpose : `${purpose}, job ${jobId}`})`;
}
