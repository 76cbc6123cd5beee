// SPDX-License-Identifier: Apache-2.0
/**
 * Time in which nobody waits. A short pause is over at once, and the clock says that it has passed; what lies further
 * away than anybody pauses (the timer of a checkpoint) never comes, so that time alone changes no course.
 */
export class VirtualTime {
  #nowMs: number;
  /** The longest pause that ends; polls are of a second or some. */
  readonly #patienceMs = 60_000;

  constructor(startMs: number) {
    this.#nowMs = startMs;
  }

  readonly clock = { nowMs: (): number => this.#nowMs };

  readonly after = (ms: number, callback: () => void): (() => void) => {
    if (ms > this.#patienceMs) return () => undefined;
    const dueMs = this.#nowMs + ms;
    const turn = setImmediate(() => {
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      callback();
    });
    return () => clearImmediate(turn);
  };

  readonly every = (): (() => void) => () => undefined;
}
