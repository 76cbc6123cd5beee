// SPDX-License-Identifier: Apache-2.0
/**
 * The files by which entries of the drive queue show that they are there: of each a lock and a socket, named by the
 * entry's id. A lock that nobody holds is the proof that its entry is gone; a process id would be none, as they are used
 * again.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nativeBinding } from "../native/binding.ts";
import type { NativeFileLock } from "../native/binding.ts";

const lockEnding = ".lock";

export class DriveQueueFolder {
  readonly #path: string;
  readonly #fd: number;

  constructor(path: string) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.#path = path;
    this.#fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  }

  /** Held until it is released or the process ends, however it ends. */
  lock(id: string): NativeFileLock {
    return nativeBinding().lockFile(this.#lockPath(id));
  }

  isLocked(id: string): boolean {
    const path = this.#lockPath(id);
    // Locking would make the file.
    if (!existsSync(path)) return false;
    try {
      nativeBinding().lockFile(path).release();
      return false;
    } catch (error) {
      if ((error as { readonly code?: string }).code === "EWOULDBLOCK") return true;
      throw error;
    }
  }

  /**
   * Through the folder's descriptor: a socket's path has room for 107 bytes (unix(7)), the folder's own may be longer.
   * It needs no short folder elsewhere, which another process might not see or find under another name.
   */
  socketPath(name: string): string {
    return `/proc/self/fd/${this.#fd}/${name}`;
  }

  /** What is left of an entry whose process died. */
  remove(id: string): void {
    for (const name of readdirSync(this.#path)) {
      if (name.startsWith(`${id}.`)) rmSync(join(this.#path, name), { force: true });
    }
  }

  removeLock(id: string): void {
    rmSync(this.#lockPath(id), { force: true });
  }

  /** Entries that have files here and are not gone. */
  locked(): readonly string[] {
    return this.#ids().filter((id) => this.isLocked(id));
  }

  /** Removes what is left of all that are gone. Only where nobody can be entering meanwhile. */
  sweep(): void {
    for (const id of this.#ids()) if (!this.isLocked(id)) this.remove(id);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #ids(): readonly string[] {
    return [...new Set(readdirSync(this.#path).map((name) => name.slice(0, name.indexOf("."))))];
  }

  #lockPath(id: string): string {
    return join(this.#path, id + lockEnding);
  }
}
