// SPDX-License-Identifier: Apache-2.0
/**
 * The temporary catalog of one job, being written: frames of persistent records appended in order, synchronised at
 * checkpoints. What was written is never written over, and no file is written again that another start, or a failed
 * call, left behind: each start goes on in a new file behind the last frame that is surely on the disk.
 */
import { dirname, join } from "node:path";
import { CatalogError } from "../errors.ts";
import { appendAll, appendSome } from "./append-all.ts";
import { defaultReserveBytes, diskFault, isFull, onDisk } from "./disk-fault.ts";
import type { AppendFile, FileSystem } from "./environment.ts";
import { encodeFrame } from "./frame.ts";
import { SpaceReserve } from "./space-reserve.ts";
import { catalogFileName, fileNumbers, TemporaryCatalogReader } from "./temporary-catalog-reader.ts";
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
  /** The disk is full and the reserve, of so many bytes, is being used up: checkpoint, and stop. */
  readonly onSpaceLow?: (reserveBytes: number) => void;
}

/** A frame's place in the chain. */
interface Place {
  readonly sequence: bigint;
  readonly crc: number;
}

const nothing = Buffer.alloc(0);

/** Where the first frame of a job follows. */
const beginning: Place = { sequence: 0n, crc: 0 };

export class TemporaryCatalog {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;
  readonly #origin: FrameOrigin;
  readonly #reserve: SpaceReserve;
  readonly #onSpaceLow: (reserveBytes: number) => void;
  #last: Place;
  #synchronised: Place;
  #file: AppendFile | undefined;
  #fileIsNew = false;
  #failure: Error | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  private constructor(options: TemporaryCatalogOptions, reserve: SpaceReserve, last: Place) {
    this.#fileSystem = options.fileSystem;
    this.#folder = options.folder;
    this.#origin = options.origin;
    this.#reserve = reserve;
    this.#onSpaceLow = options.onSpaceLow ?? ((): void => undefined);
    this.#last = last;
    this.#synchronised = last;
  }

  /**
   * Goes on behind the valid prefix that `summary` describes (of a new job: nothing) with a start's first frame, which
   * is on the disk when it resolves. What of the prefix no synchronisation has answered for may be in memory only, and
   * an fsync that failed once says "yes" to lost pages the next time (H5): it is copied in front of that frame. The file
   * gets its name when all of it is on the disk, so the start has happened as a whole or not at all (*).
   * @param recovered Records that had been lost, for frames of their own in front of it: they count with it, or not at all.
   * @throws CatalogError where the disk has not even the reserve
   */
  static async start(
    options: TemporaryCatalogOptions,
    summary: CatalogSummary,
    payload: Uint8Array,
    recovered: AsyncIterable<Uint8Array> | Iterable<Uint8Array> = [],
  ): Promise<TemporaryCatalog> {
    const { fileSystem, folder, origin } = options;
    return onDisk(folder, "begin", async () => {
      await fileSystem.makeFolder(folder);
      await fileSystem.synchroniseFolder(dirname(folder));
      const reserve = new SpaceReserve(fileSystem, folder, options.reserveBytes ?? defaultReserveBytes);
      await reserve.take();
      try {
        // They are on the disk together, and testify to what was there before them.
        const before = summary.last ?? beginning;
        let last = before;
        const next = (each: Uint8Array): Buffer => {
          const { bytes, place } = frameBehind(last, { ...origin, synchronised: before.sequence }, each);
          last = place;
          return bytes;
        };
        const frames = async function* (): AsyncGenerator<Buffer> {
          yield* unproved(fileSystem, folder, summary);
          for await (const each of recovered) yield next(each);
          yield next(payload);
        };
        await writeWhole(fileSystem, folder, frames());
        return new TemporaryCatalog(options, reserve, last);
      } catch (error) {
        await reserve.release().catch(() => undefined);
        throw error;
      }
    });
  }

  reader(): TemporaryCatalogReader {
    return new TemporaryCatalogReader(this.#fileSystem, this.#folder);
  }

  /**
   * Appends a frame of persistent records. Calls are carried out in order; none is lost between two calls.
   * @returns the frame's sequence number.
   * @throws CatalogError when it cannot be written; all later calls fail too.
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

  /** Gives the reserve's space free: what is left to do is little, and needs it. */
  releaseReserve(): Promise<void> {
    return this.#enqueue(() =>
      onDisk(this.#folder, "free the reserve of", async () => void (await this.#reserve.release())),
    );
  }

  /**
   * Gives reserve and file free. Not a checkpoint: nothing that counts depends on how it ends. One empty frame behind a
   * synchronised end testifies to it, so that damage in what was appended last can be told from a lost tail.
   */
  async close(): Promise<void> {
    await this.#queue;
    if (this.#file !== undefined && this.#failure === undefined && this.#last === this.#synchronised)
      await this.#appendNow(nothing).catch(() => undefined);
    await this.#file?.close().catch(() => undefined);
    this.#file = undefined;
    this.#failure = new CatalogError(`the temporary catalog ${this.#folder} is closed`);
    await this.#reserve.release().catch(() => undefined);
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
    const told = { ...this.#origin, synchronised: this.#synchronised.sequence };
    const { bytes, place } = frameBehind(this.#last, told, payload);
    await this.#try("append to", async () => this.#write(await this.#openFile(), bytes));
    this.#last = place;
    return place.sequence;
  }

  async #synchroniseNow(): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    const place = this.#last;
    await this.#try("synchronise", async () => {
      await file.synchronise();
      // A new file's name is part of what must survive.
      if (this.#fileIsNew) await this.#fileSystem.synchroniseFolder(this.#folder);
      this.#fileIsNew = false;
    });
    this.#synchronised = place;
  }

  async #openFile(): Promise<AppendFile> {
    if (this.#file === undefined) {
      this.#file = await this.#fileSystem.create(await nextPath(this.#fileSystem, this.#folder));
      this.#fileIsNew = true;
    }
    return this.#file;
  }

  /** Where the disk is full, the reserve gives way. */
  async #write(file: AppendFile, bytes: Buffer): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      try {
        written += await appendSome(file, bytes.subarray(written));
      } catch (error) {
        if (!isFull(error) || !(await this.#reserve.release())) throw error;
        this.#onSpaceLow(this.#reserve.bytes);
      }
    }
  }

  async #try<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      this.#failure = diskFault(this.#folder, what, cause);
      throw this.#failure;
    }
  }
}

