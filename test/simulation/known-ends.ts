// SPDX-License-Identifier: Apache-2.0
/**
 * To what end interrupted jobs have come. A process begins with what the one before left behind, on media, on disk and in
 * the catalog store, and with nothing else: two courses that leave the same behind go on alike, and one of them is enough.
 */
import type { Proofs } from "./course.ts";

export interface KnownEnd {
  /** The last ones of a course, without faults. */
  readonly processes: number;
  readonly bytesWritten: number;
}

const order: readonly Proofs[] = ["checks", "restore", "all"];

export class KnownEnds {
  readonly #ends = new Map<string, KnownEnd & { readonly proofs: Proofs }>();

  /** @returns undefined where no job that went on from this state has been proved as much */
  get(state: string, proofs: Proofs): KnownEnd | undefined {
    const end = this.#ends.get(state);
    return end !== undefined && order.indexOf(end.proofs) >= order.indexOf(proofs) ? end : undefined;
  }

  /** Of a course without any violation. */
  put(state: string, proofs: Proofs, end: KnownEnd): void {
    this.#ends.set(state, { ...end, proofs });
  }
}
