// SPDX-License-Identifier: Apache-2.0
/** What the crash matrix found, as a table by kind of fault. */
import type { Outcome } from "../test/simulation/simulator.ts";

interface Line {
  runs: number;
  violations: number;
  readonly again: number[];
}

/** The first ones tell enough; all are counted. */
const failuresKept = 50;
const progressEvery = 500;

export class MatrixReport {
  readonly #startMs = performance.now();
  readonly #lines = new Map<string, Line>();
  readonly #failures: Outcome[] = [];
  #runs = 0;
  violations = 0;

  add(outcome: Outcome): void {
    const line = this.#lines.get(outcome.kind) ?? { runs: 0, violations: 0, again: [] };
    this.#lines.set(outcome.kind, line);
    this.#runs++;
    line.runs++;
    line.again.push(outcome.bytesWrittenAgain);
    if (this.#runs % progressEvery === 0) console.error(`${this.#runs} runs, ${this.violations} with violations`);
    if (outcome.violations.length === 0) return;
    line.violations++;
    this.violations++;
    if (this.#failures.length >= failuresKept) return;
    this.#failures.push(outcome);
    const { named, text, violations } = outcome;
    console.log(`VIOLATION scripts/simulate --case '${text}'\n    ${violations.slice(0, 3).join("\n    ")}`);
    if (named !== undefined) console.log(`TO KEEP in test/simulation/seeds.json: ${keptCase(named, violations[0])}`);
  }

  print(): void {
    const { kinds, seconds } = this.toJSON();
    const width = Math.max(...kinds.map(({ kind }) => kind.length), 4);
    const row = (...cells: readonly string[]): string =>
      cells.map((cell, index) => (index === 0 ? cell.padEnd(width) : cell.padStart(14))).join("");
    console.log(row("fault", "runs", "violations", "again median", "again max"));
    for (const { kind, runs, violations, bytesWrittenAgain } of kinds) {
      const cells = [runs, violations, bytesWrittenAgain.median, bytesWrittenAgain.maximum];
      console.log(row(kind, ...cells.map((cell) => cell.toLocaleString("en"))));
    }
    console.log(row("all", this.#runs.toLocaleString("en"), this.violations.toLocaleString("en")));
    console.log(`${seconds.toFixed(0)} s; "again": bytes written more than without a fault`);
  }

  toJSON(): {
    readonly runs: number;
    readonly violations: number;
    readonly seconds: number;
    readonly kinds: readonly {
      readonly kind: string;
      readonly runs: number;
      readonly violations: number;
      readonly bytesWrittenAgain: { readonly median: number; readonly maximum: number };
    }[];
    readonly failures: readonly Outcome[];
  } {
    const kinds = [...this.#lines]
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([kind, { again, runs, violations }]) => ({ kind, runs, violations, bytesWrittenAgain: spread(again) }));
    const seconds = (performance.now() - this.#startMs) / 1000;
    return { runs: this.#runs, violations: this.violations, seconds, kinds, failures: this.#failures };
  }
}

function spread(values: readonly number[]): { readonly median: number; readonly maximum: number } {
  const sorted = [...values].sort((left, right) => left - right);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, maximum: sorted.at(-1) ?? 0 };
}

/** The title is to say what went wrong, in the words of the one who has mended it. */
function keptCase(named: string, violation = ""): string {
  return JSON.stringify({ title: violation.split("\n")[0], case: named });
}
