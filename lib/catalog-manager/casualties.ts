// SPDX-License-Identifier: Apache-2.0
/** Objects that were recorded as written, and whose place behind a boundary does not count (fault catalogue, W4). */
import type { ObjectRecord, PersistentRecord } from "../catalog/persistent-record.ts";
import type { Casualties } from "../protocol/catalog-manager.ts";

/** People read these. */
const namesMax = 1000;

/** One pass over the records; in memory is what ends behind the boundary, and the containers that are open. */
export async function casualtiesPast(
  records: AsyncIterable<readonly PersistentRecord[]>,
  boundary: bigint,
): Promise<Casualties> {
  const containers = new Map<number, Buffer>();
  let behind: { readonly endOffset: bigint; readonly path?: Buffer }[] = [];
  for await (const frame of records) {
    for (const record of frame) {
      if (record.type === "containerOpen") containers.set(record.containerId, record.path);
      else if (record.type === "containerClose") containers.delete(record.containerId);
      // What an earlier resume has voided was named then.
      else if (record.type === "truncate") behind = behind.filter(({ endOffset }) => endOffset <= record.streamOffset);
      else if (record.type === "object" && record.endOffset > boundary && isWritten(record)) {
        const container = behind.length < namesMax ? containers.get(record.containerId) : undefined;
        const path = container === undefined ? {} : { path: Buffer.concat([container, record.name]) };
        behind.push({ endOffset: record.endOffset, ...path });
      }
    }
  }
  return { count: BigInt(behind.length), paths: behind.flatMap(({ path }) => path ?? []) };
}

/** Of one that could not be opened there is a record, and nothing on tape. */
function isWritten({ headerOffset, endOffset }: ObjectRecord): boolean {
  return endOffset > headerOffset;
}
