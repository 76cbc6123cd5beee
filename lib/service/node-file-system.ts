// SPDX-License-Identifier: Apache-2.0
/** The real file system behind the catalog's interface. */
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, rmdir, statfs } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import type { AppendFile, FileSystem, ReadFile } from "../catalog/environment.ts";

export const nodeFileSystem: FileSystem = {
  async create(path) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND } = constants;
    return appendFile(await open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0o600));
  },

  async open(path) {
    try {
      return await readFile(await open(path, "r"));
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  },

  async makeFolder(path) {
    await mkdir(path, { recursive: true, mode: 0o700 });
  },

  async list(path) {
    try {
      return (await readdir(path)).sort();
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  },

  async synchroniseFolder(path) {
    const handle = await open(path, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  rename,

  async remove(path) {
    await rm(path, { force: true });
  },

  async removeFolder(path) {
    try {
      await rmdir(path);
    } catch (error) {
      if (codeOf(error) !== "ENOENT") throw error;
    }
  },

  async freeBytes(path) {
    const { bavail, bsize } = await statfs(path, { bigint: true });
    return bavail * bsize;
  },
};

function appendFile(handle: FileHandle): AppendFile {
  return {
    async append(bytes) {
      return (await handle.write(bytes)).bytesWritten;
    },
    synchronise: () => handle.datasync(),
    close: () => handle.close(),
  };
}

async function readFile(handle: FileHandle): Promise<ReadFile> {
  const { size } = await handle.stat();
  return {
    sizeBytes: size,
    async readAt(position, bytes) {
      // Readers ask for large pieces of files that are often small.
      const wanted = Math.max(0, Math.min(bytes, size - position));
      const buffer = Buffer.allocUnsafe(wanted);
      let filled = 0;
      while (filled < wanted) {
        const { bytesRead } = await handle.read(buffer, filled, wanted - filled, position + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return buffer.subarray(0, filled);
    },
    synchronise: () => handle.datasync(),
    close: () => handle.close(),
  };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}
