// SPDX-License-Identifier: Apache-2.0
/** What the catalog costs: of a job's CPU time, and on the disk. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { warmUp } from "./archivers.ts";
import { pipeline } from "./backup-rows.ts";
import type { PipelineCatalog } from "./backup-rows.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete } from "./contest.ts";
import type { Figure } from "./figure.ts";
import { measure, settle } from "./measurement.ts";
import { quoted, root, shell } from "./shell.ts";
import { median, secondsText } from "./statistics.ts";

/** In the temporary catalog, in the scratch database of the fold, and in the catalog. */
const bytesPerRecord = 500;

export const catalogRows: readonly Row[] = [
  {
    key: "catalog",
    title: "catalog, CPU on top of a job without one",
    sets: ["small"],
    extra: ({ smallFiles }) => ({ bytes: smallFiles * bytesPerRecord, inodes: 100 }),
    measure: overhead,
  },
  {
    key: "catalog-size",
    title: "catalog, size",
    sets: [],
    extra: ({ records }) => ({ bytes: records * bytesPerRecord, inodes: 100 }),
    measure: size,
  },
];

function overhead(bench: Bench, notes: RowNotes): readonly Figure[] {
  const source = bench.sets.path("small");
  const folder = join(bench.workFolder, "catalog");
  const kinds: readonly PipelineCatalog[] = ["none", "log", "sqlite"];
  const contestants = kinds.map((kind) => ({
    name: kind,
    command: `${pipeline(source, kind, folder)} | cat`,
    prepare: () => rmSync(folder, { recursive: true, force: true }),
  }));
  const ready = (): void => {
    settle(bench.workFolder);
    shell(warmUp(source));
  };
  const runs = compete(contestants, bench.options.rounds, ready, notes);
  const cpu = (kind: PipelineCatalog): readonly number[] => runs(kind).map(({ cpuS }) => cpuS);
  const figure = (name: string, kind: PipelineCatalog, most: number): Figure => ({
    name,
    value: (median(cpu(kind)) / median(cpu("none")) - 1) * 100,
    unit: "percent",
    goal: { is: "atMost", value: most },
    from: `CPU ${secondsText(cpu(kind))} to ${secondsText(cpu("none"))}`,
  });
  return [figure("temporary catalog", "log", 5), figure("temporary catalog, then SQLite", "sqlite", 40)];
}

interface Told {
  readonly objects: number;
  readonly recordBytes: number;
  readonly storeBytes: number;
  readonly foldS: number;
}

/** Once: bytes do not differ between runs, and of ten million records each takes minutes. */
function size(bench: Bench, notes: RowNotes): readonly Figure[] {
  const { records } = bench.options;
  bench.say(`making a catalog of ${records} objects`);
  const program = quoted(join(root, "scripts", "benchmark", "records.ts"));
  const command = `${quoted(process.execPath)} ${program} ${records} ${quoted(join(bench.workFolder, "catalog"))}`;
  const run = { what: "records", ...measure(command, "marked") };
  notes.runs.push(run);
  const told = JSON.parse(run.lastLine ?? "") as Told;
  return [
    {
      name: `of ${records} objects, each`,
      value: told.storeBytes / told.objects,
      unit: "bytes",
      goal: { is: "atMost", value: 70 },
    },
    { name: "their records, each", value: told.recordBytes / told.objects, unit: "bytes" },
    { name: "objects folded in a second", value: told.objects / told.foldS, unit: "count" },
    { name: "memory of the process that folds them", value: run.peakBytes / 2 ** 20, unit: "mebibytes" },
  ];
}
