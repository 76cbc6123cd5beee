// SPDX-License-Identifier: Apache-2.0
/** What is told of jobs that are over, in SQLite: in one transaction each, for it takes a temporary catalog's place. */
import type { Database } from "better-sqlite3";
import type { Interruption, JobHistory, JobHistoryRegister, ResumeStory } from "../../protocol/catalog-manager.ts";
import type { SourceVolume } from "../../protocol/source-volume.ts";
import { sourcesOfJob, updateSources } from "./source-volumes.ts";
import type { SourceRow } from "./source-volumes.ts";

interface HistoryRow {
  readonly epoch: bigint;
  readonly stream_offset: bigint;
}

interface MarkRow {
  readonly volume_uuid: string;
  readonly volume_tag: string;
  readonly position: bigint;
  readonly bytes: bigint;
}

interface InterruptionRow {
  readonly epoch: bigint;
  readonly volume_uuid: string;
  readonly boundary_block: bigint;
  readonly stream_offset: bigint;
  readonly adopted_bytes: bigint;
  readonly continued: Buffer | null;
  readonly resumed_at_ms: bigint | null;
  readonly cause: string | null;
  readonly end_of_data: bigint | null;
  readonly discarded_objects: bigint | null;
  readonly repeated_bytes: bigint | null;
  readonly restarted: Buffer | null;
  readonly reasons: string | null;
}

export class SqliteJobHistoryRegister implements JobHistoryRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  keep(jobId: string, history: JobHistory): void {
    this.#database
      .transaction(() => {
        for (const table of ["job_history", "durable_mark", "interruption"])
          this.#database.prepare(`DELETE FROM ${table} WHERE job_id = ?`).run(jobId);
        updateSources(this.#database, jobId, history.sourceVolumes);
        this.#keepMarks(jobId, history);
        for (const interruption of history.interruptions) this.#keepInterruption(jobId, interruption);
        this.#database
          .prepare("INSERT INTO job_history (job_id, epoch, stream_offset) VALUES (?, ?, ?)")
          .run(jobId, history.epoch, history.streamOffset);
      })
      .immediate();
  }

  get(jobId: string): JobHistory | undefined {
    return this.#database.transaction(() => this.#get(jobId))();
  }

  #get(jobId: string): JobHistory | undefined {
    const row = this.#rows<HistoryRow>("SELECT epoch, stream_offset FROM job_history WHERE job_id = ?", jobId)[0];
    if (row === undefined) return undefined;
    const marks = this.#rows<MarkRow>("SELECT * FROM durable_mark WHERE job_id = ? ORDER BY number", jobId);
    const found = this.#rows<InterruptionRow>("SELECT * FROM interruption WHERE job_id = ? ORDER BY epoch", jobId);
    return {
      epoch: Number(row.epoch),
      streamOffset: row.stream_offset,
      sourceVolumes: sourcesOfJob(this.#database, jobId).map(sourceVolumeOf),
      durableMarks: marks.map((mark) => ({
        volumeUuid: mark.volume_uuid,
        volumeTag: mark.volume_tag,
        position: mark.position,
        durableBytes: mark.bytes,
      })),
      interruptions: found.map(interruptionOf),
    };
  }

  #rows<Row>(query: string, jobId: string): readonly Row[] {
    return this.#database.prepare<[string], Row>(query).safeIntegers().all(jobId);
  }

  #keepMarks(jobId: string, { durableMarks }: JobHistory): void {
    const insert = this.#database.prepare(
      "INSERT INTO durable_mark (job_id, number, volume_uuid, volume_tag, position, bytes) VALUES (?, ?, ?, ?, ?, ?)",
    );
    for (const [number, mark] of durableMarks.entries())
      insert.run(jobId, number, mark.volumeUuid, mark.volumeTag, mark.position, mark.durableBytes);
  }

  #keepInterruption(jobId: string, { story, ...kept }: Interruption): void {
    this.#database
      .prepare(
        `INSERT INTO interruption (job_id, epoch, volume_uuid, boundary_block, stream_offset, adopted_bytes, continued,
         resumed_at_ms, cause, end_of_data, discarded_objects, repeated_bytes, restarted, reasons)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        jobId,
        kept.epoch,
        kept.volumeUuid,
        kept.boundaryBlock,
        kept.streamOffset,
        kept.adoptedBytes,
        kept.continued ?? null,
        kept.resumedAtMs ?? null,
        story?.cause ?? null,
        story?.endOfData ?? null,
        story?.discardedObjects ?? null,
        story?.repeatedBytes ?? null,
        story?.restarted ?? null,
        story === undefined ? null : JSON.stringify(story.reasons),
      );
  }
}

function sourceVolumeOf(row: SourceRow): SourceVolume {
  return {
    index: Number(row.number),
    path: row.path,
    // The last TRUNCATE has left no end that is not durable.
    status: row.stream_end !== null ? "complete" : row.stream_start !== null ? "partial" : "notStarted",
    objects: row.objects ?? 0n,
    exceptions: row.exceptions ?? 0n,
    ...(row.stream_start === null ? {} : { streamStart: row.stream_start }),
    ...(row.stream_end === null ? {} : { streamEnd: row.stream_end }),
  };
}

function interruptionOf(row: InterruptionRow): Interruption {
  const story = storyOf(row);
  return {
    epoch: Number(row.epoch),
    volumeUuid: row.volume_uuid,
    boundaryBlock: row.boundary_block,
    streamOffset: row.stream_offset,
    adoptedBytes: row.adopted_bytes,
    ...(row.continued === null ? {} : { continued: row.continued }),
    ...(row.resumed_at_ms === null ? {} : { resumedAtMs: Number(row.resumed_at_ms) }),
    ...(story === undefined ? {} : { story }),
  };
}

function storyOf(row: InterruptionRow): ResumeStory | undefined {
  if (row.cause === null) return undefined;
  return {
    cause: row.cause,
    discardedObjects: row.discarded_objects ?? 0n,
    repeatedBytes: row.repeated_bytes ?? 0n,
    reasons: JSON.parse(row.reasons ?? "[]") as string[],
    ...(row.end_of_data === null ? {} : { endOfData: row.end_of_data }),
    ...(row.restarted === null ? {} : { restarted: row.restarted }),
  };
}
