// SPDX-License-Identifier: Apache-2.0
/**
 * Reads a job's temporary catalog: numbered files of frames. Every start opens a new file, whose first frame names
 * (by sequence number and CRC) the frame that it follows; so a torn tail stays where it is, as evidence, and is
 * simply not followed. Reading stops at the first frame that is not whole or does not follow, whatever stands
 * behind it: pages of an unsynchronised tail reach the disk in any order.
 */
import { join } from "node:path";
import { CatalogError } from "../errors.ts";
import { diskFault, onDisk } from "./disk-fault.ts";
import type { FileSystem, ReadFile } from "./environment.ts";
import { follows } from "./frame.ts";
import type { Frame } from "./frame.ts";
import { FrameScanner } from "./frame-scanner.ts";
import { decodeRecords } from "./persistent-record.ts";
import type { PersistentRecord, VolumeLostRecord } from "./persistent-record.ts";

import type { JournalPart } from "./record-sieve.ts";

/** Frames that had been on the disk for sure are lost or unreadable: a later one testifies to them. */
export interface CatalogDamage {
  /** Where reading stopped. */
  readonly file: string;
  readonly position: number;
  /** The first frame that is missing. */
  readonly sequence: bigint;
  /** The highest epoch of the frames behind. */
  readonly epoch: number;
}

export interface CatalogSummary {
  /** Frames with records. */
  readonly frames: number;
  readonly bytes: bigint;
  /** The last of them in the valid prefix. */
  readonly last: Pick<Frame, "sequence" | "crc" | "epoch" | "nonce"> | undefined;
  /** Up to this one the frames themselves testify that they are on the disk. */
  readonly provedSequence: bigint;
  readonly damage: CatalogDamage | undefined;
}

/** Of a job of which nothing is recorded. */
export const emptySummary: CatalogSummary = {
  frames: 0,
  bytes: 0n,
  last: undefined,
  provedSequence: 0n,
  damage: undefined,
};

export interface FrameOfRecords {
  readonly frame: Frame;
  readonly records: readonly PersistentRecord[];
}

interface CatalogFile {
  readonly path: string;
  /** When it was found: where the job is being written it grows. */
  readonly sizeBytes: number;
  readonly first: Frame | undefined;
  /** The last sequence number that counts in this file: a later file goes on behind it. */
  readonly limit: bigint;
}

/** A file, and where reading stopped in it. */
interface Stop extends Pick<CatalogFile, "path" | "sizeBytes" | "limit"> {
  position: number;
}

const filePattern = /^catalog-([0-9]{6})\.tmc$/;
const lostPattern = /^volume-lost-([0-9]{6})\.tmc$/;

const emptyPayload = Buffer.alloc(0);

export function catalogFileName(number: number): string {
  return `catalog-${String(number).padStart(6, "0")}.tmc`;
}

export function volumeLostFileName(number: number): string {
  return `volume-lost-${String(number).padStart(6, "0")}.tmc`;
}

/** Numbers of the files of either kind in a job's folder. */
export async function fileNumbers(
  fileSystem: FileSystem,
  folder: string,
  kind: "catalog" | "volumeLost",
): Promise<number[]> {
  const pattern = kind === "catalog" ? filePattern : lostPattern;
  return (await fileSystem.list(folder)).flatMap((name) => {
    const match = pattern.exec(name);
    return match === null ? [] : [Number(match[1])];
  });
}

export class TemporaryCatalogReader {
  readonly #fileSystem: FileSystem;
  readonly #folder: string;

  constructor(fileSystem: FileSystem, folder: string) {
    this.#fileSystem = fileSystem;
    this.#folder = folder;
  }

