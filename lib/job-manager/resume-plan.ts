// SPDX-License-Identifier: Apache-2.0
/** Collects what a resume must know, in the order that durability.md section 5 demands, and decides. */
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { CatalogManager, JobRecords, ObjectAcross, ResumeStory } from "../protocol/catalog-manager.ts";
import type { CatalogServer, DiskBasedCatalogSummary } from "../protocol/catalog-server.ts";
import type { DataServer } from "../protocol/data-server.ts";
import type { MediaSession } from "../protocol/media-server.ts";
import type { ResumePlan } from "../protocol/job.ts";
import type { ByteCounts, TapeFacts } from "../protocol/tape.ts";
import { cutPieces } from "./cut-extents.ts";
import type { ExtentPiece } from "./cut-extents.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { stillToBackUp } from "./source-volumes.ts";
import { boundaryRecord, decideOnTape } from "./tape-decision.ts";
import type { TapeDecision, TapeWish } from "./tape-decision.ts";

export interface ResumeDecision extends TapeDecision {
  readonly continued?: ObjectAcross;
  readonly restarted?: { readonly path: Uint8Array; readonly reason: string };
  readonly catalog: DiskBasedCatalogSummary;
}

interface ExaminingEnvironment {
  readonly catalogManager: Pick<
    CatalogManager,
    "applyBoundary" | "applyVolumeLost" | "claimsProved" | "objectAcross" | "sourceVolumes" | "takeFooter"
  >;
  readonly catalogServer: Pick<CatalogServer, "generate">;
}

interface ExaminingServers {
  readonly data: Pick<DataServer, "canContinue">;
  readonly media: Pick<MediaSession, "examine" | "footerOf">;
}

/** Steps 0 to 6: changes no durable state, on disk or on tape. */
export async function examineInterruptedJob(
  environment: ExaminingEnvironment,
  { data, media }: ExaminingServers,
  loaded: JobRecords,
  wish: TapeWish = {},
): Promise<ResumeDecision> {
  const { catalogManager, catalogServer } = environment;
  const { jobId } = loaded;
  const decision = await decideOnTape(catalogManager, media, loaded, wish, (streamOffset) =>
    catalogManager.objectAcross(jobId, streamOffset),
  );
  const { streamOffset } = decision;
  const across = await catalogManager.objectAcross(jobId, streamOffset);
  await catalogManager.applyBoundary(jobId, boundaryRecord(decision));
  // One that was complete is not, where the boundary or a lost volume has taken something of it back.
  const records = { ...decision.records, sourceVolumes: await catalogManager.sourceVolumes(jobId) };
  const catalog = await catalogServer.generate(jobId);
  const verdict = across === undefined ? {} : await continuation(data, records, across, streamOffset);
  return { ...decision, records, catalog, ...verdict };
}

/** Step 9: an object that the boundary cuts is continued if it is unchanged and the format can. */
async function continuation(
  dataServer: ExaminingServers["data"],
  records: JobRecords,
  across: ObjectAcross,
  streamOffset: bigint,
): Promise<Pick<ResumeDecision, "continued" | "restarted">> {
  const path = Buffer.concat([across.containerPath, across.name]);
  if (streamOffset < across.dataOffset) {
    return { restarted: { path, reason: "an object cut in its headers cannot be continued" } };
  }
  if (across.firstDataEndOffset !== undefined && streamOffset < across.firstDataEndOffset) {
    return { restarted: { path, reason: "a sparse file cut in its map cannot be continued" } };
  }
  const source = records.sourceVolumes.find((volume) => volume.index === across.sourceIndex);
  if (source === undefined || !(await dataServer.canContinue(source.path, across))) {
    return { restarted: { path, reason: "it was changed or removed since" } };
  }
  return { continued: across };
}

/** What has no extent yet of the object that goes on. */
export function undigestedPieces({ continued, records, streamOffset, facts }: Decided): readonly ExtentPiece[] {
  if (continued === undefined) return [];
  return cutPieces({
    object: continued,
    streamOffset,
    segments: records.segments,
    loadedUuid: facts?.volume.volumeUuid,
    recordSizeBytes: records.settings.recordSizeBytes,
  });
}

/** What a resume or a copy that goes on has decided; a copy knows of no objects. */
type Decided = TapeDecision & Partial<Pick<ResumeDecision, "continued" | "restarted">>;

/** The decision as the temporary catalog keeps it. */
export function storyOf(decision: Decided, cause: string): ResumeStory {
  const { boundary, facts, restarted } = decision;
  return {
    cause,
    discardedObjects: boundary?.discardedBlocks ?? 0n,
    repeatedBytes: repeatedBytes(decision),
    reasons: reasonsOf(decision),
    ...(facts === undefined ? {} : { endOfData: facts.endOfData }),
    ...(restarted === undefined ? {} : { restarted: restarted.path }),
  };
}

/** Stream bytes that were announced for writing, and come once more. */
function repeatedBytes({ records, streamOffset }: Decided): bigint {
  const { announcedStreamOffset } = records;
  return announcedStreamOffset > streamOffset ? announcedStreamOffset - streamOffset : 0n;
}

