// SPDX-License-Identifier: Apache-2.0
/**
 * The records that the next segment footer will hold: those appended since the last footer. They are in the
 * temporary catalog anyway; here they are remembered by frame, and kept in memory only while they are few.
 */
import { encodeRecord } from "../catalog/persistent-record.ts";
import type { PersistentRecord } from "../catalog/persistent-record.ts";
import type { TemporaryCatalogReader } from "../catalog/temporary-catalog-reader.ts";

/** Above this the frames are read back from disk instead. */
const keptBytesMaximum = 16 * 1024 * 1024;

/** Frames of earlier epochs whose records no footer holds; of them, what a truncation left. */
export interface InheritedFrames {
  readonly afterSequence: bigint;
  readonly throughSequence: bigint;
  readonly isLive: (record: PersistentRecord) => boolean;
}

export class FooterBacklog {
  readonly #reader: TemporaryCatalogReader;
  readonly #inherited: InheritedFrames | undefined;
  readonly #sequences = new Set<bigint>();
  #kept: Uint8Array[] | undefined = [];
  #bytes = 0n;

  constructor(reader: TemporaryCatalogReader, inherited?: InheritedFrames) {
    this.#reader = reader;
    this.#inherited = inherited;
  }

  /** Bytes of this epoch's records. */
  get bytes(): bigint {
    return this.#bytes;
  }

  add(sequence: bigint, payload: Uint8Array): void {
    this.#sequences.add(sequence);
    this.#bytes += BigInt(payload.byteLength);
    if (this.#bytes > BigInt(keptBytesMaximum)) this.#kept = undefined;
    this.#kept?.push(payload);
  }

  /** Payloads in order of appending; may be run through more than once. */
  async *payloads(): AsyncGenerator<Uint8Array> {
    if (this.#inherited !== undefined) yield* this.#inheritedPayloads(this.#inherited);
    if (this.#kept !== undefined) {
      yield* this.#kept;
      return;
    }
    for await (const frame of this.#reader.frames()) {
      if (this.#sequences.has(frame.sequence)) yield frame.payload;
    }
  }

  async *#inheritedPayloads({ afterSequence, throughSequence, isLive }: InheritedFrames): AsyncGenerator<Uint8Array> {
    for await (const { frame, records } of this.#reader.records()) {
      if (frame.sequence <= afterSequence) continue;
      if (frame.sequence > throughSequence) return;
      const live = records.filter(isLive);
      if (live.length > 0) yield Buffer.concat(live.map(encodeRecord));
    }
  }
}
