// SPDX-License-Identifier: Apache-2.0
/** From claims (what the persistent records say) to what the other roles ask. */
import type { Claims, OpenObject, SegmentClaim } from "../catalog/claims.ts";
import { decodeFingerprint } from "../catalog/fingerprint.ts";
import { objectKind } from "../catalog/persistent-record.ts";
import type {
  DurableRecord,
  ExtentRecord,
  InterruptionRecord,
  SegmentCloseRecord,
  SegmentOpenRecord,
} from "../catalog/persistent-record.ts";
import type { CatalogSummary } from "../catalog/temporary-catalog-reader.ts";
import type { Interruption, JobHistory, JobRecords, ObjectAcross, ResumeStory } from "../protocol/catalog-manager.ts";
import type { DurableMark, LoggedBlocks, Segment } from "../protocol/tape.ts";
import type { SourceVolume } from "../protocol/source-volume.ts";

const digestBytes = 8;
const tarBlockBytes = 512n;
const firstSegment = 1;

/** What is known of a job whose temporary catalog was read. */
export interface ReadJob {
  readonly claims: Claims;
  readonly summary: CatalogSummary;
  readonly interruptions: readonly Interruption[];
}

export function jobRecords({ claims, interruptions, summary }: ReadJob): JobRecords {
  const { settings, jobId, originalStartMs } = claims.job;
  const { copyOfJobId } = claims;
  const current = claims.volumes.find(
    (volume) => volume.volumeUuid === claims.currentVolumeUuid && volume.closed === undefined,
  );
  const loggedBlocks = current === undefined ? [] : claims.loggedBlocks(current.volumeUuid);
  return {
    jobId,
    startedAtMs: Number(originalStartMs),
    settings: {
      pool: String(settings["pool"]),
      recordSizeBytes: claims.recordSizeBytes,
      crossMounts: settings["crossMounts"] === true,
      ...(copyOfJobId === undefined ? {} : { copyOfJobId }),
    },
    epoch: claims.epoch,
    sourceVolumes: claims.sourceVolumes.map(sourceVolumeOf),
    segments: survivingSegments(claims),
    nextSegment: Math.max(claims.nextSegment, firstSegment),
    volumes: claims.volumes.map(({ volumeUuid, volumeTag }) => ({ volumeUuid, volumeTag })),
    durableMarks: claims.volumes.flatMap(({ lastDurable }) =>
      lastDurable === undefined ? [] : [durableMark(lastDurable)],
    ),
    ...(current === undefined ? {} : { currentVolumeUuid: current.volumeUuid }),
    loggedBlocks,
    durableStreamOffset: claims.durableStreamOffset,
    resumableStreamOffset: claims.resumableStreamOffset,
    announcedStreamOffset: announcedStreamOffset(loggedBlocks, claims),
    frames: summary.frames,
    bytes: summary.bytes,
    damaged: summary.damage !== undefined,
    ...(summary.damage === undefined ? {} : { epochBehindDamage: summary.damage.epoch }),
    interruptions,
    ...(claims.jobDone === undefined
      ? {}
      : { done: claims.jobDone.status as "complete" | "completeWithExceptions" | "cancelled" }),
  };
}

export function jobHistory({
  epoch,
  durableMarks,
  durableStreamOffset,
  interruptions,
  sourceVolumes,
  volumes,
}: JobRecords): JobHistory {
  const tags = new Map(volumes.map(({ volumeUuid, volumeTag }) => [volumeUuid, volumeTag]));
  return {
    epoch,
    streamOffset: durableStreamOffset,
    sourceVolumes,
    durableMarks: durableMarks.map(({ volumeUuid, position, durableBytes }) => ({
      volumeUuid,
      volumeTag: tags.get(volumeUuid) ?? volumeUuid,
      position,
      durableBytes,
    })),
    interruptions,
  };
}

export function objectAcross({ open, sourceIndex, containerPath, extents }: OpenObject): ObjectAcross {
  const isSparse = open.kind === objectKind.sparseFile && open.sparseMap !== null;
  return {
    sourceIndex,
    containerId: open.containerId,
    containerPath,
    name: open.name,
    sparse: isSparse,
    fingerprint: open.fingerprint,
    headerOffset: open.headerOffset,
    dataOffset: open.dataOffset,
    endOffset: open.endOffset,
    archivedBytes: open.archivedBytes,
    digestedBytes: extents.at(-1)?.to ?? 0n,
    ...(isSparse && open.sparseMap !== null
      ? {
          sparseMap: open.sparseMap,
          sparseRealBytes: decodeFingerprint(open.fingerprint).sizeBytes,
          // GNU tar knows the map only once the first block of data behind it is complete.
          firstDataEndOffset: open.dataOffset + BigInt(open.sparseMap.length) + tarBlockBytes,
        }
      : {}),
  };
}

