// SPDX-License-Identifier: Apache-2.0
/**
 * The temporary catalog of one job, being written: frames of persistent records appended in order, synchronised at
 * checkpoints. What was written is never written over: after a failure, and at every start, a new file goes on
 * behind the last good frame.
 */
import { dirname, join } from "node:path";
import { CatalogError } from "../errors.ts";
import type { AppendFile, FileSystem } from "./environment.ts";
import { encodeFrame } from "./frame.ts";
import { encodeRecord } from "./persistent-record.ts";
import type { VolumeLostRecord } from "./persistent-record.ts";
import { defaultReserveBytes, SpaceReserve } from "./space-reserve.ts";
import {
  catalogFileName,
  fileNumbers,
  TemporaryCatalogReader,
  volumeLostFileName,
} from "./temporary-catalog-reader.ts";
import type { CatalogSummary } from "./temporary-catalog-reader.ts";

/** The start that frames belong to. The nonce is new at every start; an epoch alone can repeat after damage. */
export interface FrameOrigin {
  readonly epoch: number;
  readonly nonce: Buffer;
}

export interface TemporaryCatalogOptions {
  readonly fileSystem: FileSystem;
  readonly folder: string;
  readonly origin: FrameOrigin;
  /** Disk space kept back, see {@link SpaceReserve}. */
  readonly reserveBytes?: number;
}

interface Place {
  readonly sequence: bigint;
  readonly crc: number;
}

