// SPDX-License-Identifier: Apache-2.0
/**
 * Checks a simulated job against the promises of durability.md, from the media, the source and what the product tells.
 * Each check gives one sentence per violation; there are none where all is well.
 */
import { objectKind } from "../../lib/catalog/persistent-record.ts";
import { checkFooters } from "./footer-check.ts";
import { readImages } from "./image.ts";
import { ImageStream } from "./image-stream.ts";
import { objectProblem } from "./object-check.ts";
import { sourceSnapshot } from "./source-snapshot.ts";
import type { SourceObject, SourceSnapshot } from "./source-snapshot.ts";
import { checkStream } from "./stream-check.ts";
import { toldFinished, toldInterrupted, toldParts } from "./told.ts";
import type { ToldExtent, ToldFinished, ToldInterrupted, ToldObject } from "./told.ts";
import { checkDurable, checkWholeVolumes } from "./volume-check.ts";

export interface CheckedJob {
  readonly libraryFolder: string;
  readonly stateFolder: string;
  readonly jobId: string;
  /** Absolute paths of the source volumes. */
  readonly sources: readonly string[];
}

export interface InterruptedJob extends CheckedJob {
  /** A: bytes that drives have accepted, by barcode, labels included; what is not named is not compared. */
  readonly acceptedBytes?: ReadonlyMap<string, bigint>;
}

export interface FinishedJob extends CheckedJob {
  /** Member paths that may be missing: Latin-1, without slashes at either end. */
  readonly exceptions?: ReadonlySet<string>;
}

/**
 * After a crash and before the resume: everything that the product would call durable or complete is on the media, and
 * D <= image <= A (I2, I8, I9, I10).
 */
export async function checkInterrupted(job: InterruptedJob): Promise<readonly string[]> {
  let told: ToldInterrupted | undefined;
  try {
    told = await toldInterrupted(job.stateFolder, job.jobId);
  } catch (error) {
    return [`the temporary catalog of job ${job.jobId} cannot be read: ${messageOf(error)}`];
  }
  if (told === undefined) return [];
  const images = readImages(job.libraryFolder);
  const stream = new ImageStream(job.jobId, told.recordBytes, told.segments, images);
  const objects = allSourceObjects(job.sources);
  return [
    ...stream.problems,
    ...checkObjects(told.objects, told.extents, objects, stream),
    ...checkContainers(told, job.sources),
    ...checkSources(told, job.sources),
    ...checkDurable(told.volumes, images, job.acceptedBytes ?? new Map()),
  ];
}

/** When the job is complete: I7, I8, I9, I10, and the footers. */
export function checkFinished(job: FinishedJob): readonly string[] {
  const told = toldFinished(job.stateFolder, job.jobId);
  if (told !== undefined) return checkTold(job, told);
  const parts = toldParts(job).filter(({ jobId }) => jobId !== job.jobId);
  if (parts.length === 0) return [`the catalog has no finished job ${job.jobId}`];
  const dealt = parts.flatMap(({ sources }) => sources);
  const lost = job.sources.filter((source) => !dealt.includes(source));
  return [
    ...lost.map((source) => `${source} is lost: no part of job ${job.jobId} has it`),
    ...parts.flatMap((part) => checkFinished({ ...job, ...part })),
  ];
}

function checkTold(job: FinishedJob, told: ToldFinished): readonly string[] {
  const images = readImages(job.libraryFolder);
  const stream = new ImageStream(job.jobId, told.recordBytes, told.segments, images);
  const objects = allSourceObjects(job.sources);
  return [
    ...stream.problems,
    ...checkObjects(told.objects, told.extents, objects, stream),
    ...checkNoneIsMissing(told.objects, objects, job.exceptions ?? new Set()),
    ...checkStream(job.jobId, told, stream),
    ...checkWholeVolumes(told, images),
    ...checkFooters(job.jobId, told, images),
  ];
}

