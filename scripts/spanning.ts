// SPDX-License-Identifier: Apache-2.0
/**
 * One job that is larger than its cartridges, over all but a few of them, killed again and again at random places of
 * the tape, with a cartridge that is missing at one resume; restored by the product and by GNU tar with the printed
 * recipe, both compared with the source. Ends with 1 where anything differs, or was written twice.
 *
 *     scripts/spanning [--size 2GiB] [--cartridges 12] [--drives 2] [--interruptions 5] [--seed 1] [--volumes 4]
 *                      [--capacity SIZE] [--transport simulated|tgt] [--folder FOLDER] [--json FILE] [--keep]
 */
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseByteSize } from "../lib/service/quantity.ts";
import { count, printReport } from "./spanning-report.ts";
import { proveSpanning, spareCartridges } from "./spanning-run.ts";
import type { SpanningWish } from "./spanning-run.ts";

const mib = 2 ** 20;
const { values: given } = parseArgs({
  options: {
    size: { type: "string", default: "2GiB" },
    cartridges: { type: "string", default: "12" },
    drives: { type: "string", default: "2" },
    interruptions: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    volumes: { type: "string", default: "4" },
    // Of each cartridge; without it, just large enough that the job needs all but a few of them.
    capacity: { type: "string" },
    transport: { type: "string", default: "simulated" },
    folder: { type: "string", default: tmpdir() },
    json: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});

function numberOf(name: "cartridges" | "drives" | "interruptions" | "seed" | "volumes", least: number): number {
  const number = Number(given[name]);
  if (!Number.isSafeInteger(number) || number < least) throw new Error(`--${name} must be ${least} or more`);
  return number;
}

function sizeOf(name: string, text: string): number {
  const bytes = parseByteSize(text);
  if (bytes === undefined || bytes === 0n) throw new Error(`--${name} "${text}" is no size: write one such as 2GiB`);
  return Number(bytes);
}

function readWish(): SpanningWish {
  const drives = numberOf("drives", 1);
  if (given.transport !== "simulated" && given.transport !== "tgt") throw new Error("--transport is simulated or tgt");
  return {
    sizeBytes: sizeOf("size", given.size),
    ...(given.capacity === undefined ? {} : { capacityBytes: sizeOf("capacity", given.capacity) }),
    cartridges: numberOf("cartridges", spareCartridges(drives) + 1),
    drives,
    interruptions: numberOf("interruptions", 0),
    seed: numberOf("seed", 0),
    volumes: numberOf("volumes", 1),
    transport: given.transport,
  };
}

/** The source, the cartridges, and what is restored; one restored tree at a time. */
const copies = 3;
const spaceMargin = 1.1;

function checkSpace({ sizeBytes }: SpanningWish, parent: string): void {
  const neededBytes = Math.ceil(sizeBytes * copies * spaceMargin) + 64 * mib;
  const { bavail, bsize } = statfsSync(parent);
  const freeBytes = bavail * bsize;
  console.log(`needs ${count(neededBytes)} bytes in ${parent}, which has ${count(freeBytes)} free`);
  if (freeBytes < neededBytes)
    throw new Error(`${parent} has not enough space: name another place with --folder, or a smaller --size`);
}

try {
  const wish = readWish();
  const parent = resolve(given.folder);
  if (process.geteuid?.() !== 0)
    console.log("not root: device nodes, foreign owners and trusted attributes are not made, so they are not compared");
  checkSpace(wish, parent);
  const folder = mkdtempSync(join(parent, "tidemark-spanning-"));
  try {
    const report = await proveSpanning(wish, folder);
    printReport(report);
    if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(report)}\n`);
    if (report.differences.length > 0) process.exitCode = 1;
  } finally {
    if (given.keep) console.log(`kept: ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
} catch (error) {
  console.error(`spanning failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
