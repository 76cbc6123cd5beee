// SPDX-License-Identifier: Apache-2.0
/**
 * One job that is larger than its cartridges, over all but a few of them, killed again and again at random places of
 * the tape, with a cartridge that is missing at one resume; restored by the product and by GNU tar with the printed
 * recipe, both compared with the source. Ends with 1 where anything differs, or was written twice.
 *
 *     scripts/spanning [--size 2GiB] [--cartridges 12] [--drives 2] [--interruptions 5] [--seed 1] [--volumes 4]
 *                      [--capacity SIZE] [--transport simulated|tgt] [--folder FOLDER] [--json FILE] [--keep]
 */
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { parseByteSize } from "../lib/service/quantity.ts";
import { SpanningCourse } from "./spanning-course.ts";
import type { Course, JobDetails } from "./spanning-course.ts";
import { SimulatedSpanningLibrary } from "./spanning-library.ts";
import type { SpanningLibrary } from "./spanning-library.ts";
import { proveRestoreByProduct, proveRestoreByTar, proveStream } from "./spanning-proof.ts";
import { Product } from "./spanning-product.ts";
import { count, printReport } from "./spanning-report.ts";
import type { SpanningReport, VolumeStatus } from "./spanning-report.ts";
import { makeSourceVolumes, streamBytesOf } from "./spanning-source.ts";
import { TgtSpanningLibrary } from "./spanning-tgt.ts";

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

interface Wish {
  readonly sizeBytes: number;
  readonly capacityBytes?: number;
  readonly cartridges: number;
  readonly drives: number;
  readonly interruptions: number;
  readonly seed: number;
  readonly volumes: number;
  readonly transport: "simulated" | "tgt";
  readonly parent: string;
}

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

function readWish(): Wish {
  if (given.transport !== "simulated" && given.transport !== "tgt") throw new Error("--transport is simulated or tgt");
  return {
    sizeBytes: sizeOf("size", given.size),
    ...(given.capacity === undefined ? {} : { capacityBytes: sizeOf("capacity", given.capacity) }),
    cartridges: numberOf("cartridges", spareCartridges + 1),
    drives: numberOf("drives", 1),
    interruptions: numberOf("interruptions", 0),
    seed: numberOf("seed", 0),
    volumes: numberOf("volumes", 1),
    transport: given.transport,
    parent: resolve(given.folder),
  };
}

/** Not needed where all goes well: one that fails, one that each drive does not fill, and a little for heads. */
const spareCartridges = 3;

/** The source, the cartridges, and what is restored; one restored tree at a time. */
const copies = 3;
const spaceMargin = 1.1;

function checkSpace({ sizeBytes, parent }: Wish): void {
  const neededBytes = Math.ceil(sizeBytes * copies * spaceMargin) + 64 * mib;
  const { bavail, bsize } = statfsSync(parent);
  const freeBytes = bavail * bsize;
  console.log(`needs ${count(neededBytes)} bytes in ${parent}, which has ${count(freeBytes)} free`);
  if (freeBytes < neededBytes)
    throw new Error(`${parent} has not enough space: name another place with --folder, or a smaller --size`);
}

class Stopwatch {
  readonly seconds: Record<string, number> = {};
  readonly #startMs = performance.now();

  say(text: string): void {
    console.log(`== ${((performance.now() - this.#startMs) / 1000).toFixed(0)} s: ${text}`);
  }

  async time<T>(what: string, work: () => Promise<T> | T): Promise<T> {
    this.say(what);
    const beganMs = performance.now();
    const result = await work();
    this.seconds[what] = (performance.now() - beganMs) / 1000;
    return result;
  }
}

interface Settings {
  readonly recordBytes: number;
  readonly config: string;
}

/** Segments, checkpoints and the ring in proportion to the cartridges, so that all of them happen often. */
function settingsFor(capacityBytes: number): Settings {
  const recordBytes = capacityBytes < 128 * mib ? 64 * 1024 : 256 * 1024;
  return {
    recordBytes,
    config: `[tape]
recordSize = ${recordBytes}
segmentSize = ${Math.ceil(capacityBytes / 3)}
[checkpoint]
size = ${Math.ceil(capacityBytes / 4)}
[pipeline]
ringSize = ${16 * recordBytes}
`,
  };
}

