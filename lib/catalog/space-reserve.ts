// SPDX-License-Identifier: Apache-2.0
/**
 * Disk space kept back for the temporary catalog: a file that is removed when the disk is full, so that the job can
 * still reach a checkpoint and stop in order. (Node.js has no fallocate; a file of zeros holds the space as well.)
 */
import { join } from "node:path";
import { CatalogError } from "../errors.ts";
import { appendSome } from "./append-all.ts";
import { mebibytes } from "./disk-fault.ts";
import type { FileSystem } from "./environment.ts";

const pieceBytes = 1024 * 1024;

export class SpaceReserve {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly bytes: number;
  #held = false;

  constructor(fileSystem: FileSystem, folder: string, bytes: number) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.bytes = bytes;
  }

  /** @throws CatalogError where the disk has not even the reserve; nothing is left behind then. */
  async take(): Promise<void> {
    await this.#fileSystem.remove(this.#path);
    if (this.bytes === 0) return;
    const free = await this.#fileSystem.freeBytes(this.#folder);
    if (free < BigInt(this.bytes)) throw diskFull(this.#folder, free, this.bytes);
    const file = await this.#fileSystem.create(this.#path);
    try {
      const zeros = Buffer.alloc(Math.min(pieceBytes, this.bytes));
      for (let written = 0; written < this.bytes;) {
        written += await appendSome(file, zeros.subarray(0, Math.min(zeros.length, this.bytes - written)));
      }
      this.#held = true;
    } catch (cause) {
      await this.#fileSystem.remove(this.#path);
      throw diskFull(this.#folder, free, this.bytes, cause);
    } finally {
      await file.close();
    }
  }

  /** Gives the space free. @returns false where none was held. */
  async release(): Promise<boolean> {
    const held = this.#held;
    this.#held = false;
    await this.#fileSystem.remove(this.#path);
    return held;
  }

  get #path(): string {
    return join(this.#folder, "reserve");
  }
}

function diskFull(folder: string, free: bigint, wanted: number, cause?: unknown): CatalogError {
  return new CatalogError(
    `the disk that holds the temporary catalog (${folder}) has ${mebibytes(free)} free, ` +
      `at least ${mebibytes(wanted)} is needed: make room there and run the command again`,
    { code: "ERR_TAPE_CATALOG_FULL", cause },
  );
}
