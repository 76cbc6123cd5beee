// SPDX-License-Identifier: Apache-2.0
/**
 * The folder of data sets and tapes below the one that was named. It has always the same name, so that what `--keep`
 * leaves is found again, and a mark: nothing is removed that somebody else made.
 */
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { NativeFileLock } from "../../lib/native/binding.ts";
import { UsageError } from "./options.ts";

const markName = "made-by-scripts-bench";

export class Workspace {
  readonly path: string;
  readonly #keep: boolean;
  /** The kernel takes it away with the process. */
  readonly #lock: NativeFileLock;

  private constructor(path: string, keep: boolean, lock: NativeFileLock) {
    this.path = path;
    this.#keep = keep;
    this.#lock = lock;
  }

  /** @throws UsageError where the folder cannot be used */
  static open(folder: string, keep: boolean): Workspace {
    const path = join(folder, "tidemark-bench");
    const mark = join(path, markName);
    if (existsSync(path) && !existsSync(mark))
      throw new UsageError(`${path} is there, and is not what scripts/bench made: name another --folder`);
    mkdirSync(path, { recursive: true });
    if (!existsSync(mark)) writeFileSync(mark, "");
    return new Workspace(path, keep, lockMark(mark, path));
  }

  close(): void {
    if (!this.#keep) rmSync(this.path, { recursive: true, force: true });
    this.#lock.release();
  }
}

function lockMark(mark: string, path: string): NativeFileLock {
  try {
    return nativeBinding().lockFile(mark);
  } catch (error) {
    if ((error as { readonly code?: string }).code !== "EWOULDBLOCK") throw error;
    throw new UsageError(`another scripts/bench uses ${path}: wait for it, or name another --folder`);
  }
}

/** Not made: data sets beside the disk that was meant would measure another one. */
export function checkFolder(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory() !== true) throw new UsageError(`--folder ${path} is no folder: name one that is there`);
}
