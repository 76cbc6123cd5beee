// SPDX-License-Identifier: Apache-2.0
/** Segments of jobs and of their copies in SQLite. */
import type { Database } from "better-sqlite3";
import type { SegmentEnd } from "../../format/segment-end.ts";
import type { Segment } from "../../protocol/tape.ts";
import type { VolumeSegment } from "../catalog-store.ts";

interface SegmentRow {
  readonly job_id: bigint;
  readonly number: bigint;
  readonly epoch: bigint;
  readonly volume_uuid: string;
  readonly volume_tag: string;
  readonly tape_file: bigint;
  readonly head_block: bigint;
  readonly first_data_block: bigint;
  readonly stream_start: bigint;
  readonly stream_end: bigint;
  readonly ended: SegmentEnd;
  readonly footer_block: bigint | null;
  readonly end_position: bigint | null;
  readonly continued_header_offset: bigint | null;
}

export function segmentsOfJob(database: Database, jobId: string): readonly Segment[] {
  return database
    .prepare<[string], SegmentRow>("SELECT * FROM segment WHERE job_id = ? ORDER BY stream_start, number")
    .safeIntegers()
    .all(jobId)
    .map(segmentOf);
}

export function segmentsOnVolume(database: Database, volumeUuid: string): readonly VolumeSegment[] {
  return database
    .prepare<[string], SegmentRow>("SELECT * FROM segment WHERE volume_uuid = ? ORDER BY tape_file, job_id, number")
    .safeIntegers()
    .all(volumeUuid)
    .map((row) => ({ ...segmentOf(row), jobId: String(row.job_id) }));
}

/** Puts a job's segments in the place of those that it had. */
export function replaceSegments(database: Database, jobId: string, segments: readonly Segment[]): void {
  database.prepare("DELETE FROM segment WHERE job_id = ?").run(jobId);
  const insert = database.prepare(
    `INSERT INTO segment (job_id, number, epoch, volume_uuid, volume_tag, tape_file, head_block, first_data_block, stream_start,
     stream_end, ended, footer_block, end_position, continued_header_offset) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const segment of segments) {
    insert.run(
      jobId,
      segment.segment,
      segment.epoch,
      segment.volumeUuid,
      segment.volumeTag,
      segment.tapeFile,
      segment.headBlock,
      segment.firstDataBlock,
      segment.streamStart,
      segment.streamEnd ?? segment.streamStart,
      segment.ended ?? "cut",
      segment.footerBlock ?? null,
      segment.endPosition ?? null,
      segment.continuedHeaderOffset ?? null,
    );
  }
}

function segmentOf(row: SegmentRow): Segment {
  return {
    segment: Number(row.number),
    epoch: Number(row.epoch),
    volumeUuid: row.volume_uuid,
    volumeTag: row.volume_tag,
    tapeFile: Number(row.tape_file),
    headBlock: row.head_block,
    firstDataBlock: row.first_data_block,
    streamStart: row.stream_start,
    streamEnd: row.stream_end,
    ended: row.ended,
    ...(row.footer_block === null ? {} : { footerBlock: row.footer_block }),
    ...(row.end_position === null ? {} : { endPosition: row.end_position }),
    ...(row.continued_header_offset === null ? {} : { continuedHeaderOffset: row.continued_header_offset }),
  };
}