/** One sentence per decision, in order. */
function reasonsOf(decision: Decided): readonly string[] {
  const { boundary, continued, restarted } = decision;
  const onNewCartridge = `the job goes on on another cartridge at byte ${decision.streamOffset} of its stream`;
  const reasons = [
    ...decision.findings,
    ...withdrawnReasons(decision),
    ...(boundary?.reasons ?? [onNewCartridge]),
    ...(boundary?.mismatch === undefined ? [] : [boundary.mismatch]),
    ...(decision.leaves === undefined ? [] : [`${decision.leaves}: ${onNewCartridge}`]),
  ];
  if (continued !== undefined) {
    reasons.push(
      `${printable(continued)} is unchanged and goes on at byte ${decision.streamOffset - continued.dataOffset} of ${continued.archivedBytes}`,
      ...undigestedPieces(decision).flatMap(({ from, to, onTape }) =>
        onTape === undefined
          ? [
              `its bytes ${from} to ${to} lie on a cartridge that is not loaded: a restore has no digest to compare them with`,
            ]
          : [],
      ),
    );
  }
  if (restarted !== undefined)
    reasons.push(`${Buffer.from(restarted.path).toString()} is written again whole: ${restarted.reason}`);
  return reasons;
}

/** Of a volume that is not the one that the boundary lies on: the stream goes on where it would have gone on. */
function withdrawnReasons({ givenUp, mark, claimsNothingOn }: Decided): readonly string[] {
  if (claimsNothingOn !== undefined)
    return [`nothing is given up with ${claimsNothingOn}: the job claims nothing on it`];
  if (givenUp === undefined || givenUp.volumeUuid === mark?.volumeUuid) return [];
  return [`${givenUp.volumeTag} is given up: what only it held counts as not backed up and is written again`];
}

/** The decision in the words that an operator reads. */
export function planOf(decision: ResumeDecision): ResumePlan {
  const { records, boundary, facts, continued, restarted } = decision;
  const sourceVolumes = stillToBackUp(records.sourceVolumes, continued?.sourceIndex);
  const partial = sourceVolumes.find((volume) => volume.status === "partial");
  return {
    jobId: records.jobId,
    epoch: records.epoch + 1,
    sourceVolumes,
    ...(partial === undefined
      ? {}
      : { partialSourceVolume: { index: partial.index, path: partial.path, why: whyPartial(decision) } }),
    tapeVolumesWanted: facts === undefined ? [] : [facts.volume.volumeTag],
    ...(boundary === undefined || facts === undefined
      ? {}
      : {
          tape: {
            volumeTag: facts.volume.volumeTag,
            durablePosition: boundary.durablePosition,
            endOfData: facts.endOfData,
            boundaryBlock: boundary.boundary,
            streamOffset: boundary.streamOffset,
            adoptedBlocks: boundary.adoptedBlocks,
            discardedBlocks: boundary.discardedBlocks,
            counts: countsOf(decision, boundary, facts),
            relation: boundary.relation,
          },
        }),
    ...(continued === undefined
      ? {}
      : {
          continued: {
            path: Buffer.concat([continued.containerPath, continued.name]),
            fromByte: decision.streamOffset - continued.dataOffset,
            archivedBytes: continued.archivedBytes,
          },
        }),
    ...(restarted === undefined ? {} : { restarted }),
    containersComplete: decision.catalog.containersComplete,
    containersPartial: decision.catalog.containersPartial,
    objectsDurable: decision.catalog.objectsDurable,
    bytesSaved: decision.streamOffset,
    bytesRepeated: repeatedBytes(decision),
    reasons: reasonsOf(decision),
  };
}

/** The four counts of the current volume, in bytes on it: announced, found on it, durable, and read back. */
function countsOf({ records, mark }: ResumeDecision, boundary: BoundaryDecision, facts: TapeFacts): ByteCounts {
  const scanned = facts.objects.reduce(
    (sum, object) => sum + (object.kind === "block" ? BigInt(object.lengthBytes) : 0n),
    0n,
  );
  const durable =
    mark === undefined || mark.durableBytes === 0n
      ? volumeBytesAt(facts.volume, boundary.durablePosition, boundary.filemarks)
      : mark.durableBytes;
  if (boundary.relation === "behind") return { submitted: durable, accepted: durable, durable, verified: 0n };
  const accepted = durable + scanned;
  const announced = durable + records.announcedStreamOffset - records.durableStreamOffset;
  const verified = boundary.mismatch === undefined ? durable : 0n;
  return { submitted: announced > accepted ? announced : accepted, accepted, durable, verified };
}

/** The partially backed-up volume follows from the persistent records and from the bytes on the device. */
function whyPartial(decision: ResumeDecision): string {
  const { records, facts, boundary } = decision;
  const tape =
    facts === undefined || boundary === undefined
      ? "no tape volume holds a part of it"
      : `${facts.volume.volumeTag} holds its bytes up to stream offset ${boundary.streamOffset}`;
  return `the persistent records (${records.frames} frames, ${records.bytes} bytes) open it and do not end it, and ${tape}`;
}

function printable(object: ObjectAcross): string {
  return Buffer.concat([object.containerPath, object.name]).toString();
}