function allSourceObjects(sources: readonly string[]): ReadonlyMap<string, SourceObject> {
  const [first, ...others] = sources.map((source) => sourceSnapshot(source).objects);
  if (first === undefined || others.length === 0) return first ?? new Map();
  return new Map([first, ...others].flatMap((objects) => [...objects]));
}

/** Each claim on its own, and links together with their targets (I9). */
function checkObjects(
  told: readonly ToldObject[],
  extents: ReadonlyMap<number, readonly ToldExtent[]>,
  objects: ReadonlyMap<string, SourceObject>,
  stream: ImageStream,
): readonly string[] {
  const violations: string[] = [];
  const claimed = new Map<string, ToldObject>();
  for (const object of told) {
    if (object.kind !== objectKind.hardLink) claimed.set(object.path, object);
  }
  for (const object of told) {
    const source = objects.get(object.path);
    const problem =
      source === undefined
        ? "there is no such source object"
        : (objectProblem(object, source, stream, extents.get(object.headerOffset) ?? []) ??
          linkProblem(object, source, claimed, objects));
    if (problem !== undefined) violations.push(`${printable(object.path)} is claimed: ${problem}`);
  }
  return violations;
}

/** I9 @returns what is wrong with a hard link and its target, if anything is */
export function linkProblem(
  link: ToldObject,
  source: SourceObject,
  claimed: ReadonlyMap<string, ToldObject>,
  objects: ReadonlyMap<string, SourceObject>,
): string | undefined {
  if (link.kind !== objectKind.hardLink) return undefined;
  const path = link.linkTarget ?? "";
  const target = claimed.get(path);
  const stats = objects.get(path)?.stats;
  if (target === undefined || stats === undefined) return `its target ${printable(path)} is not claimed`;
  if (target.headerOffset >= link.headerOffset) return `its target ${printable(path)} comes later in the stream`;
  const isSame = stats.dev === source.stats.dev && stats.ino === source.stats.ino;
  return isSame ? undefined : `it is no link to ${printable(path)} in the source`;
}

/** I7: one claim each, of the objects of the source and of nothing else. */
function checkNoneIsMissing(
  told: readonly ToldObject[],
  objects: ReadonlyMap<string, SourceObject>,
  exceptions: ReadonlySet<string>,
): readonly string[] {
  const violations: string[] = [];
  const claims = new Set<string>();
  for (const { path } of told) {
    if (claims.has(path)) violations.push(`${printable(path)} has two claims`);
    claims.add(path);
  }
  for (const path of objects.keys()) {
    if (!claims.has(path) && !exceptions.has(path)) violations.push(`${printable(path)} is lost: it has no claim`);
  }
  return violations;
}

/** A complete directory has all of its entries on tape. */
function checkContainers(told: ToldInterrupted, sources: readonly string[]): readonly string[] {
  const snapshots = sources.map(sourceSnapshot);
  const violations: string[] = [];
  for (const [path, entries] of told.completeContainers) {
    const names = entriesOf(snapshots, path);
    if (names === undefined) violations.push(`${printable(path)} is called complete: there is no such directory`);
    for (const name of names ?? []) {
      if (!entries.has(name)) violations.push(`${printable(path)} is called complete: ${printable(name)} is missing`);
    }
  }
  return violations;
}

function entriesOf(snapshots: readonly SourceSnapshot[], path: string): readonly string[] | undefined {
  for (const { entries } of snapshots) {
    const names = entries.get(path);
    if (names !== undefined) return names;
  }
  return undefined;
}

/** A complete source volume has all of its objects on tape. */
function checkSources(told: ToldInterrupted, sources: readonly string[]): readonly string[] {
  if (told.completeSources.length === 0) return [];
  const claims = new Set(told.objects.map(({ path }) => path));
  return sources.flatMap((source) => {
    if (!told.completeSources.includes(Buffer.from(source).toString("latin1"))) return [];
    return [...sourceSnapshot(source).objects.keys()]
      .filter((path) => !claims.has(path))
      .map((path) => `${source} is called complete: ${printable(path)} is missing`);
  });
}

function printable(path: string): string {
  return JSON.stringify(path);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
