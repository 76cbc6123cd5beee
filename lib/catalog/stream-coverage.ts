// SPDX-License-Identifier: Apache-2.0
/** Which stretches of the job's stream are on tape for sure: sorted, disjoint, joined where they touch. */

export interface StreamRange {
  readonly from: bigint;
  readonly to: bigint;
}

export class StreamCoverage {
  readonly #ranges: readonly StreamRange[];

  /** Ranges may overlap and come in any order; empty ones count for nothing. */
  constructor(ranges: readonly StreamRange[]) {
    const joined: { from: bigint; to: bigint }[] = [];
    const sorted = ranges.filter(({ from, to }) => from < to).sort((a, b) => (a.from < b.from ? -1 : 1));
    for (const range of sorted) {
      const last = joined.at(-1);
      if (last === undefined || range.from > last.to) joined.push({ ...range });
      else if (range.to > last.to) last.to = range.to;
    }
    this.#ranges = joined;
  }

  get ranges(): readonly StreamRange[] {
    return this.#ranges;
  }

  /** Is all of [from, to) on tape? An empty range is, where it touches one that is. */
  holds(from: bigint, to: bigint): boolean {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = this.#ranges[middle];
      if (range !== undefined && range.from <= from) low = middle + 1;
      else high = middle;
    }
    const range = this.#ranges[low - 1];
    return range !== undefined && from <= range.to && to <= range.to;
  }
}
