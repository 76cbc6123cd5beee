// SPDX-License-Identifier: Apache-2.0
/**
 * Digests of a tape volume's records as they were announced before they were written: the only ground on which a
 * block behind the last durable mark may be adopted. Bounded: what lies before the mark before the last is dropped.
 */

export interface LoggedBlocks {
  readonly epoch: number;
  readonly firstBlock: bigint;
  /** Stream offset of the first block's record. */
  readonly streamOffset: bigint;
  /** XXH3-64 each, 8 bytes, big-endian. */
  readonly digests: Buffer;
}

const digestBytes = 8;

export class BlockLog {
  readonly #recordSize: bigint;
  #runs: LoggedBlocks[] = [];

  constructor(recordSizeBytes: number) {
    this.#recordSize = BigInt(recordSizeBytes);
  }

  /** In order of announcement; where two speak of one block, the later one rules. */
  get runs(): readonly LoggedBlocks[] {
    return this.#runs;
  }

  add(run: LoggedBlocks): void {
    // A copy: the record's bytes belong to a frame that may be large.
    this.#runs.push({ ...run, digests: Buffer.from(run.digests) });
  }

  /** Forgets runs that lie wholly before a block. */
  dropBefore(block: bigint): void {
    this.#runs = this.#runs.filter((run) => endBlockOf(run) > block);
  }

  /** Voids blocks at or behind `block`, and records that end past a stream offset. */
  truncate(block: bigint | undefined, streamOffset: bigint | undefined): void {
    this.#runs = this.#runs.flatMap((run) => {
      const byBlock = block === undefined ? run.digests.length : Number(block - run.firstBlock) * digestBytes;
      const byOffset =
        streamOffset === undefined
          ? run.digests.length
          : Number((streamOffset - run.streamOffset) / this.#recordSize) * digestBytes;
      const kept = Math.min(run.digests.length, byBlock, byOffset);
      return kept <= 0 ? [] : [{ ...run, digests: run.digests.subarray(0, kept) }];
    });
  }
}

function endBlockOf(run: LoggedBlocks): bigint {
  return run.firstBlock + BigInt(run.digests.length / digestBytes);
}
