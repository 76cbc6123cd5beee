// SPDX-License-Identifier: Apache-2.0

/** How much was accepted in one second, or in what there was of the last one. */
export interface RateInterval {
  readonly startUs: number;
  readonly durationUs: number;
  readonly bytes: bigint;
}

const secondUs = 1_000_000;

/** Gathers pieces, each with the time in which it was accepted, into seconds. */
export class RateOverTime {
  readonly #bytes: number[] = [];
  #endUs = 0;

  /** Pieces come in order, each from where the one before it ended. */
  add(fromUs: number, toUs: number, bytes: bigint): void {
    this.#endUs = toUs;
    const total = toUs - fromUs;
    let at = fromUs;
    do {
      const second = Math.floor(at / secondUs);
      const end = Math.min(toUs, (second + 1) * secondUs);
      const part = total === 0 ? 1 : (end - at) / total;
      this.#bytes[second] = (this.#bytes[second] ?? 0) + Number(bytes) * part;
      at = end;
    } while (at < toUs);
  }

  intervals(): readonly RateInterval[] {
    const seconds = Math.ceil(this.#endUs / secondUs);
    return Array.from({ length: seconds }, (_, second) => ({
      startUs: second * secondUs,
      durationUs: Math.min(secondUs, this.#endUs - second * secondUs),
      bytes: BigInt(Math.round(this.#bytes[second] ?? 0)),
    }));
  }
}
