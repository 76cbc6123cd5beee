// SPDX-License-Identifier: Apache-2.0
/**
 * How an entry of the drive queue shows the others that it is there and unchanged. A socket lives exactly as long as the
 * table's row names it: each change of the row comes with a new socket, and the old one is closed behind it. So whoever
 * has read the row and connects is either told of the next change, by the end of the connection, or refused, because
 * the change has been already. The kernel closes sockets with their process.
 */
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { JobError } from "../errors.ts";
import type { NativeFileLock } from "../native/binding.ts";
import type { DriveQueueFolder } from "./drive-queue-folder.ts";

export class Presence {
  readonly #folder: DriveQueueFolder;
  readonly #id: string;
  readonly #lock: NativeFileLock;
  readonly #sockets = new Map<string, ListeningSocket>();
  #announced = 0;

  /** Takes the entry's lock. */
  constructor(folder: DriveQueueFolder, id: string) {
    this.#folder = folder;
    this.#id = id;
    this.#lock = folder.lock(id);
  }

  /** Opens a further socket and gives its name. */
  announce(): string {
    const name = `${this.#id}.${this.#announced++}`;
    this.#sockets.set(name, new ListeningSocket(this.#folder.socketPath(name)));
    return name;
  }

  /** Closes all sockets but this one. */
  keepOnly(kept: string): void {
    for (const [name, socket] of this.#sockets) {
      if (name === kept) continue;
      this.#sockets.delete(name);
      socket.close();
    }
  }

  leave(): void {
    this.keepOnly("");
    this.#folder.removeLock(this.#id);
    this.#lock.release();
  }
}

/** It says nothing and hears nothing, and does not keep the process alive. */
class ListeningSocket {
  readonly #server: Server;
  readonly #connections = new Set<Socket>();

  constructor(path: string) {
    this.#server = createServer((connection) => this.#keep(connection));
    // It comes later than the exception below, and says the same.
    this.#server.on("error", () => undefined);
    // Exclusive: a worker of a cluster would else ask its primary for the socket, and wait for the answer.
    this.#server.listen({ path, exclusive: true });
    if (!this.#server.listening) {
      throw new JobError(
        `cannot enter the drive queue: no socket can be made as ${path}. The state folder must be on a file system that knows sockets, and /proc be mounted`,
      );
    }
    this.#server.unref();
  }

  #keep(connection: Socket): void {
    this.#connections.add(connection);
    connection.unref();
    connection.on("error", () => undefined);
    connection.once("close", () => this.#connections.delete(connection));
    // Its end is seen only by reading.
    connection.resume();
  }

  /** Those that were not accepted yet are ended by the kernel. */
  close(): void {
    this.#server.close();
    for (const connection of this.#connections) connection.destroy();
  }
}
