// SPDX-License-Identifier: Apache-2.0
/** Counts that are the same on every machine: instructions of user code, and system calls, for each small file. */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { gnuTar } from "./archivers.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import type { Figure } from "./figure.ts";
import { isInstalled, quoted } from "./shell.ts";

type Count = (command: string) => number | string;

export const countsRow: Row = {
  key: "counts",
  title: "counts a small file",
  sets: ["small"],
  extra: () => ({ bytes: 2 ** 20, inodes: 10 }),
  measure,
};

function measure(bench: Bench, notes: RowNotes): readonly Figure[] {
  const source = bench.sets.path("small");
  const nothing = join(bench.workFolder, "nothing");
  mkdirSync(nothing, { recursive: true });
  // "exec", so that the shell is not counted; GNU tar reads nothing where it writes to /dev/null.
  const pack = (folder: string): string => `${quoted(bench.native.path)} pack ${quoted(folder)} >/dev/null`;
  const tar = (folder: string): string => `${gnuTar.create(folder)} | cat >/dev/null`;
  // Its own format, without attributes and exact times: less than Tidemark archives.
  const plainTar = (folder: string): string => `tar -c -f - -C ${quoted(folder)} . | cat >/dev/null`;
  const figures = (name: string, tool: string, count: Count, most: number): readonly Figure[] => {
    if (!isInstalled(tool)) {
      notes.notMeasured.push(`${name}: ${tool} is not installed`);
      return [];
    }
    // What a program does to begin and to end is counted on nothing, and taken away.
    const counts = [pack, tar, plainTar].map((command) => [count(command(source)), count(command(nothing))]);
    const problem = counts.flat().find((each) => typeof each === "string");
    if (problem !== undefined) {
      notes.notMeasured.push(`${name}: ${problem}`);
      return [];
    }
    const { smallFiles } = bench.options;
    const [ours, theirs, plain] = counts.map(([all, none]) => (Number(all) - Number(none)) / smallFiles);
    const figure = (label: string, value = Number.NaN): Figure => ({ name: label, value, unit: "count" });
    return [
      { ...figure(name, ours), goal: { is: "atMost", value: most } },
      figure(`${name}, of GNU tar`, theirs),
      figure(`${name}, of GNU tar without attributes and exact times`, plain),
    ];
  };
  bench.say("counting instructions and system calls");
  return [
    ...figures("user instructions", "valgrind", countInstructions, 4500),
    ...figures("system calls", "strace", countSystemCalls, 5.2),
  ];
}

/** @returns the count, or why there is none */
function countInstructions(command: string): number | string {
  const { stderr } = run(`valgrind --tool=callgrind --callgrind-out-file=/dev/null ${command}`);
  return numberIn(stderr, /^==\d+== Collected : (\d+)$/m);
}

function countSystemCalls(command: string): number | string {
  const { stderr } = run(`strace -f -c -U name,calls ${command}`);
  return numberIn(stderr, /^total\s+(\d+)$/m);
}

function run(command: string): { readonly stderr: string } {
  return spawnSync("sh", ["-c", command], { encoding: "utf8", maxBuffer: 2 ** 28 });
}

function numberIn(text: string, form: RegExp): number | string {
  const found = form.exec(text)?.[1];
  return found === undefined ? (text.trim().split("\n").at(-1) ?? "it said nothing") : Number(found);
}