  /** The valid prefix. May be called again for another pass. */
  async *frames(): AsyncGenerator<Frame> {
    try {
      yield* this.#read();
    } catch (cause) {
      throw diskFault(this.#folder, "read", cause);
    }
  }

  /** The valid prefix, decoded. @throws CatalogError where a whole frame holds a malformed record. */
  async *records(): AsyncGenerator<FrameOfRecords> {
    for await (const { frame, payload, where } of this.journal()) {
      yield { frame, records: decodeRecords(payload, where) };
    }
  }

  /** The valid prefix, for a pass over its records. */
  async *journal(): AsyncGenerator<JournalPart & { readonly frame: Frame }> {
    for await (const frame of this.frames()) {
      yield { frame, payload: frame.payload, where: `frame ${frame.sequence} of ${this.#folder}` };
    }
  }

  /** Reads everything once: how far the valid prefix goes, and whether anything synchronised is missing behind it. */
  summary(): Promise<CatalogSummary> {
    return onDisk(this.#folder, "read", () => this.#summary());
  }

  async #summary(): Promise<CatalogSummary> {
    let { frames, bytes, last, provedSequence } = emptySummary;
    const steps = this.#read();
    for (;;) {
      const { done, value } = await steps.next();
      if (done === true) {
        const damage = await this.#damageBehind((last?.sequence ?? 0n) + 1n, value);
        return { frames, bytes, last, provedSequence, damage };
      }
      provedSequence = value.synchronised;
      // It only testifies; the next start's first frame takes its place.
      if (value.payload.length === 0) continue;
      frames += 1;
      bytes += BigInt(value.frameBytes);
      last = { sequence: value.sequence, crc: value.crc, epoch: value.epoch, nonce: Buffer.from(value.nonce) };
    }
  }

  /** VOLUME_LOST records of the second file, each with the epoch that wrote it. */
  volumesLost(): Promise<readonly { readonly record: VolumeLostRecord; readonly epoch: number }[]> {
    return onDisk(this.#folder, "read", () => this.#volumesLost());
  }

  async #volumesLost(): Promise<readonly { readonly record: VolumeLostRecord; readonly epoch: number }[]> {
    const lost: { record: VolumeLostRecord; epoch: number }[] = [];
    for (const number of await fileNumbers(this.#fileSystem, this.#folder, "volumeLost")) {
      const path = join(this.#folder, volumeLostFileName(number));
      const frame = await this.#withFile(path, (file) => new FrameScanner(file).next());
      // A file without a whole frame was never acted upon: it is synchronised before anything else is done.
      if (frame === undefined) continue;
      for (const record of decodeRecords(frame.payload, path)) {
        if (record.type === "volumeLost") lost.push({ record, epoch: frame.epoch });
      }
    }
    return lost;
  }

  /** Returns where reading stopped in each file. */
  async *#read(): AsyncGenerator<Frame, readonly Stop[]> {
    const stops: Stop[] = [];
    let last: Frame | undefined;
    for (const { path, sizeBytes, first, limit } of await this.#files()) {
      const stop: Stop = { path, sizeBytes, limit, position: 0 };
      stops.push(stop);
      // A file whose first frame is not whole died with its start; one that does not follow is not reached.
      if (first === undefined || !follows(first, last)) continue;
      const file = await this.#opened(path);
      try {
        const scanner = new FrameScanner(file);
        for (;;) {
          const frame = await scanner.next();
          if (frame === undefined || frame.sequence > limit || !follows(frame, last)) break;
          last = { ...frame, payload: emptyPayload };
          yield frame;
        }
        stop.position = scanner.position;
      } finally {
        await file.close();
      }
    }
    return stops;
  }

  async #files(): Promise<CatalogFile[]> {
    const numbers = await fileNumbers(this.#fileSystem, this.#folder, "catalog");
    const files: CatalogFile[] = [];
    let limit = 2n ** 64n;
    for (const number of numbers.reverse()) {
      const path = join(this.#folder, catalogFileName(number));
      const { first, sizeBytes } = await this.#withFile(path, async (file) => ({
        first: await new FrameScanner(file).next(),
        sizeBytes: file.sizeBytes,
      }));
      files.push({ path, sizeBytes, first, limit });
      if (first !== undefined && first.sequence - 1n < limit) limit = first.sequence - 1n;
    }
    return files.reverse();
  }

  /** Looks for whole frames behind the end of the valid prefix that testify to one which is missing. */
  async #damageBehind(missing: bigint, stops: readonly Stop[]): Promise<CatalogDamage | undefined> {
    let damage: CatalogDamage | undefined;
    for (const { path, sizeBytes, limit, position } of stops) {
      await this.#withFile(path, async (file) => {
        const scanner = new FrameScanner(file, position);
        for (;;) {
          const frame = await scanner.nextWhole();
          // What was appended meanwhile testifies to what was appended with it, and nothing of that is missing.
          if (frame === undefined || scanner.position > sizeBytes) return;
          if (frame.sequence > limit || frame.synchronised < missing) continue;
          damage ??= { file: path, position, sequence: missing, epoch: frame.epoch };
          damage = { ...damage, epoch: Math.max(damage.epoch, frame.epoch) };
        }
      });
    }
    return damage;
  }

  async #withFile<T>(path: string, use: (file: ReadFile) => Promise<T>): Promise<T> {
    const file = await this.#opened(path);
    try {
      return await use(file);
    } finally {
      await file.close();
    }
  }

  async #opened(path: string): Promise<ReadFile> {
    const file = await this.#fileSystem.open(path);
    if (file === undefined) {
      throw new CatalogError(`${path} vanished while the temporary catalog was read`, { code: "ERR_TAPE_CATALOG_IO" });
    }
    return file;
  }
}
