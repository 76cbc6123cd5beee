// SPDX-License-Identifier: Apache-2.0
/** Backups against GNU tar: the whole product into a simulated cartridge, and its pipeline into a pipe. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { archivers, intoFile, warmUp } from "./archivers.ts";
import type { Archiver } from "./archivers.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete, pairFigures } from "./contest.ts";
import type { Contestant, PairGoals } from "./contest.ts";
import { spaceOfEmptyFiles, spaceOfSet } from "./data-sets.ts";
import type { SetName, Space } from "./data-sets.ts";
import type { Figure } from "./figure.ts";
import { canDropCaches, dropCaches, settle } from "./measurement.ts";
import { NotMeasured } from "./not-measured.ts";
import type { BenchOptions } from "./options.ts";
import { Product } from "./product.ts";
import { quoted, root, shell } from "./shell.ts";

type Cache = "warm" | "cold";

/** A header, and an extended one where it is wanted. */
const memberBytes = 2048;
const ours = "tidemark";

export const backupRows: readonly Row[] = [
  setRow("small-warm", "small files, warm cache", "small", "warm", { wall: 0.65, cpu: 1.1 }),
  setRow("small-cold", "small files, cold cache", "small", "cold", { wall: 0.25 }),
  setRow("large-warm", "large files, warm cache", "large", "warm", { wall: 0.9, cpu: 1.3 }),
  setRow("mixed-warm", "small and large files, warm cache", "mixed", "warm", {}),
  {
    key: "empty",
    title: "empty files, warm cache",
    sets: [],
    emptyFiles: ({ emptyFiles }) => emptyFiles,
    extra: ({ emptyFiles }) => streamSpace(spaceOfEmptyFiles(emptyFiles)),
    measure: (bench, notes) =>
      backUp(bench, notes, bench.sets.empty(bench.options.emptyFiles), "warm", { wall: 0.8, cpu: 1.15 }),
  },
];

function setRow(key: string, title: string, set: SetName, cache: Cache, goals: PairGoals): Row {
  return {
    key,
    title,
    sets: [set],
    extra: (options: BenchOptions) => streamSpace(spaceOfSet(set, options)),
    measure: (bench, notes) => backUp(bench, notes, bench.sets.path(set), cache, goals),
  };
}

/** A stream of it, beside a catalog. */
export function streamSpace({ bytes, inodes }: Space): Space {
  return { bytes: bytes + inodes * memberBytes, inodes: 10_000 };
}

function backUp(bench: Bench, notes: RowNotes, source: string, cache: Cache, goals: PairGoals): readonly Figure[] {
  if (cache === "cold") refuseCold(bench.options);
  const ready = cache === "cold" ? () => makeCold(bench) : () => makeWarm(bench, source);
  const others = archivers(bench.options.short, notes.notMeasured);
  const contests = [
    ["into a file", intoFiles(bench, source, others)],
    ["into a pipe", intoPipes(bench, source, others)],
  ] as const;
  return contests.flatMap(([sink, contestants]) => {
    const runs = compete(contestants, bench.options.rounds, ready, notes);
    return others.flatMap(({ name }, index) => {
      const label = index === 0 ? sink : `${sink}, to ${name}`;
      return pairFigures(label, runs(ours), runs(name), index === 0 ? goals : {});
    });
  });
}

/** The whole machine loses its cache, which nobody wants of a run that shows only that all works. */
function refuseCold({ rows, short }: BenchOptions): void {
  if (!canDropCaches()) throw new NotMeasured("only root can empty the page cache");
  if (short && rows.length === 0)
    throw new NotMeasured("--short empties the page cache only where --rows names this row");
}

function makeWarm(bench: Bench, source: string): void {
  settle(bench.workFolder);
  shell(warmUp(source));
}

/** The programs themselves are not what is read: they are in the cache again. */
function makeCold(bench: Bench): void {
  dropCaches();
  shell(`${new Product(bench.workFolder).programs} && tar --version && sh -c true && cat /dev/null && dd --version`);
}

function intoFiles(bench: Bench, source: string, others: readonly Archiver[]): readonly Contestant[] {
  const product = new Product(join(bench.workFolder, "product"));
  const image = join(bench.workFolder, "image");
  const removeAll = (): void => {
    rmSync(product.folder, { recursive: true, force: true });
    rmSync(image, { force: true });
  };
  return [
    {
      name: ours,
      command: product.command(`backup ${quoted(source)}`),
      prepare: () => {
        removeAll();
        product.make();
      },
    },
    ...others.map(({ name, create }) => ({
      name,
      command: `${create(source)} | ${intoFile(image)}`,
      prepare: removeAll,
    })),
  ];
}

/** Through a pipe into nothing; ours with digests and a temporary catalog. */
function intoPipes(bench: Bench, source: string, others: readonly Archiver[]): readonly Contestant[] {
  const catalog = join(bench.workFolder, "catalog");
  return [
    {
      name: ours,
      command: `${pipeline(source, "log", catalog)} | cat`,
      prepare: () => rmSync(catalog, { recursive: true, force: true }),
    },
    ...others.map(({ name, create }) => ({ name, command: `${create(source)} | cat` })),
  ];
}

export type PipelineCatalog = "none" | "log" | "sqlite";

export function pipeline(source: string, catalog: PipelineCatalog, folder: string): string {
  const program = quoted(join(root, "scripts", "benchmark", "pipeline.ts"));
  return `${quoted(process.execPath)} ${program} ${quoted(source)} ${catalog} ${quoted(folder)}`;
}
