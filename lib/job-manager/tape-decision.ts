// SPDX-License-Identifier: Apache-2.0
/**
 * What a resume does with the tape volumes of its job: goes on on the last one, leaves it, or gives one up. Steps 1 to 6
 * of durability.md, section 5, for backups and copies alike.
 */
import { OperatorError } from "../errors.ts";
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { Boundary, CatalogManager, JobRecords } from "../protocol/catalog-manager.ts";
import type { MediaSession } from "../protocol/media-server.ts";
import type { DurableMark, TapeFacts } from "../protocol/tape.ts";
import { behindVoid, filemarksBefore } from "./boundary-place.ts";
import { proveClaims } from "./damaged-catalog.ts";
import type { ProvedClaims } from "./damaged-catalog.ts";
import { recordsFromTape } from "./records-from-tape.ts";
import type { RecordsFromTape } from "./records-from-tape.ts";
import { giveUpAdvice, withAdvice } from "./give-up-advice.ts";
import {
  boundaryGivenUp,
  boundaryUnseen,
  decideBoundary,
  durableMarkOf,
  moveBeforeHeaders,
  segmentsOn,
} from "./resume-boundary.ts";
import type { BoundaryDecision } from "./resume-boundary.ts";

/** A cartridge that is not at hand, and is not waited for: the job goes on behind its last durable mark. */
export interface LeaveBehind {
  readonly volumeTag: string;
  readonly reason: string;
}

/** What an operator has decided about cartridges of the job, by barcode. */
export interface TapeWish {
  /** Its claims stay, nothing more is written on it. */
  readonly leave?: LeaveBehind;
  /** It is lost, or does not hold what it should: nothing on it counts, and that is written again. */
  readonly giveUp?: string;
  /** It is written on although it ended before its last durable mark. */
  readonly appendTo?: string;
}

export interface TapeDecision {
  /** As they were, without what is claimed on a volume that is given up. */
  readonly records: JobRecords;
  readonly streamOffset: bigint;
  readonly facts?: TapeFacts;
  /** Absent where the job has no volume that it was writing. */
  readonly boundary?: BoundaryDecision;
  readonly mark?: DurableMark;
  /** Why the job goes on on another volume although the boundary lies on this one. */
  readonly leaves?: string;
  /** Withdrawn from: the volume that the operator has given up. */
  readonly givenUp?: WrittenVolume;
  /** Withdrawn from: volumes that do not hold what a damaged catalog claims on them. */
  readonly altered?: readonly WrittenVolume[];
  /** Barcode of a volume that was to be given up, and holds nothing that could be. */
  readonly claimsNothingOn?: string;
  /** The volume broke a promise, though its beginning still counts: a person should look at it. */
  readonly alarm?: string;
  /** Why nothing may be written. */
  readonly refusal?: OperatorError;
  /** Of a damaged catalog: what the tapes said about what is left of it. */
  readonly findings: readonly string[];
}

type WrittenVolume = JobRecords["volumes"][number];

type ExaminingMedia = Pick<MediaSession, "examine" | "footerOf">;

/** The member that lies across a stream offset. */
export type MemberAcross = (
  streamOffset: bigint,
) => Promise<{ readonly headerOffset: bigint; readonly dataOffset: bigint } | undefined>;

/** Changes no durable state; what is given up is withdrawn in memory. */
export async function decideOnTape(
  catalogManager: Pick<CatalogManager, "applyVolumeLost" | "claimsProved" | "takeFooter">,
  media: ExaminingMedia,
  loaded: JobRecords,
  wish: TapeWish,
  memberAcross: MemberAcross,
): Promise<TapeDecision> {
  const givenUp = volumeGivenUp(loaded, wish);
  const { withdrawn, ...proved } = await claimsThatHold(catalogManager, media, loaded, wish, givenUp);
  if (givenUp !== undefined) await catalogManager.applyVolumeLost(loaded.jobId, givenUp.volumeUuid, 0n);
  // A part of a job may have nothing on it; so has one that gave it up before, in an attempt that was interrupted.
  const spared = givenUp === undefined && wish.giveUp !== undefined ? { claimsNothingOn: wish.giveUp } : {};
  const said = { ...proved, ...spared, ...(givenUp === undefined ? {} : { givenUp }) };
  const gone = givenUp === undefined ? withdrawn : [...withdrawn, givenUp];
  const back = firstToGoBackTo(loaded, gone);
  if (back !== undefined) return { ...back, ...said };
  const decision = await decide(catalogManager, media, withoutVolumes(loaded, gone), wish, memberAcross);
  return { ...decision, ...said, findings: [...proved.findings, ...decision.findings] };
}

