// SPDX-License-Identifier: Apache-2.0
/** Waits for a change of other entries of the drive queue, by a connection to the socket of each. */
import { connect } from "node:net";
import type { Socket } from "node:net";
import type { DriveQueueFolder } from "./drive-queue-folder.ts";

/** A process that is being ended by the kernel is looked at again after one millisecond, two, four... at most these. */
const longestDelayMs = 256;

export class Watch {
  readonly #folder: DriveQueueFolder;
  readonly #connections = new Map<string, Socket>();
  /** Sockets that were seen closed. They never come back. */
  readonly #closed = new Set<string>();
  #delayMs = 1;
  #wake: () => void = () => undefined;

  constructor(folder: DriveQueueFolder) {
    this.#folder = folder;
  }

  /** Resolves when the socket of any entry has closed, at once where one is closed already, or at a call of `wake`. */
  async change(names: readonly string[]): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    for (const [name, connection] of this.#connections) {
      if (!names.includes(name)) this.#drop(name, connection);
    }
    for (const name of names) {
      if (!this.#closed.has(name) && !this.#connections.has(name)) this.#connect(name);
    }
    // The table still names one whose socket is closed: the kernel is closing the files of its process one by one, and
    // nothing tells when it has come to the last.
    if (names.some((name) => this.#closed.has(name))) {
      timer = setTimeout(this.#wake, this.#delayMs);
      this.#delayMs = Math.min(2 * this.#delayMs, longestDelayMs);
    } else {
      this.#delayMs = 1;
    }
    await woken;
    clearTimeout(timer);
  }

  wake(): void {
    this.#wake();
  }

  close(): void {
    for (const [name, connection] of this.#connections) this.#drop(name, connection);
  }

  #connect(name: string): void {
    const connection = connect({ path: this.#folder.socketPath(name) });
    this.#connections.set(name, connection);
    // A refusal is a close as well: the entry has changed, or is gone, since the table was read.
    connection.on("error", () => undefined);
    connection.once("close", () => {
      if (!this.#connections.delete(name)) return;
      this.#closed.add(name);
      this.#wake();
    });
    connection.resume();
  }

  #drop(name: string, connection: Socket): void {
    this.#connections.delete(name);
    connection.destroy();
  }
}
