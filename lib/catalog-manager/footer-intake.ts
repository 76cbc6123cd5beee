// SPDX-License-Identifier: Apache-2.0
/**
 * Takes records back from the footer of a segment that is whole on tape (H4). A footer begins with the job and with all
 * of the job's segments as they counted when it was written: it is believed only where that is what the surviving
 * records and the tape itself say, too.
 */
import { isSegmentVoid } from "../catalog/claims.ts";
import type { Claims } from "../catalog/claims.ts";
import { decodeRecordStream, encodeRecord } from "../catalog/persistent-record.ts";
import type {
  JobRecord,
  PersistentRecord,
  SegmentCloseRecord,
  SegmentOpenRecord,
  TruncateRecord,
} from "../catalog/persistent-record.ts";
import { holdsStream } from "../format/segment-end.ts";
import type { SegmentOnTape, TapeFooter } from "../protocol/catalog-manager.ts";
import { segmentCloseRecord } from "./job-records.ts";

/** Records written at once. */
const batchRecords = 1024;

/** What a footer's front says. */
interface Front {
  readonly job: JobRecord;
  readonly opens: readonly SegmentOpenRecord[];
  readonly closes: readonly SegmentCloseRecord[];
}

/**
 * Gives everything that counts to `keep`, in the order of a journal.
 * @returns how many objects it tells of; else why it is not believed, in the middle of a sentence
 */
export async function takeIn(
  claims: Claims,
  footer: TapeFooter,
  keep: (records: readonly PersistentRecord[]) => Promise<void>,
): Promise<bigint | string> {
  const content = new Content(claims);
  let batch: PersistentRecord[] = [];
  const stream = decodeRecordStream(footer.pieces(), footer.where);
  try {
    const front = await frontOf(stream, footer.ending.segment);
    if (front === undefined) return "it does not begin with the job and all of its segments";
    const problem = frontProblem(claims, footer, front);
    if (problem !== undefined) return problem;
    await keep(segmentRecords(claims, footer, front));
    for await (const record of stream) {
      if (!content.counts(record)) continue;
      batch.push(record);
      if (batch.length < batchRecords) continue;
      await keep(batch);
      batch = [];
    }
  } finally {
    await stream.return(undefined);
  }
  const problem = content.problem ?? content.endProblem(footer);
  if (problem !== undefined) return problem;
  const close = segmentCloseRecord(footer.ending);
  await keep(close === undefined ? batch : [...batch, close]);
  return content.objects;
}

/** JOB, perhaps the media set, all segments with the ending one last, and how the others ended. */
async function frontOf(stream: AsyncIterator<PersistentRecord, undefined>, ending: number): Promise<Front | undefined> {
  const next = async (): Promise<PersistentRecord | undefined> => (await stream.next()).value;
  const job = await next();
  if (job?.type !== "job") return undefined;
  const opens: SegmentOpenRecord[] = [];
  const closes: SegmentCloseRecord[] = [];
  do {
    const record = await next();
    if (record?.type === "mediaSet" && opens.length === 0) continue;
    if (record?.type !== "segmentOpen") return undefined;
    opens.push(record);
  } while (opens.at(-1)?.segment !== ending);
  while (closes.length < opens.length - 1) {
    const record = await next();
    if (record?.type !== "segmentClose") return undefined;
    closes.push(record);
  }
  return { job, opens, closes };
}

/**
 * Every segment that counts by the surviving records counted then, every other one that counted then is on the tape
 * where the footer says, and nothing of this has changed in between.
 */
function frontProblem(
  claims: Claims,
  { before, ending }: TapeFooter,
  { closes, job, opens }: Front,
): string | undefined {
  if (!encodeRecord(job).equals(encodeRecord(claims.job))) return "it is of another job";
  const segments = [...before, ending];
  const onTape = new Map(segments.map((segment) => [segment.segment, segment]));
  const claimed = new Map(claims.segments.map((claim) => [claim.segment, claim]));
  for (const open of opens) {
    const sources = [onTape.get(open.segment), claimed.get(open.segment)].filter((each) => each !== undefined);
    if (sources.length === 0) return `it names segment ${open.segment}, of which nothing else tells`;
    if (!sources.every((each) => isOpening(open, each))) return `it has segment ${open.segment} in another place`;
  }
  const misplaced = segments.find((_, index) => !isEndOnRecord(claims, segments, index));
  if (misplaced !== undefined) return `segment ${misplaced.segment} has another end on record than on the tape`;
  for (const close of closes) {
    const claim = claimed.get(close.segment);
    // What was lost with a volume meanwhile had its end then.
    if (claim?.lostFrom !== undefined) continue;
    const ended = onTape.get(close.segment) ?? claim;
    if (ended === undefined || !isClosing(close, ended)) return `segment ${close.segment} has another end in it`;
  }
  const named = new Set(opens.map(({ segment }) => segment));
  const restart = segments.map((_, index) => restartBefore(claims, segments, index)).find((each) => each !== undefined);
  const counted = claims.segments.filter(
    (claim) => claim.lostFrom === undefined && (restart === undefined || !isSegmentVoid(claim, restart)),
  );
  const missing = [...counted, ...before].find(({ segment }) => !named.has(segment));
  return missing && `segment ${missing.segment} did not count any more when it was written`;
}

