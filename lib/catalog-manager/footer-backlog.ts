// SPDX-License-Identifier: Apache-2.0
/**
 * The records that the next segment footer will hold: those appended since the last footer. They are in the
 * temporary catalog anyway; here they are remembered by frame, and kept in memory only while they are few.
 * Frames may come while a footer is being written: they belong to the one after it.
 */
import { decodeRecords, encodeRecord } from "../catalog/persistent-record.ts";
import type { PersistentRecord } from "../catalog/persistent-record.ts";
import { SievedPass, wholeRecords } from "../catalog/record-sieve.ts";
import type { RecordSieve, RecordVisitor, WholeContainer } from "../catalog/record-sieve.ts";
import type { TemporaryCatalogReader } from "../catalog/temporary-catalog-reader.ts";

/** Above this the frames are read back from disk instead. */
const keptBytesMaximum = 16 * 1024 * 1024;

/** Frames of earlier epochs whose records no footer holds; of them, what a truncation left. */
export interface InheritedFrames {
  readonly afterSequence: bigint;
  readonly throughSequence: bigint;
  readonly isLive: (record: PersistentRecord) => boolean;
  /** What ends there or before is live. */
  readonly boundary: bigint;
  readonly newSieve: () => RecordSieve;
}

/** What one footer holds; it does not grow any more. */
export interface FooterContent {
  /** Payloads in order of appending; may be run through more than once. */
  payloads(): AsyncGenerator<Uint8Array>;
}

interface Frame {
  readonly sequence: bigint;
  readonly bytes: number;
}

export class FooterBacklog {
  readonly #reader: TemporaryCatalogReader;
  #inherited: InheritedFrames | undefined;
  #frames: Frame[] = [];
  /** Payloads of the frames, one for each. */
  #kept: Uint8Array[] | undefined = [];
  #bytes = 0n;
  #held = 0;

  constructor(reader: TemporaryCatalogReader, inherited?: InheritedFrames) {
    this.#reader = reader;
    this.#inherited = inherited;
  }

  /** Bytes of this epoch's records. */
  get bytes(): bigint {
    return this.#bytes;
  }

  add(sequence: bigint, payload: Uint8Array): void {
    this.#frames.push({ sequence, bytes: payload.byteLength });
    this.#bytes += BigInt(payload.byteLength);
    if (this.#bytes > BigInt(keptBytesMaximum)) this.#kept = undefined;
    this.#kept?.push(payload);
  }

  /** All that was added up to now, for a footer. */
  hold(): FooterContent {
    this.#held = this.#frames.length;
    const kept = this.#kept?.slice();
    const sequences = new Set(this.#frames.map(({ sequence }) => sequence));
    const inherited = this.#inherited;
    return { payloads: () => this.#payloads(inherited, kept, sequences) };
  }

  /** What was held last is on tape. */
  release(): void {
    const released = this.#frames.slice(0, this.#held);
    this.#inherited = undefined;
    this.#frames = this.#frames.slice(this.#held);
    this.#kept = this.#frames.length === 0 ? [] : this.#kept?.slice(this.#held);
    this.#bytes = released.reduce((left, { bytes }) => left - BigInt(bytes), this.#bytes);
    this.#held = 0;
  }

  async *#payloads(
    inherited: InheritedFrames | undefined,
    kept: readonly Uint8Array[] | undefined,
    sequences: ReadonlySet<bigint>,
  ): AsyncGenerator<Uint8Array> {
    if (inherited !== undefined) yield* this.#inheritedPayloads(inherited);
    if (kept !== undefined) {
      yield* kept;
      return;
    }
    for await (const frame of this.#reader.frames()) {
      if (sequences.has(frame.sequence)) yield frame.payload;
    }
  }

  async *#inheritedPayloads(inherited: InheritedFrames): AsyncGenerator<Uint8Array> {
    const live = new LiveRecords(inherited);
    const pass = new SievedPass(inherited.newSieve(), live);
    for await (const part of this.#reader.journal()) {
      const { sequence } = part.frame;
      if (sequence <= inherited.afterSequence) continue;
      if (sequence > inherited.throughSequence) break;
      pass.take(part);
      yield* live.taken();
    }
    pass.finish();
    yield* live.taken();
  }
}

/** Encoded, in the order in which the sieve lets them go. */
class LiveRecords implements RecordVisitor {
  readonly #inherited: InheritedFrames;
  #encoded: Uint8Array[] = [];

  constructor(inherited: InheritedFrames) {
    this.#inherited = inherited;
  }

  apply(record: PersistentRecord): void {
    if (this.#inherited.isLive(record)) this.#encoded.push(encodeRecord(record));
  }

  applyWhole({ close, endOffset, records }: WholeContainer): void {
    if (endOffset <= this.#inherited.boundary) this.#encoded.push(records);
    else for (const record of decodeRecords(records, wholeRecords)) this.apply(record);
    for (const record of decodeRecords(close, wholeRecords)) this.apply(record);
  }

  *taken(): Generator<Uint8Array> {
    if (this.#encoded.length > 0) yield Buffer.concat(this.#encoded);
    this.#encoded = [];
  }
}
