// SPDX-License-Identifier: Apache-2.0
/** What the crash matrix found, as a table by kind of fault, and as a file of which several can be added up. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Outcome } from "../test/simulation/simulator.ts";

interface Line {
  readonly kind: string;
  runs: number;
  violations: number;
  /** How many runs wrote so many bytes more than one without a fault. */
  readonly bytesWrittenAgain: Record<string, number>;
}

/** What stands in the file. */
interface Found {
  /** False as long as the run goes on, and where it was cut off. */
  readonly isWhole: boolean;
  readonly runs: number;
  readonly violations: number;
  readonly seconds: number;
  readonly kinds: readonly Line[];
  readonly failures: readonly Outcome[];
}

/** The first ones tell enough; all are counted. */
const failuresKept = 50;
const progressEvery = 500;

export class MatrixReport {
  readonly #path: string | undefined;
  readonly #lines = new Map<string, Line>();
  readonly #failures: Outcome[] = [];
  #startMs = performance.now();
  #runs = 0;
  violations = 0;
  isWhole = false;

  /** @param path - of a file that is written anew all the time: who is cut off keeps what was found */
  constructor(path?: string) {
    this.#path = path;
  }

  add(outcome: Outcome): void {
    const { bytesWrittenAgain: again, kind } = outcome;
    const violations = Math.min(1, outcome.violations.length);
    this.#addLine({ kind, runs: 1, violations, bytesWrittenAgain: { [again]: 1 } });
    if (violations > 0) this.#tell(outcome);
    if (this.#runs % progressEvery !== 0) return;
    console.error(`${this.#runs} runs, ${this.violations} with violations`);
    try {
      this.save();
    } catch (error) {
      // There is another time, and an end.
      console.error(`${String(this.#path)} could not be written: ${String(error)}`);
    }
  }

  /** What another run has found: `path` is its file. @returns false where that was cut off */
  addFile(path: string): boolean {
    const { failures, isWhole, kinds, seconds } = JSON.parse(readFileSync(path, "utf8")) as Partial<Found>;
    if (isWhole === undefined || failures === undefined || kinds === undefined || seconds === undefined)
      throw new Error(`${path} was not written by --json of this version`);
    for (const line of kinds) this.#addLine(line);
    for (const failure of failures) this.#tell(failure);
    this.#startMs -= seconds * 1000;
    return isWhole;
  }

  /** The file stands there whole, the one before or this one. */
  save(): void {
    if (this.#path === undefined) return;
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(this)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
  }

  print(): void {
    const { kinds, seconds } = this.toJSON();
    const width = Math.max(...kinds.map(({ kind }) => kind.length), 4);
    const row = (...cells: readonly string[]): string =>
      cells.map((cell, index) => (index === 0 ? cell.padEnd(width) : cell.padStart(14))).join("");
    console.log(row("fault", "runs", "violations", "again median", "again max"));
    for (const line of kinds) {
      const { maximum, median } = spread(line);
      const cells = [line.runs, line.violations, median, maximum];
      console.log(row(line.kind, ...cells.map((cell) => cell.toLocaleString("en"))));
    }
    console.log(row("all", this.#runs.toLocaleString("en"), this.violations.toLocaleString("en")));
    console.log(`${seconds.toFixed(0)} s; "again": bytes written more than without a fault`);
  }

  toJSON(): Found {
    const kinds = [...this.#lines.values()].sort((left, right) => (left.kind < right.kind ? -1 : 1));
    const seconds = (performance.now() - this.#startMs) / 1000;
    const { isWhole, violations } = this;
    return { isWhole, runs: this.#runs, violations, seconds, kinds, failures: this.#failures };
  }

  #addLine({ bytesWrittenAgain, kind, runs, violations }: Line): void {
    const line = this.#lines.get(kind) ?? { kind, runs: 0, violations: 0, bytesWrittenAgain: {} };
    this.#lines.set(kind, line);
    line.runs += runs;
    line.violations += violations;
    for (const [bytes, count] of Object.entries(bytesWrittenAgain))
      line.bytesWrittenAgain[bytes] = (line.bytesWrittenAgain[bytes] ?? 0) + count;
    this.#runs += runs;
    this.violations += violations;
  }

  #tell(failure: Outcome): void {
    if (this.#failures.length >= failuresKept) return;
    this.#failures.push(failure);
    const { named, text, violations } = failure;
    console.log(`VIOLATION scripts/simulate --case '${text}'\n    ${violations.slice(0, 3).join("\n    ")}`);
    if (named !== undefined) console.log(`TO KEEP in test/simulation/seeds.json: ${keptCase(named, violations[0])}`);
  }
}

function spread({ bytesWrittenAgain, runs }: Line): { readonly median: number; readonly maximum: number } {
  const sorted = Object.entries(bytesWrittenAgain).sort(([left], [right]) => Number(left) - Number(right));
  let left = Math.floor(runs / 2);
  const median = sorted.find(([, count]) => (left -= count) < 0);
  return { median: Number(median?.[0]), maximum: Number(sorted.at(-1)?.[0]) };
}

/** The title is to say what went wrong, in the words of the one who has mended it. */
function keptCase(named: string, violation = ""): string {
  return JSON.stringify({ title: violation.split("\n")[0], case: named });
}