/** Of a damaged catalog, what the tapes say to it; a whole one speaks for itself. */
async function claimsThatHold(
  catalogManager: Pick<CatalogManager, "applyVolumeLost" | "claimsProved">,
  media: Pick<MediaSession, "examine">,
  loaded: JobRecords,
  wish: TapeWish,
  givenUp: WrittenVolume | undefined,
): Promise<ProvedClaims> {
  if (!loaded.damaged) return { withdrawn: [], altered: [], findings: [] };
  const { currentVolumeUuid } = loaded;
  const left = wish.leave?.volumeTag;
  // The last volume is looked at anyway, unless it is left.
  const spared = [
    givenUp?.volumeUuid,
    currentVolumeUuid !== undefined && tagOf(loaded, currentVolumeUuid) !== left ? currentVolumeUuid : undefined,
  ];
  const isSpared = (volumeUuid: string): boolean => spared.includes(volumeUuid);
  return proveClaims(catalogManager, media, loaded, isSpared);
}

async function decide(
  catalogManager: Pick<CatalogManager, "takeFooter">,
  media: ExaminingMedia,
  left: JobRecords,
  wish: TapeWish,
  memberAcross: MemberAcross,
): Promise<TapeDecision> {
  const { resumableStreamOffset: streamOffset } = left;
  // A hole before the mark: whatever the last volume holds, the stream goes on in front of it.
  const lastMark = streamOffset < left.durableStreamOffset ? undefined : durableMarkOf(left);
  const unseen = { records: left, findings: [] };
  if (lastMark === undefined) return { ...unseen, streamOffset };
  const volumeTag = tagOf(left, lastMark.volumeUuid);
  if (wish.leave?.volumeTag === volumeTag) {
    const boundary = await clearOfHeaders(left, boundaryUnseen(left, lastMark, volumeTag), memberAcross);
    return { ...unseen, mark: lastMark, boundary, streamOffset: boundary.streamOffset, leaves: wish.leave.reason };
  }
  const { boundary: found, facts, findings, mark, records } = await examinedAll(catalogManager, media, left, lastMark);
  const cleared = await clearOfHeaders(records, found, memberAcross);
  const boundary = facts.isWorm === true ? behindVoid(cleared, facts) : cleared;
  const decided = { records, mark, facts, findings, boundary: boundary ?? cleared, streamOffset: cleared.streamOffset };
  const refusal = refusalOf(records.jobId, found, volumeTag);
  if (refusal !== undefined) return { ...decided, refusal };
  const isBehind = found.relation === "behind";
  const leaves =
    facts.notWritable ??
    (boundary === undefined ? `${volumeTag} cannot be written over, and its end is not known` : undefined) ??
    (isBehind && wish.appendTo !== volumeTag ? `nothing is written behind a broken promise` : undefined);
  return {
    ...decided,
    ...(isBehind ? { alarm: found.reasons.join("; ") } : {}),
    ...(leaves === undefined ? {} : { leaves }),
  };
}

/** The boundary that goes into the temporary catalog in one frame (step 7). */
export function boundaryRecord({ boundary, mark, facts, leaves, records }: TapeDecision): Boundary | undefined {
  if (boundary === undefined || mark === undefined) return undefined;
  return {
    durable: {
      volumeUuid: mark.volumeUuid,
      segment: boundary.cutSegment?.segment ?? 0,
      position: boundary.boundary,
      streamOffset: boundary.streamOffset,
      durableBytes:
        facts === undefined
          ? bytesUnseen(records, mark, boundary)
          : volumeBytesAt(facts.volume, boundary.boundary, boundary.filemarks),
      ...(boundary.lastDigest === undefined ? {} : { lastDigest: boundary.lastDigest }),
    },
    epochOnTape: facts?.highestEpoch ?? 0,
    ...(leaves === undefined ? {} : { closes: leaves }),
  };
}