/** Where the end of a segment is on record, is it there? A start whose record is lost may have cut it before that. */
function isEndOnRecord(claims: Claims, segments: readonly SegmentOnTape[], index: number): boolean {
  const onTape = segments[index];
  const claim = claims.segments.find(({ segment }) => segment === onTape?.segment);
  if (onTape?.streamEnd === undefined || claim?.streamEnd === undefined || isSameEnd(claim, onTape)) return true;
  const isCutLater = onTape.ended === "cut" && restartBefore(claims, segments, index + 1) !== undefined;
  return isCutLater && onTape.streamEnd <= claim.streamEnd;
}

type SegmentBeginning = Pick<
  SegmentOnTape,
  "epoch" | "firstDataBlock" | "headBlock" | "streamStart" | "tapeFile" | "volumeUuid"
>;
type SegmentEnding = Pick<SegmentOnTape, "endPosition" | "ended" | "footerBlock" | "streamEnd">;

function isOpening(open: SegmentOpenRecord, segment: SegmentBeginning): boolean {
  return (
    open.volumeUuid === segment.volumeUuid &&
    open.epoch === segment.epoch &&
    open.tapeFile === segment.tapeFile &&
    open.headBlock === segment.headBlock &&
    open.firstDataBlock === segment.firstDataBlock &&
    open.streamOffset === segment.streamStart
  );
}

function isClosing(close: SegmentCloseRecord, segment: SegmentEnding): boolean {
  return (
    close.streamOffset === segment.streamEnd &&
    close.endBlock === segment.endPosition &&
    close.footerBlock === (segment.footerBlock ?? null) &&
    // How a cut one ended the tape does not tell.
    (close.how === segment.ended || close.footerBlock === null)
  );
}

function isSameEnd(left: SegmentEnding, right: SegmentEnding): boolean {
  return (
    left.streamEnd === right.streamEnd &&
    left.endPosition === right.endPosition &&
    left.footerBlock === right.footerBlock
  );
}

/**
 * TRUNCATE of a start whose own is lost: the first head of an epoch stands where the stream goes on. Behind a segment that
 * was cut it stands behind the filemark that the start wrote first.
 * @param index of the segment that began the epoch, where it did
 */
function restartBefore(claims: Claims, segments: readonly SegmentOnTape[], index: number): TruncateRecord | undefined {
  const segment = segments[index];
  const before = segments[index - 1];
  if (segment === undefined || segment.epoch <= Math.max(claims.epoch, before?.epoch ?? 0)) return undefined;
  const { epoch, headBlock, streamStart: streamOffset, volumeUuid } = segment;
  const boundaryBlock = before?.ended === "cut" ? headBlock - 1n : headBlock;
  return { type: "truncate", volumeUuid, boundaryBlock, streamOffset, epoch };
}

/** Openings that are not on record, with what only the footer knows of them, and the ends of those that were cut. */
function segmentRecords(claims: Claims, footer: TapeFooter, { closes, opens }: Front): readonly PersistentRecord[] {
  const claimed = new Set(claims.segments.map(({ segment }) => segment));
  const segments = [...footer.before, footer.ending];
  return segments.flatMap(({ segment }, index): readonly PersistentRecord[] => [
    ...[restartBefore(claims, segments, index)].filter((restart) => restart !== undefined),
    ...(claimed.has(segment) ? [] : opens.filter((open) => open.segment === segment)),
    ...closes.filter((close) => close.segment === segment),
  ]);
}

/** What follows the front: the records since the footer before. */
class Content {
  readonly #claims: Claims;
  readonly #isAnythingLost: boolean;
  #reached = 0n;
  objects = 0n;
  problem: string | undefined;

  constructor(claims: Claims) {
    this.#claims = claims;
    this.#isAnythingLost = claims.segments.some(({ lostFrom }) => lostFrom !== undefined);
  }

  /**
   * Facts about the stream count. Decisions of earlier starts stand in footers too, out of their place between the
   * others: they are not carried out again.
   */
  counts(record: PersistentRecord): boolean {
    switch (record.type) {
      case "sourceVolumeOpen":
        if (this.#claims.job.sources[record.index]?.equals(record.path) !== true)
          this.problem ??= `it opens a source volume ${record.index} that the job does not have`;
        return true;
      case "sourceVolumeDone":
        // It counts what is lost by now.
        return !this.#isAnythingLost && record.index < this.#claims.job.sources.length;
      case "object":
        this.objects += 1n;
        this.#reach(record.endOffset);
        return true;
      case "containerClose":
        this.#reach(record.endOffset);
        return true;
      case "containerOpen":
      case "extent":
      case "objectOpen":
        return true;
      default:
        return false;
    }
  }

  /** The stream of a closed segment ends with a member, in the last record before the footer. */
  endProblem({ ending, recordSizeBytes }: TapeFooter): string | undefined {
    if (!holdsStream(ending)) return undefined;
    const size = BigInt(recordSizeBytes);
    const end = ((this.#reached + size - 1n) / size) * size;
    return end === ending.streamEnd ? undefined : `what it tells of ends at byte ${this.#reached} of the stream`;
  }

  #reach(endOffset: bigint): void {
    if (endOffset > this.#reached) this.#reached = endOffset;
  }
}
