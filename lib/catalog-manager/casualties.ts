// SPDX-License-Identifier: Apache-2.0
/** Objects that were recorded as written, and whose place behind a boundary does not count (fault catalogue, W4). */
import { decodeRecords } from "../catalog/persistent-record.ts";
import type { ObjectRecord, PersistentRecord } from "../catalog/persistent-record.ts";
import { visitJournal, wholeRecords } from "../catalog/record-sieve.ts";
import type { JournalPart, RecordSieve, RecordVisitor, WholeContainer } from "../catalog/record-sieve.ts";
import type { Casualties } from "../protocol/catalog-manager.ts";

/** People read these. */
const namesMax = 1000;

/** One pass over the records; in memory is what ends behind the boundary, and the containers that are open. */
export async function casualtiesPast(
  journal: AsyncIterable<JournalPart> | Iterable<JournalPart>,
  sieve: RecordSieve,
  boundary: bigint,
): Promise<Casualties> {
  const found = new Finder(boundary);
  await visitJournal(journal, sieve, found);
  return found.casualties();
}

class Finder implements RecordVisitor {
  readonly #boundary: bigint;
  readonly #containers = new Map<number, Buffer>();
  #behind: { readonly endOffset: bigint; readonly path?: Buffer }[] = [];

  constructor(boundary: bigint) {
    this.#boundary = boundary;
  }

  apply(record: PersistentRecord): void {
    if (record.type === "containerOpen") this.#containers.set(record.containerId, record.path);
    else if (record.type === "containerClose") this.#containers.delete(record.containerId);
    // What an earlier resume has voided was named then.
    else if (record.type === "truncate")
      this.#behind = this.#behind.filter(({ endOffset }) => endOffset <= record.streamOffset);
    else if (record.type === "object" && record.endOffset > this.#boundary && isWritten(record)) {
      const container = this.#behind.length < namesMax ? this.#containers.get(record.containerId) : undefined;
      const path = container === undefined ? {} : { path: Buffer.concat([container, record.name]) };
      this.#behind.push({ endOffset: record.endOffset, ...path });
    }
  }

  applyWhole({ close, endOffset, records }: WholeContainer): void {
    if (endOffset > this.#boundary) for (const record of decodeRecords(records, wholeRecords)) this.apply(record);
    for (const record of decodeRecords(close, wholeRecords)) this.apply(record);
  }

  casualties(): Casualties {
    return { count: BigInt(this.#behind.length), paths: this.#behind.flatMap(({ path }) => path ?? []) };
  }
}

/** Of one that could not be opened there is a record, and nothing on tape. */
function isWritten({ headerOffset, endOffset }: ObjectRecord): boolean {
  return endOffset > headerOffset;
}
