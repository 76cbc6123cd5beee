// SPDX-License-Identifier: Apache-2.0
/** Contestants that run in turn, A B A B, each from the same state of the machine. */
import type { RowNotes } from "./bench.ts";
import type { Figure, Goal, Run } from "./figure.ts";
import { measure } from "./measurement.ts";
import type { Manner } from "./measurement.ts";
import { mebibytesText, ratio, secondsText } from "./statistics.ts";

export interface Contestant {
  readonly name: string;
  readonly command: string;
  /** Made anew before each of its runs, not measured. */
  readonly prepare?: () => void;
  readonly manner?: Manner;
}

/** @param ready the caches are as they should be, for the contestant that runs next */
export function compete(
  contestants: readonly Contestant[],
  rounds: number,
  ready: () => void,
  notes: RowNotes,
): (name: string) => readonly Run[] {
  const runs = new Map<string, Run[]>(contestants.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, command, prepare, manner } of contestants) {
      prepare?.();
      ready();
      const run = { what: name, ...measure(command, manner) };
      runs.get(name)?.push(run);
      notes.runs.push(run);
    }
  }
  return (name) => runs.get(name) ?? [];
}

export interface PairGoals {
  readonly wall?: number;
  readonly cpu?: number;
}

/** Ours against theirs: wall and CPU time, and peak memory of the largest process. */
export function pairFigures(
  label: string,
  ours: readonly Run[],
  theirs: readonly Run[],
  goals: PairGoals = {},
): readonly Figure[] {
  const one = (name: string, most: number | undefined, text: Text, value: (run: Run) => number): Figure => {
    const [mine, other] = [ours.map(value), theirs.map(value)];
    const goal: { readonly goal?: Goal } = most === undefined ? {} : { goal: { is: "atMost", value: most } };
    const from = `${text(mine)} to ${text(other)}`;
    return { name: `${label}, ${name}`, value: ratio(mine, other), unit: "ratio", ...goal, from };
  };
  return [
    one("wall", goals.wall, secondsText, ({ wallS }) => wallS),
    one("CPU", goals.cpu, secondsText, ({ cpuS }) => cpuS),
    one("peak memory", undefined, mebibytesText, ({ peakBytes }) => peakBytes),
  ];
}

type Text = (values: readonly number[]) => string;
