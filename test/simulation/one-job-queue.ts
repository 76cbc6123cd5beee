// SPDX-License-Identifier: Apache-2.0
/** The drive queue of a course with one job: everything is free at once. What several jobs do there has tests of its own. */
import type { DriveLease, DriveQueue, DriveQueueEntry, DriveRequest } from "../../lib/media-server/drive-queue.ts";

export class OneJobQueue implements DriveQueue {
  readonly #held = new Map<DriveLease, DriveQueueEntry>();

  acquire({ among, drives, jobId, priority, purpose, volumeTags }: DriveRequest): Promise<DriveLease> {
    const granted = among.filter((drive) => ![...this.#held.values()].some((entry) => entry.drives.includes(drive)));
    if (granted.length < drives) throw new Error(`the only job has the drives already: ${purpose} would wait for ever`);
    const lease: DriveLease = {
      drives: granted.slice(0, drives),
      claim: () => true,
      unclaim: () => undefined,
      isWanted: () => false,
      release: () => void this.#held.delete(lease),
    };
    const { drives: taken } = lease;
    const job = jobId === undefined ? {} : { jobId };
    this.#held.set(lease, { processId: 1, ...job, purpose, priority, state: "holding", drives: taken, volumeTags });
    return Promise.resolve(lease);
  }

  withRobot<T>(work: () => Promise<T>): Promise<T> {
    return work();
  }

  list(): readonly DriveQueueEntry[] {
    return [...this.#held.values()];
  }

  close(): void {
    this.#held.clear();
  }
}
