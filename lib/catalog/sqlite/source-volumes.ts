// SPDX-License-Identifier: Apache-2.0
/** What of a job's source volumes was backed up, in SQLite: in the rows that are there since the job was created. */
import type { Database } from "better-sqlite3";
import type { SourceVolume } from "../../protocol/source-volume.ts";

export interface SourceRow {
  readonly number: bigint;
  readonly path: Buffer;
  readonly stream_start: bigint | null;
  readonly stream_end: bigint | null;
  readonly objects: bigint | null;
  readonly exceptions: bigint | null;
}

export function sourcesOfJob(database: Database, jobId: string): readonly SourceRow[] {
  return database
    .prepare<[string], SourceRow>("SELECT * FROM source_volume WHERE job_id = ? ORDER BY number")
    .safeIntegers()
    .all(jobId);
}

export function updateSources(
  database: Database,
  jobId: string,
  sources: readonly Omit<SourceVolume, "path" | "status">[],
): void {
  const update = database.prepare(
    "UPDATE source_volume SET stream_start = ?, stream_end = ?, objects = ?, exceptions = ? WHERE job_id = ? AND number = ?",
  );
  for (const { exceptions, index, objects, streamEnd, streamStart } of sources)
    update.run(streamStart ?? null, streamEnd ?? null, objects, exceptions, jobId, index);
}