export class TemporaryCatalog {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #reserve: SpaceReserve;
  #origin: FrameOrigin;
  #last: Place;
  #synchronised: Place;
  #file: AppendFile | undefined;
  #fileIsNew = false;
  #bytes: bigint;
  #failure: CatalogError | undefined;
  #spaceIsLow = false;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: TemporaryCatalogOptions, summary: CatalogSummary) {
    this.#fileSystem = options.fileSystem;
    this.#folder = options.folder;
    this.#origin = options.origin;
    this.#reserve = new SpaceReserve(options.fileSystem, options.folder, options.reserveBytes ?? defaultReserveBytes);
    this.#last = { sequence: summary.last?.sequence ?? 0n, crc: summary.last?.crc ?? 0 };
    this.#synchronised = this.#last;
    this.#bytes = summary.bytes;
  }

  /** A new job's. @throws CatalogError where the folder holds one already, or the disk is full. */
  static async create(options: TemporaryCatalogOptions): Promise<TemporaryCatalog> {
    const { fileSystem, folder } = options;
    if ((await fileNumbers(fileSystem, folder, "catalog")).length > 0) {
      throw new CatalogError(`${folder} holds the temporary catalog of another job`);
    }
    return guarded(folder, "make", async () => {
      await fileSystem.makeFolder(folder);
      await fileSystem.synchroniseFolder(dirname(folder));
      const catalog = new TemporaryCatalog(options, { frames: 0, bytes: 0n, last: undefined, damage: undefined });
      await catalog.#reserve.take();
      return catalog;
    });
  }

  /**
   * Goes on behind the valid prefix that `summary` describes.
   * What the prefix says may still be only in memory (the process died, the machine did not): it is synchronised
   * first, else a new file could outlive the frames that it follows.
   */
  static async open(options: TemporaryCatalogOptions, summary: CatalogSummary): Promise<TemporaryCatalog> {
    const { fileSystem, folder } = options;
    return guarded(folder, "open", async () => {
      for (const number of await fileNumbers(fileSystem, folder, "catalog")) {
        const file = await fileSystem.open(join(folder, catalogFileName(number)));
        await file?.synchronise();
        await file?.close();
      }
      await fileSystem.synchroniseFolder(folder);
      const catalog = new TemporaryCatalog(options, summary);
      await catalog.#reserve.take();
      return catalog;
    });
  }

  get folder(): string {
    return this.#folder;
  }

  get origin(): FrameOrigin {
    return this.#origin;
  }

  /** Bytes of all frames. */
  get bytes(): bigint {
    return this.#bytes;
  }

  /** The disk is full and the reserve is being used up: checkpoint, and stop. */
  get spaceIsLow(): boolean {
    return this.#spaceIsLow;
  }

  /** Sequence number of the last frame that is surely on the disk. */
  get synchronisedSequence(): bigint {
    return this.#synchronised.sequence;
  }

  reader(): TemporaryCatalogReader {
    return new TemporaryCatalogReader(this.#fileSystem, this.#folder);
  }

  /** Frames appended from now on belong to another start (position-lost procedure). */
  begin(origin: FrameOrigin): void {
    this.#origin = origin;
  }

  /**
   * Appends a frame of persistent records. Calls are carried out in order; none is lost between two calls.
   * @returns the frame's sequence number.
   * @throws CatalogError when it cannot be written; all later calls fail too, until {@link recover}.
   */
  append(payload: Uint8Array): Promise<bigint> {
    return this.#enqueue(() => this.#appendNow(payload));
  }

  /** Every append that was called before has been carried out when it resolves. */
  settled(): Promise<void> {
    return this.#enqueue(() => Promise.resolve());
  }

  /** Everything appended before the call is on the disk when it resolves. */
  synchronise(): Promise<void> {
    return this.#enqueue(() => this.#synchroniseNow());
  }

  /**
   * Keeps it in a file of its own, on the disk when it resolves, before it is appended like every record: forgetting
   * it would let claims on a lost volume come true again.
   */
  keepVolumeLost(record: VolumeLostRecord): Promise<void> {
    return this.#enqueue(async () => {
      const payload = encodeRecord(record);
      const header = {
        sequence: 1n,
        epoch: this.#origin.epoch,
        nonce: this.#origin.nonce,
        previousCrc: 0,
        synchronised: 0n,
      };
      await this.#try("write", async () => {
        const numbers = await fileNumbers(this.#fileSystem, this.#folder, "volumeLost");
        const path = join(this.#folder, volumeLostFileName(Math.max(0, ...numbers) + 1));
        const file = await this.#fileSystem.create(path);
        try {
          await this.#write(file, encodeFrame(header, payload).bytes);
          await file.synchronise();
        } finally {
          await file.close();
        }
        await this.#fileSystem.synchroniseFolder(this.#folder);
      });
    });
  }

  /**
   * After a failed write or fsync nobody knows what of the present file is on the disk, and a second fsync would say
   * "yes" to lost pages. So: a new file behind the last synchronised frame; later frames never were.
   * Whoever folded them must read the catalog again.
   */
  recover(origin: FrameOrigin): Promise<void> {
    const recovered = this.#queue.then(async () => {
      // Closing may fail for the same reason as the write did: what counts is the new file.
      await this.#file?.close().catch(() => undefined);
      this.#file = undefined;
      this.#failure = undefined;
      this.#origin = origin;
      this.#last = this.#synchronised;
    });
    this.#queue = recovered;
    return recovered;
  }

  /** Gives reserve and file free. Not a checkpoint. */
  async close(): Promise<void> {
    await this.#queue;
    await this.#file?.close();
    this.#file = undefined;
    this.#failure = new CatalogError(`the temporary catalog ${this.#folder} is closed`);
    await this.#reserve.release();
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(() => {
      if (this.#failure !== undefined) throw this.#failure;
      return work();
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  async #appendNow(payload: Uint8Array): Promise<bigint> {
    const sequence = this.#last.sequence + 1n;
    const { bytes, crc } = encodeFrame(
      { sequence, ...this.#origin, previousCrc: this.#last.crc, synchronised: this.#synchronised.sequence },
      payload,
    );
    await this.#try("append to", async () => this.#write(await this.#openFile(), bytes));
    this.#last = { sequence, crc };
    this.#bytes += BigInt(bytes.length);
    return sequence;
  }

  async #synchroniseNow(): Promise<void> {
    const place = this.#last;
    if (this.#file === undefined) return;
    await this.#try("synchronise", async () => {
      await this.#file?.synchronise();
      // A new file's name is part of what must survive.
      if (this.#fileIsNew) await this.#fileSystem.synchroniseFolder(this.#folder);
      this.#fileIsNew = false;
    });
    this.#synchronised = place;
  }

  async #openFile(): Promise<AppendFile> {
    if (this.#file === undefined) {
      const numbers = await fileNumbers(this.#fileSystem, this.#folder, "catalog");
      this.#file = await this.#fileSystem.create(join(this.#folder, catalogFileName(Math.max(0, ...numbers) + 1)));
      this.#fileIsNew = true;
    }
    return this.#file;
  }

  /** Writes all of it, short writes and a full disk included. */
  async #write(file: AppendFile, bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      try {
        const count = await file.append(bytes.subarray(written));
        if (count === 0) throw new Error("nothing was written and no error reported");
        written += count;
      } catch (error) {
        if (!isFull(error) || !(await this.#reserve.release())) throw error;
        this.#spaceIsLow = true;
      }
    }
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await guarded(this.#folder, what, work);
    } catch (error) {
      if (error instanceof CatalogError) this.#failure = error;
      throw error;
    }
  }
}

/** Turns what the operating system says into a sentence that says what to do. */
async function guarded<T>(folder: string, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (cause instanceof CatalogError || !(cause instanceof Error)) throw cause;
    const full = isFull(cause);
    throw new CatalogError(
      full
        ? `cannot ${what} the temporary catalog: the disk that holds ${folder} is full. Make room there, then resume the job`
        : `cannot ${what} the temporary catalog in ${folder}: ${cause.message}. Check that disk, then resume the job`,
      { code: full ? "ERR_TAPE_CATALOG_FULL" : "ERR_TAPE_CATALOG_IO", cause },
    );
  }
}

function isFull(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === "ENOSPC" || code === "EDQUOT";
}