function frameBehind(
  { crc: previousCrc, sequence: before }: Place,
  told: FrameOrigin & { readonly synchronised: bigint },
  payload: Uint8Array,
): { readonly bytes: Buffer; readonly place: Place } {
  const sequence = before + 1n;
  const { bytes, crc } = encodeFrame({ ...told, sequence, previousCrc }, payload);
  return { bytes, place: { sequence, crc } };
}

/** Frames that only the testimony of a later one, which is missing, could prove to be on the disk. */
async function* unproved(fileSystem: FileSystem, folder: string, summary: CatalogSummary): AsyncGenerator<Buffer> {
  if (summary.last === undefined || summary.last.sequence === summary.provedSequence) return;
  for await (const frame of new TemporaryCatalogReader(fileSystem, folder).frames()) {
    if (frame.sequence > summary.provedSequence && frame.payload.length > 0)
      yield encodeFrame(frame, frame.payload).bytes;
  }
}

/** A new catalog file, named once all of it is on the disk. */
async function writeWhole(fileSystem: FileSystem, folder: string, frames: AsyncIterable<Buffer>): Promise<void> {
  const path = await nextPath(fileSystem, folder);
  const unnamed = `${path}.unnamed`;
  // Of a start that ended while it wrote it.
  await fileSystem.remove(unnamed);
  const file = await fileSystem.create(unnamed);
  try {
    for await (const frame of frames) await appendAll(file, frame);
    await file.synchronise();
  } catch (error) {
    await file.close().catch(() => undefined);
    await fileSystem.remove(unnamed).catch(() => undefined);
    throw error;
  }
  await file.close();
  await fileSystem.rename(unnamed, path);
  await fileSystem.synchroniseFolder(folder);
}

async function nextPath(fileSystem: FileSystem, folder: string): Promise<string> {
  const numbers = await fileNumbers(fileSystem, folder, "catalog");
  return join(folder, catalogFileName(Math.max(0, ...numbers) + 1));
}
