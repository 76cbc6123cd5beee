// SPDX-License-Identifier: Apache-2.0
/**
 * The files by which entries of the drive queue show that they are there: of each a lock and a socket, named by the
 * entry's id. A lock that nobody holds is the proof that its entry is gone; a process id would be none, as they are used
 * again.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { nativeBinding } from "../native/binding.ts";
import type { NativeFileLock } from "../native/binding.ts";

const lockEnding = ".lock";
/** PF_EXITING of the kernel's flags in /proc/PID/stat (proc_pid_stat(5)). */
const exitingFlag = 4;

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

  /**
   * Is the entry still there? The kernel closes the files of a dying process in an order of its own: its lock may be free
   * while it still has the drive that the lock stands for. So it counts as there until all its files are closed.
   */
  isPresent({ id, processId }: { readonly id: string; readonly processId: number }): boolean {
    return this.#isLocked(id) || isBeingEnded(processId);
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
    return this.#ids().filter((id) => this.#isLocked(id));
  }

  /** Removes what is left of all that are gone. Only where nobody can be entering meanwhile. */
  sweep(): void {
    for (const id of this.#ids()) if (!this.#isLocked(id)) this.remove(id);
  }

  close(): void {
    closeSync(this.#fd);
  }

  #isLocked(id: string): boolean {
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

  #ids(): readonly string[] {
    return [...new Set(readdirSync(this.#path).map((name) => name.slice(0, name.indexOf("."))))];
  }

  #lockPath(id: string): string {
    return join(this.#path, id + lockEnding);
  }
}

/**
 * A process has closed all its files when each of its threads is a zombie or gone. A process id that is in use again may
 * mislead this for as long as that process takes to end.
 */
function isBeingEnded(processId: number): boolean {
  const folder = `/proc/${processId}/task`;
  const threads = unlessGone(() => readdirSync(folder)) ?? [];
  return threads.some((thread) => {
    const text = unlessGone(() => readFileSync(`${folder}/${thread}/stat`, "latin1"));
    if (text === undefined) return false;
    // The second field, the program's name in brackets, may hold anything.
    const [state = "", , , , , , flags] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return (Number(flags) & exitingFlag) !== 0 && !"ZX".includes(state);
  });
}

function unlessGone<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
