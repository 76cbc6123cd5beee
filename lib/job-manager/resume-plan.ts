// SPDX-License-Identifier: Apache-2.0
/** Collects what a resume must know, in the order that durability.md section 5 demands, and decides. */
import { OperatorError } from "../errors.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { Boundary, JobRecords, ObjectAcross, ResumeStory } from "../protocol/catalog-manager.ts";
import type { DiskBasedCatalogSummary } from "../protocol/catalog-server.ts";
import type { ResumePlan } from "../protocol/job.ts";
import type { ByteCounts, DurableMark, TapeFacts } from "../protocol/tape.ts";
import { cutPieces } from "./cut-extents.ts";
import type { ExtentPiece } from "./cut-extents.ts";
import type { JobManagerEnvironment } from "./environment.ts";
import type { JobServers } from "./job-run.ts";
import { boundaryUnseen, decideBoundary, durableMarkOf, moveBeforeHeaders } from "./resume-boundary.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";
import { stillToBackUp } from "./source-volumes.ts";

export interface ResumeDecision {
  readonly records: JobRecords;
  readonly facts?: TapeFacts;
  /** Absent where the job has no volume that it was writing. */
  readonly boundary?: BoundaryDecision;
  /** The volume that the boundary lies on. */
  readonly volumeUuid?: string;
  /** Why the job goes on on another volume although the boundary lies on this one. */
  readonly leaves?: string;
  readonly streamOffset: bigint;
  readonly continued?: ObjectAcross;
  readonly restarted?: { readonly path: Uint8Array; readonly reason: string };
  readonly catalog: DiskBasedCatalogSummary;
  /** Why nothing may be written. */
  readonly refusal?: OperatorError;
}

/** A cartridge that is not at hand, and is not waited for: the job goes on behind its last durable mark. */
export interface LeaveBehind {
  readonly volumeTag: string;
  readonly reason: string;
}

/** Steps 0 to 6: changes no durable state, on disk or on tape. */
export async function examineInterruptedJob(
  environment: JobManagerEnvironment,
  { data, media }: JobServers,
  records: JobRecords,
  leave?: LeaveBehind,
): Promise<ResumeDecision> {
  const { catalogManager, catalogServer } = environment;
  const { jobId } = records;
  const mark = durableMarkOf(records);
  let facts: TapeFacts | undefined;
  let boundary: BoundaryDecision | undefined;
  let streamOffset = records.durableStreamOffset;
  let leaves: string | undefined;
  if (mark !== undefined && leave !== undefined && leave.volumeTag === tagOf(records, mark.volumeUuid)) {
    boundary = boundaryUnseen(records);
    streamOffset = boundary.streamOffset;
    leaves = leave.reason;
  } else if (mark !== undefined) {
    facts = await media.examine({
      jobId,
      volumeUuid: mark.volumeUuid,
      volumeTag: tagOf(records, mark.volumeUuid),
      durablePosition: mark.position,
      ...landmarkOf(records, mark),
    });
    boundary = decideBoundary(records, facts);
    streamOffset = boundary.streamOffset;
    leaves = facts.notWritable;
  }
  let across = await catalogManager.objectAcross(jobId, streamOffset);
  if (across !== undefined && streamOffset < across.dataOffset && boundary !== undefined) {
    boundary = moveBeforeHeaders(boundary, across.headerOffset, records.settings.recordSizeBytes);
    streamOffset = boundary.streamOffset;
    across = await catalogManager.objectAcross(jobId, streamOffset);
  }
  const refusal = refusalOf(boundary, facts);
  await catalogManager.applyBoundary(
    jobId,
    boundary === undefined || mark === undefined ? undefined : recordOf(boundary, mark, records, facts),
  );
  const catalog = await catalogServer.generate(jobId);
  const verdict = across === undefined ? {} : await continuation(data, records, across, streamOffset);
  return {
    records,
    streamOffset,
    catalog,
    ...(facts === undefined ? {} : { facts }),
    ...(boundary === undefined || mark === undefined ? {} : { boundary, volumeUuid: mark.volumeUuid }),
    ...(leaves === undefined ? {} : { leaves }),
    ...verdict,
    ...(refusal === undefined ? {} : { refusal }),
  };
}

