// SPDX-License-Identifier: Apache-2.0
/** What the data path makes of what this machine can read at all: large files, and a drive that takes anything. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { warmUp } from "./archivers.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete } from "./contest.ts";
import type { Figure } from "./figure.ts";
import { quoted, shell } from "./shell.ts";
import { median, secondsText } from "./statistics.ts";

export const nullDeviceRow: Row = {
  key: "large-null",
  title: "large files into a null device",
  sets: ["large"],
  extra: () => ({ bytes: 0, inodes: 0 }),
  measure,
};

function measure(bench: Bench, notes: RowNotes): readonly Figure[] {
  const { largeFiles, largeMib, rounds } = bench.options;
  const source = bench.sets.path("large");
  const files = readdirSync(source).map((name) => quoted(join(source, name)));
  const program = quoted(bench.native.path);
  const contestants = [
    { name: "pipeline", command: `${program} pack ${quoted(source)}` },
    { name: "read()", command: `${program} read ${files.join(" ")}` },
  ];
  const runs = compete(contestants, rounds, () => void shell(warmUp(source)), notes);
  const [ours, limit] = contestants.map(({ name }) => runs(name).map(({ wallS }) => wallS)) as [number[], number[]];
  const mib = largeFiles * largeMib;
  return [
    {
      name: "rate to that of read() alone",
      value: median(limit) / median(ours),
      unit: "ratio",
      goal: { is: "atLeast", value: 0.6 },
      from: `${secondsText(ours)} to ${secondsText(limit)}`,
    },
    { name: "rate", value: mib / median(ours), unit: "mebibytesPerS" },
    { name: "rate of read() alone", value: mib / median(limit), unit: "mebibytesPerS" },
  ];
}