/** Announced is what may have been written; digests of more than the current volume's end are not kept. */
function announcedStreamOffset(loggedBlocks: readonly LoggedBlocks[], claims: Claims): bigint {
  const { durableStreamOffset, recordSizeBytes } = claims;
  return loggedBlocks.reduce((end, { streamOffset, digests }) => {
    const runEnd = streamOffset + BigInt((digests.byteLength / digestBytes) * recordSizeBytes);
    return runEnd > end ? runEnd : end;
  }, durableStreamOffset);
}

export function interruptionRecord(story: ResumeStory, epoch: number, atMs: number): InterruptionRecord {
  const { cause, endOfData, discardedObjects, repeatedBytes, restarted, reasons } = story;
  return {
    type: "interruption",
    epoch,
    atMs: BigInt(atMs),
    cause,
    endOfData: endOfData ?? null,
    discardedObjects,
    repeatedBytes,
    restarted: restarted === undefined ? null : Buffer.from(restarted),
    reasons,
  };
}

export function storyOf(record: InterruptionRecord): ResumeStory {
  const { cause, endOfData, discardedObjects, repeatedBytes, restarted, reasons } = record;
  return {
    cause,
    discardedObjects,
    repeatedBytes,
    reasons,
    ...(endOfData === null ? {} : { endOfData }),
    ...(restarted === null ? {} : { restarted }),
  };
}

export function extentRecord(
  { containerId, name, headerOffset }: ObjectAcross,
  { from, to, digest }: { readonly from: bigint; readonly to: bigint; readonly digest?: Uint8Array },
): ExtentRecord {
  return {
    type: "extent",
    containerId,
    name: Buffer.from(name),
    headerOffset,
    from,
    to,
    digest: digest === undefined ? null : Buffer.from(digest),
  };
}

export function segmentOpenRecord(segment: Segment): SegmentOpenRecord {
  return {
    type: "segmentOpen",
    segment: segment.segment,
    streamOffset: segment.streamStart,
    volumeUuid: segment.volumeUuid,
    volumeTag: segment.volumeTag,
    tapeFile: segment.tapeFile,
    headBlock: segment.headBlock,
    firstDataBlock: segment.firstDataBlock,
    epoch: segment.epoch,
    continuedHeaderOffset: segment.continuedHeaderOffset ?? null,
  };
}

/** @returns undefined for a segment that has not ended */
export function segmentCloseRecord(segment: Segment): SegmentCloseRecord | undefined {
  if (segment.streamEnd === undefined || segment.ended === undefined || segment.endPosition === undefined)
    return undefined;
  return {
    type: "segmentClose",
    segment: segment.segment,
    streamOffset: segment.streamEnd,
    volumeUuid: segment.volumeUuid,
    tapeFile: segment.tapeFile,
    how: segment.ended,
    footerBlock: segment.footerBlock ?? null,
    endBlock: segment.endPosition,
  };
}

export function durableRecord(mark: DurableMark, epoch: number): DurableRecord {
  const lastDigest = mark.lastDigest === undefined ? null : Buffer.alloc(digestBytes);
  if (mark.lastDigest !== undefined) lastDigest?.writeBigUInt64BE(mark.lastDigest);
  return {
    type: "durable",
    volumeUuid: mark.volumeUuid,
    segment: mark.segment,
    position: mark.position,
    streamOffset: mark.streamOffset,
    durableBytes: mark.durableBytes,
    epoch,
    lastDigest,
  };
}

/** Without what was lost with a volume; a segment of which a part is lost ends there. */
export function survivingSegments({ segments, recordSizeBytes }: Claims): readonly Segment[] {
  return segments.flatMap((claim): readonly Segment[] => {
    const { lostFrom } = claim;
    if (lostFrom === undefined) return [segmentOf(claim)];
    if (lostFrom <= claim.streamStart) return [];
    const { footerBlock: _lost, ...kept } = segmentOf(claim);
    const records = (lostFrom - claim.streamStart) / BigInt(recordSizeBytes);
    return [{ ...kept, ended: "cut", streamEnd: lostFrom, endPosition: claim.firstDataBlock + records }];
  });
}

export function segmentOf(claim: SegmentClaim): Segment {
  const { continuedHeaderOffset, lostFrom: _lostFrom, durableTo: _durableTo, ...segment } = claim;
  return { ...segment, ...(continuedHeaderOffset === null ? {} : { continuedHeaderOffset }) };
}

export function sourceVolumeOf(claim: Claims["sourceVolumes"][number]): SourceVolume {
  return {
    index: claim.index,
    path: claim.path,
    status: claim.status,
    objects: claim.done?.objects ?? 0n,
    exceptions: claim.done?.exceptions ?? 0n,
    ...(claim.streamStart === undefined ? {} : { streamStart: claim.streamStart }),
    ...(claim.done === undefined ? {} : { streamEnd: claim.done.endOffset }),
  };
}

function durableMark(record: DurableRecord): DurableMark {
  return {
    volumeUuid: record.volumeUuid,
    segment: record.segment,
    position: record.position,
    streamOffset: record.streamOffset,
    durableBytes: record.durableBytes,
    ...(record.lastDigest === null ? {} : { lastDigest: record.lastDigest.readBigUInt64BE() }),
  };
}
