// SPDX-License-Identifier: Apache-2.0
/**
 * What the product would tell a user of a job: from its temporary catalog by the product's own code where the job is
 * interrupted, from its catalog store where it is finished. What is told here is what is checked.
 */
import { closeSync, existsSync, openSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { CatalogStore } from "../../lib/catalog/catalog-store.ts";
import { memberPath } from "../../lib/catalog/catalog-store.ts";
import type { Claims, SegmentClaim } from "../../lib/catalog/claims.ts";
import { DiskBasedCatalog } from "../../lib/catalog/disk-based-catalog.ts";
import type { FileSystem, ReadFile } from "../../lib/catalog/environment.ts";
import { objectOutcome } from "../../lib/catalog/persistent-record.ts";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { LocalCatalogManager } from "../../lib/catalog-manager/catalog-manager.ts";
import { JobError } from "../../lib/errors.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { Segment } from "../../lib/protocol/tape.ts";
import type { VolumeEntry } from "../../lib/protocol/volume.ts";
import type { ToldSegment } from "./image-stream.ts";

/** An object that is said to be on tape. */
export interface ToldObject {
  /** Member path, Latin-1, without a slash at the end. */
  readonly path: string;
  /** Numbers of `objectKind`. */
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: number;
  readonly dataOffset: number;
  readonly endOffset: number;
  readonly digest: Buffer | undefined;
  readonly linkTarget: string | undefined;
}

export interface ToldExtent {
  readonly from: number;
  readonly to: number;
  readonly digest: Buffer | undefined;
}

export interface ToldVolume {
  readonly volumeTag: string;
  readonly volumeUuid: string;
  readonly position: number;
  readonly durableBytes: number;
  /** XXH3-64 of the last block before the position. */
  readonly lastDigest: Buffer | null;
}

export interface ToldInterrupted {
  readonly recordBytes: number;
  readonly segments: readonly ToldSegment[];
  readonly objects: readonly ToldObject[];
  readonly extents: ReadonlyMap<number, readonly ToldExtent[]>;
  /** Member paths of directories said to be complete, and names of their entries. */
  readonly completeContainers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly completeSources: readonly string[];
  readonly volumes: readonly ToldVolume[];
}

export interface ToldFinished {
  readonly recordBytes: number;
  readonly endOffset: number;
  readonly segments: readonly (ToldSegment & Pick<Segment, "ended" | "footerBlock" | "endPosition">)[];
  readonly objects: readonly ToldObject[];
  readonly extents: ReadonlyMap<number, readonly ToldExtent[]>;
  readonly volumes: readonly VolumeEntry[];
  /** Of every job in the store, by volume: tape files that are explained. */
  readonly tapeFiles: ReadonlyMap<string, ReadonlySet<number>>;
}

/** @returns undefined where nothing of the job was recorded, or the catalog is damaged so that no claim counts */
export async function toldInterrupted(stateFolder: string, jobId: string): Promise<ToldInterrupted | undefined> {
  const jobsFolder = join(stateFolder, "jobs");
  const environment = { ...readingEnvironment, jobsFolder, store: {} as CatalogStore };
  const manager = new LocalCatalogManager(environment);
  try {
    const { damaged } = await manager.loadJob(jobId);
    if (damaged) return undefined;
  } catch (error) {
    if (error instanceof JobError) return undefined;
    throw error;
  }
  const { claims, journal } = manager.reconciled(jobId);
  const { hash128, newSieve } = environment;
  const catalog = await DiskBasedCatalog.generate({ path: ":memory:", journal, claims, hash128, newSieve });
  try {
    return interruptedFrom(claims, catalog);
  } finally {
    catalog.close();
  }
}

function interruptedFrom(claims: Claims, catalog: DiskBasedCatalog): ToldInterrupted {
  const objects: ToldObject[] = [];
  const completeContainers = new Map<string, ReadonlySet<string>>();
  for (const container of catalog.containers()) {
    const folder = container.path.toString("latin1");
    const entries = new Set<string>();
    for (const object of catalog.objects(container)) {
      if (object.outcome !== objectOutcome.ok) continue;
      const name = object.name.toString("latin1");
      entries.add(name);
      objects.push({ ...plain(object), path: withoutSlash(folder + name) });
    }
    if (container.verdict === "complete") completeContainers.set(withoutSlash(folder), entries);
  }
  return {
    recordBytes: claims.recordSizeBytes,
    // One of which nothing is durable may be announced only: its head is written behind its record.
    segments: claims.segments
      .map((segment) => toldClaim(segment, claims.durableStreamOffset))
      .filter(({ streamEnd, streamStart }) => streamEnd > streamStart),
    objects,
    extents: extentsOf(catalog.extents()),
    completeContainers,
    completeSources: claims.sourceVolumes
      .filter(({ status }) => status === "complete")
      .map(({ path }) => path.toString("latin1")),
    volumes: claims.volumes.flatMap(({ volumeTag, volumeUuid, lastDurable }) =>
      lastDurable === undefined
        ? []
        : [
            {
              volumeTag,
              volumeUuid,
              position: Number(lastDurable.position),
              durableBytes: Number(lastDurable.durableBytes),
              lastDigest: lastDurable.lastDigest,
            },
          ],
    ),
  };
}

/** The jobs that hold a job's objects: its parts, each with its sources, or itself. */
export function toldParts({ stateFolder, jobId, sources }: PartedJob): readonly PartedJob[] {
  const store = SqliteCatalogStore.open(join(stateFolder, "catalog.sqlite"));
  try {
    const parts = store.jobs.parts(jobId);
    if (parts.length === 0) return [{ stateFolder, jobId, sources }];
    return parts.map((part) => ({
      stateFolder,
      jobId: part.jobId,
      sources: sources.filter((source) => part.sources.some((each) => Buffer.from(source).equals(each))),
    }));
  } finally {
    store.close();
  }
}

export interface PartedJob {
  readonly stateFolder: string;
  readonly jobId: string;
  /** Absolute paths of source volumes. */
  readonly sources: readonly string[];
}

/** @returns undefined where the store has no such finished job */
export function toldFinished(stateFolder: string, jobId: string): ToldFinished | undefined {
  const store = SqliteCatalogStore.open(join(stateFolder, "catalog.sqlite"));
  try {
    const job = store.finishedJob(jobId);
    if (job === undefined) return undefined;
    const objects = [...store.objectsInStreamOrder(jobId, [])].map((object) => ({
      ...plain(object),
      path: withoutSlash(memberPath(object).toString("latin1")),
    }));
    const volumes = store.volumes.list();
    const recordOf = (offset: number): number => Math.floor(offset / job.recordSizeBytes);
    // Only these can have been cut.
    const large = objects.filter(({ dataOffset, endOffset }) => recordOf(dataOffset) !== recordOf(endOffset - 1));
    return {
      recordBytes: job.recordSizeBytes,
      endOffset: Number(job.endOffset),
      segments: job.segments.map(({ ended, footerBlock, endPosition, ...segment }) => ({
        ...toldSegment(segment, segment.streamEnd ?? segment.streamStart),
        ...(ended === undefined ? {} : { ended }),
        ...(footerBlock === undefined ? {} : { footerBlock }),
        ...(endPosition === undefined ? {} : { endPosition }),
      })),
      objects,
      extents: extentsOf(large.flatMap(({ headerOffset }) => store.extents(jobId, BigInt(headerOffset)))),
      volumes,
      tapeFiles: new Map(
        volumes.map(({ volumeUuid }) => [
          volumeUuid,
          new Set(store.segmentsOnVolume(volumeUuid).map(({ tapeFile }) => tapeFile)),
        ]),
      ),
    };
  } finally {
    store.close();
  }
}

interface AnyObject {
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly digest?: Buffer | null | undefined;
  readonly linkTarget?: Buffer | null | undefined;
}

function plain(object: AnyObject): Omit<ToldObject, "path"> {
  return {
    kind: object.kind,
    fingerprint: object.fingerprint,
    headerOffset: Number(object.headerOffset),
    dataOffset: Number(object.dataOffset),
    endOffset: Number(object.endOffset),
    digest: object.digest ?? undefined,
    linkTarget: object.linkTarget?.toString("latin1"),
  };
}

/** What of a segment is durable. */
function toldClaim(segment: SegmentClaim, durable: bigint): ToldSegment {
  const ends = [segment.streamEnd ?? segment.durableTo ?? segment.streamStart, segment.lostFrom, durable];
  const end = ends.reduce<bigint>((least, each) => (each !== undefined && each < least ? each : least), durable);
  return toldSegment(segment, end > segment.streamStart ? end : segment.streamStart);
}

function toldSegment(segment: Omit<Segment, "continuedHeaderOffset">, streamEnd: bigint): ToldSegment {
  return {
    segment: segment.segment,
    epoch: segment.epoch,
    volumeUuid: segment.volumeUuid,
    volumeTag: segment.volumeTag,
    tapeFile: segment.tapeFile,
    headBlock: Number(segment.headBlock),
    firstDataBlock: Number(segment.firstDataBlock),
    streamStart: Number(segment.streamStart),
    streamEnd: Number(streamEnd),
  };
}

interface AnyExtent {
  readonly headerOffset: bigint;
  readonly from: bigint;
  readonly to: bigint;
  readonly digest: Buffer | undefined;
}

function extentsOf(extents: Iterable<AnyExtent>): ReadonlyMap<number, readonly ToldExtent[]> {
  const found = new Map<number, ToldExtent[]>();
  for (const { headerOffset, from, to, digest } of extents) {
    const key = Number(headerOffset);
    const list = found.get(key) ?? [];
    found.set(key, list);
    list.push({ from: Number(from), to: Number(to), digest });
  }
  return found;
}

function withoutSlash(path: string): string {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

/** Files are read whole: the product reads them piece by piece. */
const readingFileSystem: Pick<FileSystem, "open" | "list"> = {
  open: (path) => Promise.resolve(existsSync(path) ? wholeFile(path) : undefined),
  list: (path) => Promise.resolve(existsSync(path) ? readdirSync(path).sort() : []),
};

function wholeFile(path: string): ReadFile {
  const descriptor = openSync(path, "r");
  const bytes = readFileSync(descriptor);
  closeSync(descriptor);
  return {
    sizeBytes: bytes.length,
    readAt: (position, count) => Promise.resolve(bytes.subarray(position, position + count)),
    synchronise: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

const readingEnvironment = {
  // A job that is only read changes nothing.
  fileSystem: readingFileSystem as FileSystem,
  clock: { nowMs: () => 0 },
  random: { bytes: (count: number) => Buffer.alloc(count) },
  hash128: (bytes: Uint8Array) => nativeBinding().xxh3_128(bytes),
  newSieve: () => new (nativeBinding().RecordSieve)(),
};