async function makeLibrary(wish: Wish, folder: string, capacityBytes: number): Promise<SpanningLibrary> {
  const { cartridges, drives } = wish;
  if (wish.transport === "tgt") return TgtSpanningLibrary.start({ cartridges, drives, capacityBytes });
  return new SimulatedSpanningLibrary({ folder: join(folder, "library"), cartridges, drives, capacityBytes });
}

/** Every run puts its part of the stream on tape: from where it began to where the next one finds it. */
function writtenByAllRuns(course: Course, streamBytes: number): number {
  const ends = [...course.interruptions.map(({ streamOnTape }) => streamOnTape), streamBytes];
  const starts = [0, ...course.interruptions.map(({ resumedAt }) => resumedAt)];
  return ends.reduce((sum, end, run) => sum + end - (starts[run] ?? 0), 0);
}

async function prove(wish: Wish, folder: string): Promise<SpanningReport> {
  const watch = new Stopwatch();
  const sourceFolder = join(folder, "source");
  const sources = await watch.time("making the source volumes", () => {
    mkdirSync(sourceFolder);
    return makeSourceVolumes(sourceFolder, { bytes: wish.sizeBytes, volumes: wish.volumes, seed: wish.seed });
  });
  const streamBytes = streamBytesOf(Buffer.from(sourceFolder));
  const capacityBytes = wish.capacityBytes ?? Math.ceil(streamBytes / (wish.cartridges - spareCartridges) / mib) * mib;
  const { recordBytes, config } = settingsFor(capacityBytes);
  const library = await makeLibrary(wish, folder, capacityBytes);
  try {
    const product = new Product(folder, `stateFolder = "state"\n[library]\n${library.config}${config}`);
    await watch.time("labelling the cartridges", () => product.succeed("volume", "label", "--all", "--yes"));
    const backup = ["backup", ...sources];
    const say = (text: string): void => watch.say(text);
    const { interruptions, seed } = wish;
    const work = { interruptions, seed, streamBytes, backup };
    const course = await watch.time("backing up", () =>
      new SpanningCourse(library, product, work, { recordBytes, say }).run(),
    );
    const { jobId } = course;
    const job = await product.json<JobDetails>("job", "show", jobId);
    const stream = proveStream(job, library, recordBytes);
    const { volumes } = await product.json<{ readonly volumes: readonly VolumeStatus[] }>("volume", "list");
    const byProduct = await watch.time("restoring with the product", () =>
      proveRestoreByProduct(product, jobId, sources),
    );
    const byTar = await watch.time("restoring with GNU tar", () => proveRestoreByTar(product, jobId, sources));
    const writtenBytes = writtenByAllRuns(course, stream.streamBytes);
    const discardedBytes = course.interruptions.reduce((sum, each) => sum + each.discardedBytes, 0);
    const twice = writtenBytes - discardedBytes - stream.streamBytes;
    return {
      seed,
      transport: wish.transport,
      sizeBytes: wish.sizeBytes,
      capacityBytes,
      interruptions: course.interruptions,
      stream,
      writtenBytes,
      discardedBytes,
      volumes,
      byProduct,
      byTar,
      differences: [
        ...stream.differences,
        ...(twice === 0 ? [] : [`${twice} stream bytes were written twice`]),
        ...byProduct.differences,
        ...byTar.differences,
      ],
      seconds: watch.seconds,
    };
  } finally {
    await library.stop();
  }
}

try {
  const wish = readWish();
  if (process.geteuid?.() !== 0)
    console.log("not root: device nodes, foreign owners and trusted attributes are not made, so they are not compared");
  checkSpace(wish);
  const folder = mkdtempSync(join(wish.parent, "tidemark-spanning-"));
  try {
    const report = await prove(wish, folder);
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
