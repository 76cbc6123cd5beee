// SPDX-License-Identifier: Apache-2.0
/** One run of the benchmark: what its rows share. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DataSets } from "./data-sets.ts";
import type { SetName, Space } from "./data-sets.ts";
import type { Figure, Run } from "./figure.ts";
import { NativeProgram } from "./native-program.ts";
import type { BenchOptions } from "./options.ts";

/** The row's key is what `--rows` names. */
export interface Row {
  readonly key: string;
  readonly title: string;
  readonly sets: readonly SetName[];
  /** The largest tree of empty files that it wants. */
  readonly emptyFiles?: (options: BenchOptions) => number;
  /** What it takes beside its data sets. */
  readonly extra: (options: BenchOptions) => Space;
  readonly measure: (bench: Bench, notes: RowNotes) => readonly Figure[];
}

/** What a row keeps beside its figures. */
export interface RowNotes {
  readonly runs: Run[];
  /** Why a part of it was not measured. */
  readonly notMeasured: string[];
}

export class Bench {
  readonly options: BenchOptions;
  readonly sets: DataSets;
  readonly native: NativeProgram;
  /** For what a row makes; emptied before each of them. */
  readonly workFolder: string;
  readonly #say: (text: string) => void;

  constructor(options: BenchOptions, folder: string, say: (text: string) => void) {
    this.options = options;
    this.sets = new DataSets(join(folder, "sets"), options, say);
    this.workFolder = join(folder, "work");
    this.native = new NativeProgram(say);
    this.#say = say;
  }

  say(text: string): void {
    this.#say(text);
  }

  clearWork(): void {
    rmSync(this.workFolder, { recursive: true, force: true });
    mkdirSync(this.workFolder, { recursive: true });
  }

  close(): void {
    rmSync(this.workFolder, { recursive: true, force: true });
  }
}
