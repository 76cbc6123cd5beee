// SPDX-License-Identifier: Apache-2.0
/**
 * Passes over a journal that spare most of its objects a look of their own: directories that are complete in themselves
 * come as one step each, everything else record by record.
 */
import { CatalogError } from "../errors.ts";
import { decodeRecords } from "./persistent-record.ts";
import type { PersistentRecord } from "./persistent-record.ts";

/** Persistent records that have to be looked at one by one. */
export interface LooseRecords {
  readonly kind: "loose";
  /** A CBOR sequence. */
  readonly records: Buffer;
  /** The number of each among all records of the journal, from 0; missing where the sequence could not be read. */
  readonly ordinals: Uint32Array;
}

/**
 * A container whose records agree with its close: number and hash of its entries are those that the close has, the
 * directory stood still meanwhile, and nothing is in it but objects that were archived well and that no link is or
 * points at. Whether all of that is on tape, the claims know.
 */
export interface WholeContainer {
  readonly kind: "whole";
  readonly containerId: number;
  /** Of its opening and its close; no record that voids others stands between. */
  readonly firstOrdinal: number;
  readonly lastOrdinal: number;
  /** All its members lie between these stream offsets. */
  readonly firstOffset: bigint;
  readonly endOffset: bigint;
  readonly objects: number;
  /** Stream bytes of its members. */
  readonly memberBytes: bigint;
  /** The CONTAINER_CLOSE record. */
  readonly close: Buffer;
  /** The OBJECT records, a CBOR sequence. */
  readonly records: Buffer;
}

/** What holds the records of such a container, for messages. */
export const wholeRecords = "a directory's records";

/** All records come out in their order, but for the objects of a directory: they are held until it is closed. */
export interface RecordSieve {
  take(payload: Uint8Array): readonly (LooseRecords | WholeContainer)[];
  /** What is held still: the journal is over. */
  finish(): readonly (LooseRecords | WholeContainer)[];
}

/** A part of a journal: the records of a frame. */
export interface JournalPart {
  readonly payload: Uint8Array;
  /** What holds it, for messages: `frame 12 of job 17`. */
  readonly where: string;
}

export interface RecordVisitor {
  apply(record: PersistentRecord, ordinal: number): void;
  applyWhole(container: WholeContainer): void;
}

/** @throws CatalogError at the first record that is not exactly as it must be; errors of the journal as they are */
export async function visitJournal(
  journal: AsyncIterable<JournalPart> | Iterable<JournalPart>,
  sieve: RecordSieve,
  visitor: RecordVisitor,
): Promise<void> {
  const pass = new SievedPass(sieve, visitor);
  for await (const part of journal) pass.take(part);
  pass.finish();
}

/** @throws CatalogError at the first record that is not exactly as it must be */
export class SievedPass {
  readonly #sieve: RecordSieve;
  readonly #visitor: RecordVisitor;

  constructor(sieve: RecordSieve, visitor: RecordVisitor) {
    this.#sieve = sieve;
    this.#visitor = visitor;
  }

  take({ payload, where }: JournalPart): void {
    this.#visit(this.#sieve.take(payload), where);
  }

  finish(): void {
    this.#visit(this.#sieve.finish(), "a directory that was not closed");
  }

  #visit(steps: readonly (LooseRecords | WholeContainer)[], where: string): void {
    for (const step of steps) {
      if (step.kind === "whole") this.#visitor.applyWhole(step);
      else this.#visitLoose(step, where);
    }
  }

  #visitLoose({ records: sequence, ordinals }: LooseRecords, where: string): void {
    for (const [index, record] of decodeRecords(sequence, where).entries()) {
      const ordinal = ordinals[index];
      if (ordinal === undefined)
        throw new CatalogError(`malformed persistent records in ${where}: items of indefinite length`, {
          code: "ERR_TAPE_RECORD",
        });
      this.#visitor.apply(record, ordinal);
    }
  }
}
