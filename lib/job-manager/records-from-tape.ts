// SPDX-License-Identifier: Apache-2.0
/**
 * What a damaged temporary catalog has lost and the tape still tells (H4): the footers of segments that are whole behind
 * the last durable mark that survived. What they tell of counts as written; docs/internals/lost-records.md says why it
 * may. What no footer tells is written again.
 */
import { volumeBytesAt } from "../media/volume-bytes.ts";
import type { CatalogManager, JobRecords, SegmentOnTape } from "../protocol/catalog-manager.ts";
import type { MediaSession } from "../protocol/media-server.ts";
import type { DurableMark, TapeFacts } from "../protocol/tape.ts";
import { chained, ended, headsBehind, isConfirmed, mayBeTakenBack, placeOf, tapeFiles } from "./footer-chain.ts";
import type { ChainedFile, ChainPlace, EndedSegment } from "./footer-chain.ts";

export interface RecordsFromTape {
  readonly records: JobRecords;
  /** Behind the last footer that was taken. */
  readonly mark: DurableMark;
  /** One sentence each, for people. */
  readonly findings: readonly string[];
}

interface Taken extends RecordsFromTape {
  readonly segments: number;
  readonly objects: bigint;
}

/** Goes from footer to footer as long as all of them, the heads between and the records that are left agree. */
export async function recordsFromTape(
  catalogManager: Pick<CatalogManager, "takeFooter">,
  media: Pick<MediaSession, "footerOf">,
  records: JobRecords,
  facts: TapeFacts,
  mark: DurableMark,
): Promise<RecordsFromTape> {
  const { volumeTag } = facts.volume;
  const nothing: Taken = { records, mark, findings: [], segments: 0, objects: 0n };
  // A copy has no records of its own to lose: its stream is read where it was read before.
  if (records.settings.copyOfJobId !== undefined || facts.isEndLost === true) return nothing;
  let place = placeOf(records, mark);
  const heads = headsBehind(records, facts, place);
  if (mayBeTakenBack(records, heads)) {
    const text = `a later start is among the lost records and has left nothing on ${volumeTag}: what stands there behind object ${mark.position} may have been taken back, and is written again`;
    return { ...nothing, findings: [text] };
  }
  let taken = nothing;
  let before: readonly SegmentOnTape[] = [];
  for (const each of tapeFiles(records, facts)) {
    const file = chained(records, place, each, volumeTag);
    if (file === undefined) break;
    const { recordSizeBytes } = records.settings;
    const footer = await media.footerOf({
      jobId: records.jobId,
      segment: file.opened.segment,
      firstBlock: file.from,
      filemark: file.filemark,
    });
    const ending = ended(file, footer?.footerBlock, recordSizeBytes);
    if (!isConfirmed(file, ending, records, heads)) break;
    place = behind(ending, place);
    if (footer === undefined) {
      before = [...before, ending];
      continue;
    }
    const markBehind = markOf(file, ending, facts);
    const where = `the footer of segment ${ending.segment} on ${volumeTag}`;
    const pieces = (): AsyncIterable<Uint8Array> => footer.pieces();
    const given = { before, ending, mark: markBehind, recordSizeBytes, where, pieces };
    const verdict = await catalogManager.takeFooter(records.jobId, given);
    if ("refused" in verdict) {
      const text = `${where} is not believed, for ${verdict.refused}: what it tells of is written again`;
      return told({ ...taken, findings: [text] }, volumeTag);
    }
    const segments = taken.segments + before.length + 1;
    const objects = taken.objects + verdict.objects;
    taken = { ...taken, records: verdict.records, mark: markBehind, segments, objects };
    before = [];
  }
  return told(taken, volumeTag);
}

function behind({ epoch, streamEnd, tapeFile }: EndedSegment, place: ChainPlace): ChainPlace {
  return { epoch: Math.max(place.epoch, epoch), streamOffset: streamEnd, filemarks: tapeFile + 1 };
}

function markOf({ lastDigest }: ChainedFile, ending: EndedSegment, { volume }: TapeFacts): DurableMark {
  const { endPosition: position, segment, streamEnd: streamOffset, tapeFile, volumeUuid } = ending;
  const durableBytes = volumeBytesAt(volume, position, tapeFile + 1);
  return { volumeUuid, segment, position, streamOffset, durableBytes, lastDigest };
}

function told({ findings, mark, objects, records, segments }: Taken, volumeTag: string): RecordsFromTape {
  if (segments === 0) return { records, mark, findings };
  const text = `footers on ${volumeTag} gave back lost records, of ${segments} segments up to object ${mark.position} and of ${objects} objects in them: they count as written`;
  return { records, mark, findings: [text, ...findings] };
}