/** The volume's last mark knows its bytes; the boundary may lie before it, with so many blocks between. */
function bytesUnseen(records: JobRecords, mark: DurableMark, { boundary, filemarks }: BoundaryDecision): bigint {
  const filemarksAtMark = filemarksBefore(segmentsOn(records, mark.volumeUuid), mark.position);
  const blocks = mark.position - boundary - BigInt(filemarksAtMark - filemarks);
  return mark.durableBytes - blocks * BigInt(records.settings.recordSizeBytes);
}

/** Tells the media server what becomes of volumes that the job has done with, before it chooses another one. */
export async function partWithVolumes(
  media: Pick<MediaSession, "leaveVolume" | "raiseAlarm" | "setAside">,
  { boundary, mark, leaves, givenUp, altered = [], alarm }: TapeDecision,
): Promise<void> {
  const isGone = [...altered, givenUp].some((volume) => volume !== undefined && volume.volumeUuid === mark?.volumeUuid);
  if (leaves !== undefined && boundary !== undefined && mark !== undefined && !isGone) {
    // The filemark behind a cut is not there; it would have been one more.
    await media.leaveVolume(mark.volumeUuid, { position: boundary.boundary, filemarks: boundary.filemarks });
  }
  if (givenUp !== undefined) await media.setAside(givenUp.volumeUuid, `${givenUp.volumeTag} was given up by a job`);
  for (const { volumeUuid, volumeTag } of altered)
    await media.setAside(volumeUuid, `${volumeTag} does not hold what a job claims on it`);
  if (alarm === undefined || mark === undefined) return;
  if (leaves === undefined) await media.raiseAlarm(mark.volumeUuid, alarm);
  else await media.setAside(mark.volumeUuid, alarm);
}

export function tagOf({ volumes }: Pick<JobRecords, "volumes">, volumeUuid: string): string {
  return volumes.find((volume) => volume.volumeUuid === volumeUuid)?.volumeTag ?? volumeUuid;
}

interface Examined {
  readonly facts: TapeFacts;
  readonly boundary: BoundaryDecision;
}

/** Where the catalog is damaged the tape may give back some of what it has lost; then it is looked at once more. */
async function examinedAll(
  catalogManager: Pick<CatalogManager, "takeFooter">,
  media: ExaminingMedia,
  records: JobRecords,
  mark: DurableMark,
): Promise<Examined & RecordsFromTape> {
  const volumeTag = tagOf(records, mark.volumeUuid);
  const found = await examined(media, records, mark, volumeTag);
  const { boundary, facts } = found;
  const isAsItWas = boundary.mismatch === undefined && boundary.relation === "ahead";
  if (!records.damaged || !isAsItWas) return { ...found, records, mark, findings: [] };
  const given = await recordsFromTape(catalogManager, media, records, facts, mark);
  const again = given.mark === mark ? found : await examined(media, given.records, given.mark, volumeTag);
  return { ...again, ...given };
}

/**
 * Looks at the volume from its durable mark on; where the tape ends before, from lower and lower places until something
 * on it is proved.
 */
async function examined(
  media: Pick<MediaSession, "examine">,
  records: JobRecords,
  mark: DurableMark,
  volumeTag: string,
): Promise<Examined> {
  const wanted = {
    jobId: records.jobId,
    volumeUuid: mark.volumeUuid,
    volumeTag,
    durablePosition: mark.position,
    ...landmarkOf(records, mark),
  };
  const look = async (verifyFrom: bigint): Promise<Examined> => {
    const facts = await media.examine({ ...wanted, verifyFrom }).catch((error: unknown) => {
      throw withAdvice(error, records.jobId, volumeTag);
    });
    return { facts, boundary: decideBoundary(records, facts, mark) };
  };
  const [highest, ...lower] = placesToVerifyFrom(records, mark);
  let found = await look(highest);
  for (const verifyFrom of lower) {
    // Without a valid end of data, what cannot be read at the mark may be the end that is looked for.
    const mayBeBehind =
      found.boundary.relation === "behind" || (found.facts.isEndLost === true && found.facts.before === undefined);
    if (!mayBeBehind || found.boundary.mismatch === undefined) break;
    found = await look(verifyFrom);
  }
  return found;
}

