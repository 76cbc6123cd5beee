// SPDX-License-Identifier: Apache-2.0
/** Chance that can be repeated: the same seed gives the same numbers, whoever asks. */
import { Noise } from "../../scripts/make-tree.ts";

export class Chance {
  readonly #noise: Noise;

  constructor(seed: number) {
    this.#noise = new Noise(seed);
  }

  bytes(count: number): Buffer {
    return Buffer.from(this.#noise.bytes(count));
  }

  /** A whole number from 0 on and below `limit`. */
  below(limit: number): number {
    return limit <= 1 ? 0 : this.#noise.number(0, limit);
  }

  pick<T>(things: readonly T[]): T {
    if (things.length === 0) throw new Error("nothing to choose from");
    return things[this.below(things.length)] as T;
  }

  uuid(): string {
    const bytes = this.bytes(16);
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString("hex");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  shuffled<T>(things: readonly T[]): readonly T[] {
    const left = [...things];
    return things.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }

  /** `count` of all things, spread evenly: one of each of as many equal stretches. */
  sample<T>(things: readonly T[], count: number): readonly T[] {
    if (count >= things.length) return things;
    const width = things.length / count;
    return Array.from({ length: count }, (_, index) => {
      const first = Math.floor(index * width);
      const next = Math.max(first + 1, Math.floor((index + 1) * width));
      return this.pick(things.slice(first, next));
    });
  }
}
