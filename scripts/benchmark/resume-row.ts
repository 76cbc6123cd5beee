// SPDX-License-Identifier: Apache-2.0
/** A job that died when nearly all was on tape, and goes on. The simulated drive takes no time to move its tape. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { warmUp } from "./archivers.ts";
import { streamSpace } from "./backup-rows.ts";
import type { Bench, Row, RowNotes } from "./bench.ts";
import { compete } from "./contest.ts";
import { spaceOfEmptyFiles } from "./data-sets.ts";
import type { Figure, Run } from "./figure.ts";
import { measure as measureCommand, settle } from "./measurement.ts";
import { Product, volumeTag } from "./product.ts";
import { quoted, shell } from "./shell.ts";
import { median, secondsText } from "./statistics.ts";

/** Of the blocks of the whole job. */
const shareOnTape = 0.99;
/** What lies behind the last checkpoint was in the drive's buffer, and is lost. */
const checkpoints = 50;
const mib = 2 ** 20;

export const resumeRow: Row = {
  key: "resume",
  title: "resume of a job with nearly all on tape",
  sets: [],
  emptyFiles: ({ resumeObjects }) => resumeObjects,
  extra: ({ resumeObjects }) => {
    const { bytes, inodes } = streamSpace(spaceOfEmptyFiles(resumeObjects));
    return { bytes: 2 * bytes, inodes };
  },
  measure,
};

function measure(bench: Bench, notes: RowNotes): readonly Figure[] {
  const { resumeObjects, rounds } = bench.options;
  const source = bench.sets.empty(resumeObjects);
  const interrupted = interruptedJob(bench, source);
  const product = new Product(join(bench.workFolder, "product"));
  const prepare = (): void => {
    rmSync(product.folder, { recursive: true, force: true });
    shell(`cp -a --reflink=auto ${quoted(interrupted.folder)} ${quoted(product.folder)}`);
  };
  const ready = (): void => {
    settle(bench.workFolder);
    shell(warmUp(source));
  };
  const contestants = [
    { name: "check off", command: product.command("job resume 1 --trust-catalog"), prepare, manner: "marked" as const },
    { name: "check on", command: product.command("job resume 1"), prepare, manner: "marked" as const },
  ];
  const runs = compete(contestants, rounds, ready, notes);
  const told = JSON.parse(runs("check on")[0]?.lastLine ?? "") as { readonly objectsWritten: number };
  return [
    {
      name: "objects that the interruption cost",
      value: (told.objectsWritten / resumeObjects) * 100,
      unit: "percent",
      from: `${told.objectsWritten} of ${resumeObjects} are written again, or for the first time`,
    },
    ...figures(`${resumeObjects} objects, changed-since check off`, runs("check off"), 3),
    ...figures(`${resumeObjects} objects, changed-since check on`, runs("check on"), 8),
  ];
}

/** To the end of its writing, and to the end of the command: that folds all objects into the catalog. */
function figures(name: string, runs: readonly Run[], most: number): readonly Figure[] {
  // A job of a moment is over before it reports any.
  const written = runs.map(({ lastProgressS, wallS }) => lastProgressS ?? wallS);
  const whole = runs.map(({ wallS }) => wallS);
  const goal = { is: "atMost", value: most } as const;
  return [
    { name, value: median(written), unit: "seconds", goal, from: `to the last byte on tape: ${secondsText(written)}` },
    { name: `${name}, with the catalog`, value: median(whole), unit: "seconds", from: secondsText(whole) },
  ];
}

/** @returns an installation to copy: the process is killed with its drive's buffer, as by a power cut */
function interruptedJob(bench: Bench, source: string): Product {
  const product = new Product(join(bench.workFolder, "interrupted"));
  bench.say("writing the job that will be interrupted, once to its end");
  product.make();
  const { lastLine } = measureCommand(product.command(`backup ${quoted(source)}`), "marked");
  const { bytesWritten } = JSON.parse(lastLine ?? "") as { readonly bytesWritten: number };
  const blocks = Math.floor((bytesWritten / (512 * 1024)) * shareOnTape);
  product.make(`[checkpoint]\nsize = ${Math.max(mib, Math.ceil(bytesWritten / checkpoints))}\n`);
  const when = { unit: "drive", volume: volumeTag, operation: "WRITE(6)", count: Math.max(2, blocks) };
  const { unit, ...condition } = when;
  const faults = [{ id: "near the end", unit, when: condition, effect: { crash: true } }];
  const plan = join(product.libraryFolder, "faults.json");
  writeFileSync(plan, JSON.stringify({ seed: 1, faults }));
  // It must not end well.
  shell(`! ${product.command(`backup ${quoted(source)}`)} >/dev/null 2>&1`);
  rmSync(plan);
  return product;
}
