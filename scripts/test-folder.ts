// SPDX-License-Identifier: Apache-2.0
/**
 * Where the tests of a run have their files. In memory where there is room: most of them wait for the disk otherwise, to
 * which a process that is killed owes nothing. And what Node.js has compiled: every process of the command line, and
 * every one of mocha's, would take the types out of the same sources again.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const memory = "/dev/shm";
/** Two files of tests at a time need the half of it; those of gigabytes ask for `diskFolder` (test/disk-folder.ts). */
const neededBytes = 6 * 2 ** 30;
/** Beside it the compiler, the sanitizers and the guests of User-mode Linux have to live. */
const neededMemoryBytes = neededBytes + 4 * 2 ** 30;

export class TestFolder {
  readonly path = mkdtempSync(join(hasRoom() ? memory : tmpdir(), "tidemark-run-"));

  /** For those who find their way by it: the tests, and the processes that they start. */
  get environment(): NodeJS.ProcessEnv {
    return {
      TMPDIR: this.path,
      TIDEMARK_DISK_FOLDER: process.env["TIDEMARK_DISK_FOLDER"] ?? tmpdir(),
      NODE_COMPILE_CACHE: join(this.path, "compiled"),
    };
  }

  /** What a test has left behind goes, too. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

function hasRoom(): boolean {
  if (!existsSync(memory) || process.availableMemory() < neededMemoryBytes) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= neededBytes && keepsAttributes();
}

/** Memory file systems have attributes of users only since Linux 6.6. */
function keepsAttributes(): boolean {
  const folder = mkdtempSync(join(memory, "tidemark-try-"));
  try {
    const program = "import os, sys; os.setxattr(sys.argv[1], 'user.tidemark', bytes(3000))";
    return spawnSync("python3", ["-c", program, folder]).status === 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
