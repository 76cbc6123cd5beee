// SPDX-License-Identifier: Apache-2.0
/**
 * How far a tape holds what the job's records announced for it: forwards from the last durable mark, or downwards from
 * a tape's end that lies before it. The announced digests are the only ground (*). Pure.
 */
import type { JobRecords } from "../protocol/catalog-manager.ts";
import type { DurableMark, LoggedBlocks, Segment, TapeFacts, TapeObject } from "../protocol/tape.ts";

export interface Reach {
  /** Behind the last object that is proved. */
  readonly position: bigint;
  readonly streamOffset: bigint;
  readonly lastDigest: bigint | undefined;
  readonly adopted: bigint;
}

/** Follows the tape behind the durable mark as long as it holds what was announced (*). */
export function adoptedPrefix(
  records: JobRecords,
  facts: TapeFacts,
  mark: DurableMark,
  segments: readonly Segment[],
): Reach {
  const { position, streamOffset, lastDigest } = mark;
  let reach: Reach = { position, streamOffset, lastDigest, adopted: 0n };
  for (const [index, object] of facts.objects.entries()) {
    const here = facts.scannedFrom + BigInt(index);
    const announced = announcedAt(records, here);
    if (announced === undefined) {
      if (!standsBeforeKnownData(records, here, object, segments)) break;
      continue;
    }
    if (!isAnnounced(object, announced, facts)) break;
    reach = behind(here, announced, facts, reach.adopted + 1n);
  }
  return reach;
}

/**
 * A tape is written from one end: where one block is still the announced one, so is everything before it. Absent: none
 * of what was read back is.
 */
export function provedPrefix(records: JobRecords, facts: TapeFacts): Reach | undefined {
  for (let index = facts.objects.length - 1; index >= 0; index--) {
    const here = facts.scannedFrom + BigInt(index);
    const announced = announcedAt(records, here);
    const object = facts.objects[index];
    if (announced !== undefined && isAnnounced(object, announced, facts)) return behind(here, announced, facts, 0n);
  }
  return undefined;
}

/** The last of these segments whose own head was read back where it was written: what lies before it is proved. */
export function provedHead(jobId: string, facts: TapeFacts, segments: readonly Segment[]): Segment | undefined {
  return segments.findLast((segment) =>
    isHeadOf(jobId, segment, facts.objects[Number(segment.headBlock - facts.scannedFrom)]),
  );
}

interface Announced {
  readonly digest: bigint;
  readonly streamOffset: bigint;
}

function behind(here: bigint, announced: Announced, facts: TapeFacts, adopted: bigint): Reach {
  return {
    position: here + 1n,
    streamOffset: announced.streamOffset + BigInt(facts.volume.recordSizeBytes),
    lastDigest: announced.digest,
    adopted,
  };
}

/** Is the block on tape what was announced for its place, if anything was? */
export function isAsAnnounced(records: JobRecords, position: bigint, object: TapeObject, facts: TapeFacts): boolean {
  const announced = announcedAt(records, position);
  return announced === undefined || isAnnounced(object, announced, facts);
}

function isAnnounced(object: TapeObject | undefined, announced: Announced, { volume }: TapeFacts): boolean {
  return (
    object?.kind === "block" && object.lengthBytes === volume.recordSizeBytes && object.digest === announced.digest
  );
}

/**
 * What carries no announced digest (footer, filemark, head) counts only between the end of one segment's data and the
 * head of the next known one of this epoch, which must be that segment's own: data that is the same in two epochs may
 * stand behind the head of the older one. The caller counts it only with adopted data behind it.
 */
function standsBeforeKnownData(
  { epoch, jobId, settings }: JobRecords,
  here: bigint,
  object: TapeObject,
  segments: readonly Segment[],
): boolean {
  const next = segments.find((segment) => segment.firstDataBlock > here);
  if (next?.epoch !== epoch) return false;
  const before = segments.findLast((segment) => segment.headBlock < next.headBlock);
  if (before !== undefined && here < endOfDataIn(before, next.streamStart, settings.recordSizeBytes)) return false;
  if (here === next.headBlock) return isHeadOf(jobId, next, object);
  return here !== next.headBlock - 1n || object.kind === "filemark";
}

function endOfDataIn(segment: Segment, streamEnd: bigint, recordSizeBytes: number): bigint {
  return segment.firstDataBlock + (streamEnd - segment.streamStart) / BigInt(recordSizeBytes);
}

function isHeadOf(jobId: string, { epoch, segment }: Segment, object: TapeObject | undefined): boolean {
  if (object?.kind !== "block" || object.head === undefined) return false;
  const { head } = object;
  return head.jobId === jobId && head.epoch === epoch && head.segment === segment;
}

/** What the catalog announced for this block, if anything. Where two speak of it, the later one rules. */
function announcedAt({ loggedBlocks, settings }: JobRecords, position: bigint): Announced | undefined {
  const run = loggedBlocks.findLast(
    ({ firstBlock, digests }) => firstBlock <= position && position < firstBlock + BigInt(digests.byteLength / 8),
  );
  return run === undefined ? undefined : announcedIn(run, position - run.firstBlock, settings.recordSizeBytes);
}

function announcedIn({ digests, streamOffset }: LoggedBlocks, index: bigint, recordSizeBytes: number): Announced {
  const view = new DataView(digests.buffer, digests.byteOffset, digests.byteLength);
  return {
    digest: view.getBigUint64(Number(index) * 8),
    streamOffset: streamOffset + index * BigInt(recordSizeBytes),
  };
}
