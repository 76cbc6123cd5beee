// SPDX-License-Identifier: Apache-2.0
/**
 * Tidemark against GNU tar, paired: both in one run, in turn, over the same files into the same kind of sink, so that
 * the ratio holds where the absolute figures do not. It prints and asserts nothing.
 *
 *     scripts/bench [--rounds 3] [--small 50000] [--large-mib 512] [--only small|large] [--folder FOLDER]
 *
 * Two comparisons for each set of files, warm and cold page cache:
 *   whole   `tidemark backup` into the simulated library, against `tar -c` through a block writer into a file
 *   packer  the native pipeline alone into a pipe, against `tar -c` into a pipe
 * (A pipe, because GNU tar does not read the files at all when it writes to /dev/null.)
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeLargeFile, makeSmallFiles } from "./make-tree.ts";
import { canDropCaches, dropCaches, measure, median } from "./measure.ts";
import type { Measurement } from "./measure.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const main = join(root, "dist", "cli", "main.js");
const packer = join(root, "scripts", "bench-packer.ts");
const recordKib = 512;

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    small: { type: "string", default: "50000" },
    "large-mib": { type: "string", default: "512" },
    only: { type: "string" },
    folder: { type: "string", default: tmpdir() },
  },
});

interface Contest {
  readonly name: string;
  /** Made anew before each run, not measured. */
  readonly prepare: () => void;
  readonly tidemark: string;
  readonly tar: string;
}

function contests(folder: string, source: string): readonly Contest[] {
  const library = join(folder, "library");
  const config = join(library, "tidemark.toml");
  const tidemark = `'${process.execPath}' '${main}' --config '${config}'`;
  // The features that Tidemark archives too; links and times cost both the same.
  const tar = `tar -c --format=posix --acls --xattrs -b ${recordKib * 2} -f - -C '${source}' .`;
  const image = join(folder, "image");
  return [
    {
      name: "whole",
      prepare: () => {
        rmSync(library, { recursive: true, force: true });
        rmSync(image, { force: true });
        shell(`${tidemark} init --simulated --folder '${library}' && ${tidemark} volume label --all --yes`);
      },
      tidemark: `${tidemark} --json backup '${source}'`,
      tar: `${tar} | dd of='${image}' bs=${recordKib}K iflag=fullblock status=none`,
    },
    {
      name: "packer",
      prepare: () => undefined,
      tidemark: `'${process.execPath}' '${packer}' '${source}' | cat`,
      tar: `${tar} | cat`,
    },
  ];
}

function shell(command: string): void {
  const { status, stderr } = spawnSync("sh", ["-c", command], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ended with ${String(status)}: ${stderr}`);
}

interface Pair {
  readonly tidemark: Measurement[];
  readonly tar: Measurement[];
}

function compete(contest: Contest, source: string, isCold: boolean, rounds: number): Pair {
  const pair: Pair = { tidemark: [], tar: [] };
  const run = (command: string): Measurement => {
    contest.prepare();
    if (isCold) dropCaches();
    else shell(`tar -cf - -C '${source}' . | cat >/dev/null`);
    return measure(command);
  };
  for (let round = 0; round < rounds; round++) {
    pair.tidemark.push(run(contest.tidemark));
    pair.tar.push(run(contest.tar));
  }
  return pair;
}

function report(label: string, { tidemark, tar }: Pair): void {
  const of = (list: readonly Measurement[], which: keyof Measurement): readonly number[] =>
    list.map((one) => one[which]);
  const seconds = (list: readonly Measurement[], which: "wallS" | "cpuS"): string =>
    `${median(of(list, which)).toFixed(2)} (${Math.min(...of(list, which)).toFixed(2)})`;
  const ratio = (which: "wallS" | "cpuS"): string => (median(of(tidemark, which)) / median(of(tar, which))).toFixed(2);
  const peakMib = (Math.max(...of(tidemark, "peakBytes")) / 2 ** 20).toFixed(0);
  const cells = [
    label.padEnd(22),
    seconds(tidemark, "wallS"),
    seconds(tar, "wallS"),
    ratio("wallS"),
    seconds(tidemark, "cpuS"),
    seconds(tar, "cpuS"),
    ratio("cpuS"),
    peakMib,
  ];
  console.log(cells.map((cell, index) => (index === 0 ? cell : cell.padStart(13))).join(" "));
}

function bench(folder: string): void {
  const sets = [
    {
      name: "small",
      make: (path: string) => void makeSmallFiles(path, Number(options.small)),
    },
    {
      name: "large",
      make: (path: string) => {
        for (const seed of [1, 2])
          makeLargeFile(join(path, `file-${seed}`), Number(options["large-mib"]) * 2 ** 20, seed);
      },
    },
  ].filter(({ name }) => options.only === undefined || options.only === name);
  console.log(
    `${cpus().length} cores, Node.js ${process.version}, ${options.rounds} rounds; seconds: median (minimum)`,
  );
  const titles = ["tidemark wall", "tar wall", "ratio", "tidemark CPU", "tar CPU", "ratio", "peak MiB"];
  console.log(["".padEnd(22), ...titles.map((title) => title.padStart(13))].join(" "));
  const caches = canDropCaches() ? ["warm", "cold"] : ["warm"];
  if (caches.length === 1) console.log("cold cache: not measured, only root can empty the page cache");
  for (const set of sets) {
    const source = join(folder, set.name);
    mkdirSync(source);
    set.make(source);
    for (const contest of contests(folder, source)) {
      for (const cache of caches) {
        report(
          `${set.name} ${cache} ${contest.name}`,
          compete(contest, source, cache === "cold", Number(options.rounds)),
        );
      }
    }
    rmSync(source, { recursive: true });
  }
}

const folder = mkdtempSync(join(resolve(options.folder), "tidemark-bench-"));
try {
  bench(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