/** First where digests were announced, then segment by segment down to the first one on the volume. */
function placesToVerifyFrom(records: JobRecords, mark: DurableMark): readonly [bigint, ...bigint[]] {
  const heads = segmentsOn(records, mark.volumeUuid).map(({ headBlock }) => headBlock);
  const first = records.loggedBlocks.reduce((least, { firstBlock }) => smaller(least, firstBlock), mark.position);
  const lower = heads.filter((head) => head < first).reverse();
  const lowest = heads[0] ?? mark.position;
  return first < lowest ? [lowest] : [first, ...lower];
}

/** The last segment that begins at or before the durable mark: what lies before it need not be read to be counted. */
function landmarkOf(
  records: JobRecords,
  mark: DurableMark,
): { readonly landmark?: { readonly tapeFile: number; readonly headBlock: bigint } } {
  const segment = segmentsOn(records, mark.volumeUuid).findLast(({ headBlock }) => headBlock <= mark.position);
  return segment === undefined ? {} : { landmark: { tapeFile: segment.tapeFile, headBlock: segment.headBlock } };
}

async function clearOfHeaders(
  { settings }: JobRecords,
  boundary: BoundaryDecision,
  memberAcross: MemberAcross,
): Promise<BoundaryDecision> {
  const across = await memberAcross(boundary.streamOffset);
  if (across === undefined || boundary.streamOffset >= across.dataOffset) return boundary;
  return moveBeforeHeaders(boundary, across.headerOffset, settings.recordSizeBytes);
}

function volumeGivenUp(
  { volumes, segments, currentVolumeUuid }: JobRecords,
  { giveUp }: TapeWish,
): WrittenVolume | undefined {
  return volumes.find(
    ({ volumeUuid, volumeTag }) =>
      volumeTag === giveUp &&
      (volumeUuid === currentVolumeUuid || segments.some((segment) => segment.volumeUuid === volumeUuid)),
  );
}

/**
 * The last volume's part of the stream comes once more, in its own place. What an earlier one held is written behind all
 * the rest (VOLUME_LOST): a backup finds it not listed and packs it anew, but a copy has only the stream.
 */
function goesBackTo({ currentVolumeUuid, settings }: JobRecords, volumeUuid: string): boolean {
  return volumeUuid === currentVolumeUuid || settings.copyOfJobId !== undefined;
}

/** Of the volumes on which nothing counts any more, the one onto which the stream came first; none before a hole. */
function firstToGoBackTo(records: JobRecords, gone: readonly WrittenVolume[]): TapeDecision | undefined {
  return gone
    .filter(({ volumeUuid }) => goesBackTo(records, volumeUuid))
    .flatMap((volume) => inFrontOf(records, volume) ?? [])
    .filter(({ streamOffset }) => streamOffset <= records.resumableStreamOffset)
    .reduce<TapeDecision | undefined>(
      (first, each) => (first === undefined || each.streamOffset < first.streamOffset ? each : first),
      undefined,
    );
}

/** Undefined where nothing is claimed on it any more: of its loss the second file knew before. */
function inFrontOf(records: JobRecords, { volumeUuid, volumeTag }: WrittenVolume): TapeDecision | undefined {
  const mark = durableMarkOf(records, volumeUuid);
  if (mark === undefined) return undefined;
  const boundary = boundaryGivenUp(records, mark, volumeTag);
  const { streamOffset } = boundary;
  return { records, findings: [], mark, boundary, streamOffset, leaves: `${volumeTag} is given up` };
}

function withoutVolumes(records: JobRecords, gone: readonly WrittenVolume[]): JobRecords {
  const isThere = ({ volumeUuid }: { readonly volumeUuid: string }): boolean =>
    !gone.some((volume) => volume.volumeUuid === volumeUuid);
  return { ...records, segments: records.segments.filter(isThere), durableMarks: records.durableMarks.filter(isThere) };
}

function refusalOf(jobId: string, { mismatch }: BoundaryDecision, volumeTag: string): OperatorError | undefined {
  if (mismatch === undefined) return undefined;
  return new OperatorError(`${volumeTag}: ${mismatch}. Nothing was written. ${giveUpAdvice(jobId, volumeTag)}`, {
    code: "ERR_TAPE_VOLUME_ALTERED",
  });
}

function smaller(left: bigint, right: bigint): bigint {
  return left < right ? left : right;
}