/** The last segment that begins at or before the durable mark: what lies before it need not be read to be counted. */
export function landmarkOf(
  records: JobRecords,
  mark: DurableMark,
): { readonly landmark?: { readonly tapeFile: number; readonly headBlock: bigint } } {
  const segment = records.segments.findLast(
    ({ volumeUuid, headBlock }) => volumeUuid === mark.volumeUuid && headBlock <= mark.position,
  );
  return segment === undefined ? {} : { landmark: { tapeFile: segment.tapeFile, headBlock: segment.headBlock } };
}

/** Step 9: an object that the boundary cuts is continued if it is unchanged and the format can. */
async function continuation(
  dataServer: JobServers["data"],
  records: JobRecords,
  across: ObjectAcross,
  streamOffset: bigint,
): Promise<Pick<ResumeDecision, "continued" | "restarted">> {
  const path = Buffer.concat([across.containerPath, across.name]);
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

export function refusalOf(
  boundary: BoundaryDecision | undefined,
  facts: TapeFacts | undefined,
): OperatorError | undefined {
  if (boundary === undefined || facts === undefined) return undefined;
  const tag = facts.volume.volumeTag;
  const advice = "Nothing was written. Keep the cartridge, and start a new backup on another one.";
  if (boundary.relation === "behind")
    return new OperatorError(`${boundary.reasons[0] ?? tag}. ${advice}`, { code: "ERR_TAPE_VOLUME_ALTERED" });
  if (boundary.mismatch !== undefined)
    return new OperatorError(`${tag}: ${boundary.mismatch}. ${advice}`, { code: "ERR_TAPE_VOLUME_ALTERED" });
  return undefined;
}

export function recordOf(
  boundary: BoundaryDecision,
  mark: DurableMark,
  records: JobRecords,
  facts: TapeFacts | undefined,
): Boundary {
  // Unseen, the volume's last mark stands as it is.
  const durableBytes =
    facts === undefined
      ? (records.durableMarks.find(({ volumeUuid }) => volumeUuid === mark.volumeUuid)?.durableBytes ?? 0n)
      : volumeBytesAt(facts.volume, boundary.boundary, boundary.filemarks);
  return {
    durable: {
      volumeUuid: mark.volumeUuid,
      segment: boundary.cutSegment?.segment ?? 0,
      position: boundary.boundary,
      streamOffset: boundary.streamOffset,
      durableBytes,
      ...(boundary.lastDigest === undefined ? {} : { lastDigest: boundary.lastDigest }),
    },
    epochOnTape: facts?.highestEpoch ?? 0,
  };
}

export function tagOf(records: JobRecords, volumeUuid: string): string {
  const segment = records.segments.find((candidate) => candidate.volumeUuid === volumeUuid);
  if (segment === undefined) throw new Error(`no segment names the volume ${volumeUuid}`);
  return segment.volumeTag;
}

/** What a resume or a copy that goes on has decided; a copy knows of no objects. */
type Decided = Pick<ResumeDecision, "records" | "facts" | "boundary" | "leaves" | "streamOffset"> &
  Partial<Pick<ResumeDecision, "continued" | "restarted">>;

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
    ...(boundary?.reasons ?? [onNewCartridge]),
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

/** The decision in the words that an operator reads. */
export function planOf(decision: ResumeDecision): ResumePlan {
  const { records, boundary, facts, continued, restarted } = decision;
  const sourceVolumes = stillToBackUp(records.sourceVolumes);
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
function countsOf({ records }: ResumeDecision, boundary: BoundaryDecision, facts: TapeFacts): ByteCounts {
  const mark = durableMarkOf(records);
  const scanned = facts.objects.reduce(
    (sum, object) => sum + (object.kind === "block" ? BigInt(object.lengthBytes) : 0n),
    0n,
  );
  const recordSize = BigInt(facts.volume.recordSizeBytes);
  const durable =
    mark === undefined || mark.durableBytes === 0n
      ? volumeBytesAt(facts.volume, boundary.durablePosition, boundary.filemarks)
      : mark.durableBytes;
  const accepted = durable + scanned;
  const announced = records.loggedBlocks.reduce(
    (sum, blocks) => sum + BigInt(blocks.digests.byteLength / 8) * recordSize,
    durable,
  );
  const verified = boundary.mismatch === undefined && boundary.relation !== "behind" ? durable : 0n;
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
