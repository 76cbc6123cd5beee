// SPDX-License-Identifier: Apache-2.0
/** One run of `scripts/spanning`: source and library are made, the job takes its course, and everything is proved. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Noise } from "./make-tree.ts";
import { SpanningCourse } from "./spanning-course.ts";
import type { Course, JobDetails } from "./spanning-course.ts";
import { SimulatedSpanningLibrary } from "./spanning-library.ts";
import type { SpanningLibrary } from "./spanning-library.ts";
import { Product } from "./spanning-product.ts";
import { proveRestoreByProduct, proveRestoreByTar, proveStreams } from "./spanning-proof.ts";
import type { StreamProof } from "./spanning-proof.ts";
import type { SpanningReport, VolumeStatus } from "./spanning-report.ts";
import { makeSourceVolumes, streamBytesOf } from "./spanning-source.ts";
import { TgtSpanningLibrary } from "./spanning-tgt.ts";

const mib = 2 ** 20;

export interface SpanningWish {
  readonly sizeBytes: number;
  /** Of each cartridge; without it, just large enough that the job needs all but a few of them. */
  readonly capacityBytes?: number;
  readonly cartridges: number;
  readonly drives: number;
  readonly interruptions: number;
  readonly seed: number;
  readonly volumes: number;
  readonly transport: "simulated" | "tgt";
}

/** One that each drive does not fill, and as much again for the one that fails, heads and footers. */
export function spareCartridges(drives: number): number {
  return drives + 1;
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

async function makeLibrary(wish: SpanningWish, folder: string, capacityBytes: number): Promise<SpanningLibrary> {
  const { cartridges, drives } = wish;
  if (wish.transport === "tgt") return TgtSpanningLibrary.start({ cartridges, drives, capacityBytes });
  const { recordBytes } = settingsFor(capacityBytes);
  return new SimulatedSpanningLibrary({
    folder: join(folder, "library"),
    cartridges,
    drives,
    capacityBytes,
    recordBytes,
  });
}

/** Every run puts its piece of a part's stream on tape: from where it began to where the next one finds it. */
function writtenByAllRuns(course: Course, part: JobDetails): number {
  const found = course.interruptions.flatMap(({ parts }) => parts.filter(({ jobId }) => jobId === part.jobId));
  const ends = [...found.map(({ streamOnTape }) => streamOnTape), part.bytes];
  const starts = [0, ...found.map(({ resumedAt }) => resumedAt)];
  return ends.reduce((sum, end, run) => sum + end - (starts[run] ?? 0), 0);
}

/** The job's parts, or itself. */
async function partsOf(product: Product, jobId: string): Promise<readonly JobDetails[]> {
  const job = await product.json<JobDetails>("job", "show", jobId);
  const parts: JobDetails[] = [];
  for (const part of job.parts ?? []) parts.push(await product.json<JobDetails>("job", "show", part));
  return parts.length === 0 ? [job] : parts;
}

export async function proveSpanning(wish: SpanningWish, folder: string): Promise<SpanningReport> {
  const watch = new Stopwatch();
  const sourceFolder = join(folder, "source");
  const sources = await watch.time("making the source volumes", () => {
    mkdirSync(sourceFolder);
    return makeSourceVolumes(sourceFolder, { bytes: wish.sizeBytes, volumes: wish.volumes, seed: wish.seed });
  });
  const streamBytes = streamBytesOf(Buffer.from(sourceFolder));
  const needed = wish.cartridges - spareCartridges(wish.drives);
  const capacityBytes = wish.capacityBytes ?? Math.ceil(streamBytes / needed / mib) * mib;
  const { recordBytes, config } = settingsFor(capacityBytes);
  const library = await makeLibrary(wish, folder, capacityBytes);
  try {
    const product = new Product(folder, `stateFolder = "state"\n[library]\n${library.config}${config}`);
    await watch.time("labelling the cartridges", () => product.succeed("volume", "label", "--all", "--yes"));
    const broken = breakOne(wish, library);
    const { drives, interruptions, seed } = wish;
    const work = { interruptions, seed, streamBytes, backup: ["backup", "--drives", String(drives), ...sources] };
    const say = (text: string): void => watch.say(text);
    const course = await watch.time("backing up", () =>
      new SpanningCourse(library, product, work, { recordBytes, say }).run(),
    );
    return await proofOf({ wish, course, product, library, watch, sources, capacityBytes, recordBytes, broken });
  } finally {
    await library.stop();
  }
}

/** One of the cartridges in the middle, somewhere in its middle. */
function breakOne({ cartridges, seed }: SpanningWish, library: SpanningLibrary): string | undefined {
  const noise = new Noise(seed + 1000);
  const barcode = library.barcodes[noise.number(Math.floor(cartridges / 3), Math.ceil(cartridges / 2))];
  if (barcode === undefined || !library.breakCartridge(barcode, noise.number(20, 80) / 100)) return undefined;
  return barcode;
}

interface Done {
  readonly wish: SpanningWish;
  readonly course: Course;
  readonly product: Product;
  readonly library: SpanningLibrary;
  readonly watch: Stopwatch;
  readonly sources: readonly string[];
  readonly capacityBytes: number;
  readonly recordBytes: number;
  readonly broken: string | undefined;
}

async function proofOf(done: Done): Promise<SpanningReport> {
  const { wish, course, product, library, watch, sources, capacityBytes, broken } = done;
  const { jobId, interruptions } = course;
  const parts = await partsOf(product, jobId);
  const stream = proveStreams(parts, library, done.recordBytes);
  const { volumes } = await product.json<{ readonly volumes: readonly VolumeStatus[] }>("volume", "list");
  const restore = (): ReturnType<typeof proveRestoreByProduct> => proveRestoreByProduct(product, jobId, sources);
  const byProduct = await watch.time("restoring with the product", restore);
  const byTar = await watch.time("restoring with GNU tar", () => proveRestoreByTar(product, jobId, sources));
  const writtenBytes = parts.reduce((sum, part) => sum + writtenByAllRuns(course, part), 0);
  const discardedBytes = interruptions
    .flatMap((each) => each.parts)
    .reduce((sum, part) => sum + part.discardedBytes, 0);
  const differences = [
    ...stream.differences,
    ...whatIsWrong(stream, writtenBytes - discardedBytes, volumes, broken),
    ...byProduct.differences,
    ...byTar.differences,
  ];
  return {
    seed: wish.seed,
    transport: wish.transport,
    sizeBytes: wish.sizeBytes,
    capacityBytes,
    interruptions,
    stream,
    writtenBytes,
    discardedBytes,
    volumes,
    ...(broken === undefined ? {} : { broken }),
    byProduct,
    byTar,
    differences,
    seconds: watch.seconds,
  };
}

function whatIsWrong(
  stream: StreamProof,
  keptBytes: number,
  volumes: readonly VolumeStatus[],
  broken: string | undefined,
): readonly string[] {
  const twice = keptBytes - stream.streamBytes;
  const state = volumes.find(({ volumeTag }) => volumeTag === broken)?.state;
  return [
    ...(twice === 0 ? [] : [`${twice} stream bytes were written twice`]),
    ...(broken === undefined || state === "damaged"
      ? []
      : [`${broken}, which fails, is ${String(state)}, not damaged`]),
  ];
}
