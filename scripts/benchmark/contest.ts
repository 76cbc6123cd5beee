// SPDX-License-Identifier: Apache-2.0
/** Contestants that run in turn, A B A B, each from the same state of the machine. */
import type { RowNotes } from "./bench.ts";
import type { Figure, Goal, Run } from "./figure.ts";
import { measure } from "./measurement.ts";
import type { Manner } from "./measurement.ts";
import { ratio, secondsText } from "./statistics.ts";

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

/** Ours against theirs: wall and CPU time, and the memory of both. */
export function pairFigures(
  label: string,
  ours: readonly Run[],
  theirs: readonly Run[],
  goals: PairGoals = {},
): readonly Figure[] {
  const peakMib = (runs: readonly Run[]): string =>
    `${(Math.max(...runs.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0)} MiB`;
  const one = (which: "wallS" | "cpuS", name: string, most: number | undefined): Figure & { readonly from: string } => {
    const [mine, other] = [ours, theirs].map((runs) => runs.map((run) => run[which])) as [number[], number[]];
    const goal: { readonly goal?: Goal } = most === undefined ? {} : { goal: { is: "atMost", value: most } };
    const from = `${secondsText(mine)} to ${secondsText(other)}`;
    return { name: `${label}, ${name}`, value: ratio(mine, other), unit: "ratio", ...goal, from };
  };
  const wall = one("wallS", "wall", goals.wall);
  const cpu = one("cpuS", "CPU", goals.cpu);
  return [wall, { ...cpu, from: `${cpu.from}; at most ${peakMib(ours)} to ${peakMib(theirs)}` }];
}
