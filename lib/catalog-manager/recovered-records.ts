// SPDX-License-Identifier: Apache-2.0
/**
 * Records that a damaged temporary catalog has lost and the tape has given back, until the next start takes them in: in
 * a file of its own, for they may be more than the memory holds. Nothing depends on it: a later look at the tape makes it
 * anew.
 */
import { join } from "node:path";
import { appendAll } from "../catalog/append-all.ts";
import { onDisk } from "../catalog/disk-fault.ts";
import type { AppendFile, FileSystem } from "../catalog/environment.ts";
import { encodeFrame, nonceBytes } from "../catalog/frame.ts";
import { FrameScanner } from "../catalog/frame-scanner.ts";
import { decodeRecords, encodeRecords } from "../catalog/persistent-record.ts";
import type { PersistentRecord } from "../catalog/persistent-record.ts";
import type { JournalPart } from "../catalog/record-sieve.ts";
import { CatalogError } from "../errors.ts";

const noNonce = Buffer.alloc(nonceBytes);

export class RecoveredRecords {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #path: string;
  #file: AppendFile | undefined;
  /** Frames in the file: all of them, and those about which it is decided. */
  #written = 0;
  #decided = 0;
  /** Numbers of those that count. */
  #accepted: number[] = [];

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
    this.#path = join(folder, "recovered-records");
  }

  /** They count from {@link accept} on. */
  async append(records: readonly PersistentRecord[]): Promise<void> {
    const header = { sequence: BigInt(this.#written + 1), epoch: 0, nonce: noNonce, previousCrc: 0, synchronised: 0n };
    await onDisk(this.#folder, "write what the tape gave back for", async () => {
      this.#file ??= await this.#create();
      await appendAll(this.#file, encodeFrame(header, encodeRecords(records)).bytes);
    });
    this.#written += 1;
  }

  /** What was appended since the last decision counts. @returns all of that */
  accept(): AsyncGenerator<readonly PersistentRecord[]> {
    const numbers: number[] = [];
    for (let number = this.#decided; number < this.#written; number += 1) numbers.push(number);
    this.#decided = this.#written;
    this.#accepted = [...this.#accepted, ...numbers];
    return this.#records(numbers);
  }

  /** It does not count. */
  reject(): void {
    this.#decided = this.#written;
  }

  /** What counts, in order; may be run through more than once. */
  async *journal(): AsyncGenerator<JournalPart> {
    for await (const payload of this.payloads()) yield { payload, where: this.#path };
  }

  payloads(): AsyncGenerator<Uint8Array> {
    return this.#payloads(this.#accepted);
  }

  /** Nothing of it is needed any more. */
  async remove(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#written = 0;
    this.#decided = 0;
    this.#accepted = [];
    await file?.close().catch(() => undefined);
    if (file !== undefined) await this.#fileSystem.remove(this.#path).catch(() => undefined);
  }

  async *#payloads(numbers: readonly number[]): AsyncGenerator<Uint8Array> {
    const wanted = new Set(numbers);
    if (wanted.size === 0) return;
    const file = await this.#fileSystem.open(this.#path);
    if (file === undefined) throw new CatalogError(`${this.#path} vanished`, { code: "ERR_TAPE_CATALOG_IO" });
    try {
      const last = numbers.at(-1) ?? 0;
      const scanner = new FrameScanner(file);
      for (let number = 0; number <= last; number += 1) {
        const frame = await scanner.next();
        if (frame === undefined)
          throw new CatalogError(`${this.#path} cannot be read back`, { code: "ERR_TAPE_CATALOG_IO" });
        if (wanted.has(number)) yield frame.payload;
      }
    } finally {
      await file.close();
    }
  }

  async *#records(numbers: readonly number[]): AsyncGenerator<readonly PersistentRecord[]> {
    for await (const payload of this.#payloads(numbers)) yield decodeRecords(payload, this.#path);
  }

  async #create(): Promise<AppendFile> {
    // Of a process that ended meanwhile.
    await this.#fileSystem.remove(this.#path);
    return this.#fileSystem.create(this.#path);
  }
}
