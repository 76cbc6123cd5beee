// SPDX-License-Identifier: Apache-2.0
/**
 * A file system in memory with the faults that matter: what was not synchronised can be lost, names too; writes can
 * be short; any call can fail once.
 */
import { dirname } from "node:path";
import type { FileSystem } from "../../../lib/catalog/environment.ts";

interface Content {
  bytes: Buffer;
  /** What of `bytes` survives a power failure for sure. */
  durable: number;
  nameIsDurable: boolean;
}

export class MemoryFileSystem implements FileSystem {
  readonly files = new Map<string, Content>();
  free = 1n << 40n;
  /** Writes take at most so many bytes. */
  writeMaximum = Infinity;
  /** Writes take nothing and report no error. */
  takesNothing = false;
  /** Called before each operation; throws to make it fail. */
  before: (operation: string, path: string) => void = () => undefined;

  async create(path: string) {
    this.before("create", path);
    if (this.files.has(path)) throw failure("EEXIST");
    const content: Content = { bytes: Buffer.alloc(0), durable: 0, nameIsDurable: false };
    this.files.set(path, content);
    return {
      append: async (bytes: Uint8Array): Promise<number> => {
        this.before("append", path);
        if (this.takesNothing) return 0;
        const count = Math.min(bytes.length, this.writeMaximum, Number(this.free));
        if (count === 0) throw failure("ENOSPC");
        this.free -= BigInt(count);
        content.bytes = Buffer.concat([content.bytes, bytes.subarray(0, count)]);
        return count;
      },
      synchronise: async (): Promise<void> => {
        this.before("synchronise", path);
        content.durable = content.bytes.length;
      },
      close: async (): Promise<void> => this.before("close", path),
    };
  }

  async open(path: string) {
    this.before("open", path);
    const content = this.files.get(path);
    if (content === undefined) return undefined;
    return {
      sizeBytes: content.bytes.length,
      readAt: async (position: number, bytes: number): Promise<Buffer> => {
        this.before("readAt", path);
        return Buffer.from(content.bytes.subarray(position, position + bytes));
      },
      synchronise: async (): Promise<void> => {
        this.before("synchronise", path);
        content.durable = content.bytes.length;
      },
      close: async (): Promise<void> => undefined,
    };
  }

  async makeFolder(path: string): Promise<void> {
    this.before("makeFolder", path);
  }

  async list(path: string): Promise<string[]> {
    return [...this.files.keys()]
      .filter((file) => dirname(file) === path)
      .map((file) => file.slice(path.length + 1))
      .sort();
  }

  async synchroniseFolder(path: string): Promise<void> {
    this.before("synchroniseFolder", path);
    for (const [file, content] of this.files) if (dirname(file) === path) content.nameIsDurable = true;
  }

  async rename(from: string, to: string): Promise<void> {
    this.before("rename", to);
    const content = this.files.get(from);
    if (content === undefined) throw failure("ENOENT");
    this.files.delete(from);
    this.files.set(to, { ...content, nameIsDurable: false });
  }

  async remove(path: string): Promise<void> {
    this.before("remove", path);
    const content = this.files.get(path);
    if (content !== undefined) this.free += BigInt(content.bytes.length);
    this.files.delete(path);
  }

  async removeFolder(path: string): Promise<void> {
    this.before("removeFolder", path);
    if ((await this.list(path)).length > 0) throw failure("ENOTEMPTY");
  }

  async freeBytes(): Promise<bigint> {
    return this.free;
  }

  /** Power failure: unsynchronised names and bytes are gone. */
  crash(): void {
    for (const [path, content] of this.files) {
      if (!content.nameIsDurable) this.files.delete(path);
      else content.bytes = content.bytes.subarray(0, content.durable);
    }
  }

  copy(): MemoryFileSystem {
    const copy = new MemoryFileSystem();
    for (const [path, content] of this.files) copy.files.set(path, { ...content, bytes: Buffer.from(content.bytes) });
    return copy;
  }
}

export function failure(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code });
}
