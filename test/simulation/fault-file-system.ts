// SPDX-License-Identifier: Apache-2.0
/** The file system of a simulated process: real files on a {@link Disk}, each call of which may be the one that fails. */
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  readdirSync,
  statfsSync,
  writeSync,
} from "node:fs";
import { basename } from "node:path";
import type { AppendFile, FileSystem, ReadFile } from "../../lib/catalog/environment.ts";
import type { Disk } from "./disk.ts";
import type { CallEffect, Crash } from "./fault.ts";
import type { Host } from "./host.ts";

type Effect = Exclude<CallEffect, Crash>;

/** How a call fails: as the operating system says it. */
function systemError(code: string, operation: string, path: string): Error {
  return Object.assign(new Error(`${code}: simulated, ${operation} '${basename(path)}'`), { code });
}

export class FaultFileSystem implements FileSystem {
  readonly #disk: Disk;
  readonly #host: Host;

  constructor(disk: Disk, host: Host) {
    this.#disk = disk;
    this.#host = host;
  }

  async create(path: string): Promise<AppendFile> {
    const descriptor = this.#writing("create", path, () => this.#disk.create(path));
    const synchronise = (): void => this.#disk.synchronised(path, fstatSync(descriptor).size);
    return {
      append: async (bytes) => this.#append(descriptor, path, bytes),
      synchronise: async () => this.#synchronising("synchronise", path, synchronise, () => this.#disk.dropDirty(path)),
      // A file is closed with its process, whatever befalls that: it is no boundary.
      close: async () => closeSync(descriptor),
    };
  }

  async open(path: string): Promise<ReadFile | undefined> {
    const isThere = this.#reading("open", path, () => existsSync(path));
    if (!isThere) return undefined;
    const descriptor = openSync(path, "r");
    const synchronise = (): void => this.#disk.synchronised(path, readFileSync(path).length);
    return {
      sizeBytes: fstatSync(descriptor).size,
      readAt: async (position, bytes) => this.#reading("read", path, () => readAt(descriptor, position, bytes)),
      synchronise: async () => this.#synchronising("synchronise", path, synchronise, () => this.#disk.dropDirty(path)),
      close: async () => closeSync(descriptor),
    };
  }

  async makeFolder(path: string): Promise<void> {
    this.#writing("makeFolder", path, () => this.#disk.makeFolder(path));
  }

  async list(path: string): Promise<readonly string[]> {
    return this.#reading("list", path, () => (existsSync(path) ? readdirSync(path).sort() : []));
  }

  async synchroniseFolder(path: string): Promise<void> {
    this.#synchronising(
      "synchroniseFolder",
      path,
      () => this.#disk.folderSynchronised(path),
      () => undefined,
    );
  }

  async rename(from: string, to: string): Promise<void> {
    this.#writing("rename", to, () => this.#disk.rename(from, to));
  }

  async remove(path: string): Promise<void> {
    const work = (): void => this.#disk.remove(path);
    this.#host.pass({ operation: "remove", detail: basename(path) }, work, (effect) => {
      if (effect.kind === "error" && effect.code === "EIO") throw systemError("EIO", "remove", path);
      work();
    });
  }

  async removeFolder(path: string): Promise<void> {
    this.#writing("removeFolder", path, () => this.#disk.removeFolder(path));
  }

  async freeBytes(path: string): Promise<bigint> {
    const work = (): bigint => {
      const { bavail, bsize } = statfsSync(path, { bigint: true });
      return bavail * bsize;
    };
    const full = (effect: Effect): bigint => (effect.kind === "error" && effect.code === "ENOSPC" ? 0n : work());
    return this.#host.pass({ operation: "freeBytes", detail: "" }, work, full);
  }

  #append(descriptor: number, path: string, bytes: Uint8Array): number {
    const detail = `${basename(path)} ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64")}`;
    const write = (count: number): number => writeSync(descriptor, bytes, 0, count);
    return this.#host.pass(
      { operation: "append", detail },
      () => write(bytes.length),
      (effect) => {
        if (effect.kind === "short") return write(Math.ceil(bytes.length / 2));
        if (effect.kind !== "error") return write(bytes.length);
        throw systemError(effect.code, "append", path);
      },
    );
  }

  #writing<T>(operation: string, path: string, work: () => T): T {
    return this.#host.pass({ operation, detail: basename(path) }, work, (effect) => {
      if (effect.kind !== "error") return work();
      throw systemError(effect.code, operation, path);
    });
  }

  #reading<T>(operation: string, path: string, work: () => T): T {
    return this.#host.pass({ operation, detail: basename(path) }, work, (effect) => {
      if (effect.kind !== "error" || effect.code !== "EIO") return work();
      throw systemError("EIO", operation, path);
    });
  }

  #synchronising(operation: string, path: string, work: () => void, drop: () => void): void {
    this.#host.pass({ operation, detail: basename(path) }, work, (effect) => {
      if (effect.kind === "lie") return;
      if (effect.kind !== "error" || effect.code !== "EIO") {
        work();
        return;
      }
      drop();
      throw systemError("EIO", operation, path);
    });
  }
}

function readAt(descriptor: number, position: number, bytes: number): Buffer {
  // Files are small, and asked for in large pieces.
  const room = Math.max(0, Math.min(bytes, fstatSync(descriptor).size - position));
  const buffer = Buffer.allocUnsafe(room);
  let filled = 0;
  while (filled < room) {
    const count = readSync(descriptor, buffer, filled, room - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return buffer.subarray(0, filled);
}
