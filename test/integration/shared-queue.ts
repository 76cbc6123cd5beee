// SPDX-License-Identifier: Apache-2.0
/** A state folder for each test, with queues of this process and processes that share it. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDriveQueue } from "../../lib/service/drive-queue.ts";
import type { DriveLease, DriveQueue, DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";
import { QueueProcess } from "./queue-processes.ts";

/** For one of one drive, unless told otherwise. */
export const request = (fields: Partial<DriveRequest> = {}): DriveRequest => ({
  purpose: "backup",
  priority: 0,
  drives: 1,
  among: [0],
  volumeTags: [],
  ...fields,
});

export class SharedQueue {
  folder = "";
  stateFolder = "";
  readonly #queues: DriveQueue[] = [];
  readonly #processes: QueueProcess[] = [];
  /** Alive, with nothing open. */
  readonly #idle: QueueProcess[] = [];

  /** For the tests of the suite that is being described. */
  constructor() {
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "tidemark-queue-"));
      this.stateFolder = join(this.folder, "state");
      mkdirSync(this.stateFolder);
    });
    afterEach(async () => {
      for (const queue of this.#queues.splice(0)) queue.close();
      const alive = this.#processes.splice(0).filter(({ isAlive }) => isAlive);
      for (const process of alive) await process.closes();
      this.#idle.push(...alive);
      rmSync(this.folder, { recursive: true });
    });
    after(async () => {
      await Promise.all(this.#idle.map((process) => process.kill()));
    });
  }

  open(driveCount = 2): DriveQueue {
    const queue = openDriveQueue({ stateFolder: this.stateFolder, driveCount });
    this.#queues.push(queue);
    return queue;
  }

  /** A process that has opened the queue. */
  async start(driveCount = 2): Promise<QueueProcess> {
    const started = this.#idle.pop() ?? new QueueProcess();
    this.#processes.push(started);
    return started.opens(this.stateFolder, driveCount);
  }

  /** Asks, and resolves when it has to wait; the grant is still to come. */
  async waits(
    queue: DriveQueue,
    wish: DriveRequest,
    signal?: AbortSignal,
  ): Promise<{ readonly before: readonly DriveQueueEntry[]; readonly grant: Promise<DriveLease> }> {
    return new Promise((resolve, reject) => {
      const grant: Promise<DriveLease> = queue.acquire(wish, {
        ...(signal === undefined ? {} : { signal }),
        onWaiting: (before) => {
          // The promise is not there yet where it is told at once.
          queueMicrotask(() => resolve({ before, grant }));
        },
      });
      grant.catch(reject);
    });
  }

  /** What the queue's folder holds; nothing when nobody is in the queue. */
  leftOver(): readonly string[] {
    return readdirSync(join(this.stateFolder, "drive-queue"));
  }
}
