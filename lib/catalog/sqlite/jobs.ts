// SPDX-License-Identifier: Apache-2.0
/** Jobs in SQLite. */
import type { Database } from "better-sqlite3";
import type { JobTime } from "../../protocol/job-time.ts";
import type { JobEntry, JobRegister, JobStatus } from "../../protocol/job.ts";
import { changePresentRow } from "./changed-row.ts";

interface JobRow {
  readonly id: bigint;
  readonly status: string;
  readonly started_at_ms: bigint;
  readonly ended_at_ms: bigint | null;
  readonly pool: string;
  readonly interruptions: bigint;
  readonly media_set: string | null;
  readonly parent: bigint | null;
  readonly copy_of: bigint | null;
  readonly expired_at_ms: bigint | null;
  readonly interruption_cause: string | null;
  /** A {@link JobTime} as JSON. */
  readonly time: string | null;
}

export class SqliteJobRegister implements JobRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(job: Omit<JobEntry, "jobId">): JobEntry {
    const insertSource = this.#database.prepare("INSERT INTO source_volume (job_id, number, path) VALUES (?, ?, ?)");
    const jobId = this.#database
      .transaction((): string => {
        const { lastInsertRowid } = this.#database
          .prepare(
            `INSERT INTO job (status, started_at_ms, ended_at_ms, pool, interruptions, media_set, parent, copy_of, expired_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(
            job.status,
            job.startedAtMs,
            job.endedAtMs ?? null,
            job.pool,
            job.interruptions,
            job.mediaSet ?? null,
            job.parentJobId ?? null,
            job.copyOfJobId ?? null,
            job.expiredAtMs ?? null,
          );
        job.sources.forEach((path, number) => insertSource.run(lastInsertRowid, number, path));
        return String(lastInsertRowid);
      })
      .immediate();
    return { ...job, jobId };
  }

  get(jobId: string): JobEntry | undefined {
    if (!/^[1-9][0-9]{0,15}$/.test(jobId)) return undefined;
    const row = this.#database.prepare("SELECT * FROM job WHERE id = ?").safeIntegers().get(jobId) as
      JobRow | undefined;
    return row === undefined ? undefined : this.#entry(row);
  }

  list(): readonly JobEntry[] {
    const rows = this.#database.prepare("SELECT * FROM job ORDER BY id").safeIntegers().all() as JobRow[];
    return rows.map((row) => this.#entry(row));
  }

  parts(jobId: string): readonly JobEntry[] {
    const select = this.#database.prepare<[string], JobRow>("SELECT * FROM job WHERE parent = ? ORDER BY id");
    return select
      .safeIntegers()
      .all(jobId)
      .map((row) => this.#entry(row));
  }

  change(jobId: string, decide: (now: JobEntry) => JobEntry | undefined): JobEntry | undefined {
    return changePresentRow(
      this.#database,
      () => this.get(jobId),
      (changed) => this.update(changed),
      decide,
    );
  }

  update(job: JobEntry): void {
    this.#database
      .prepare(
        `UPDATE job SET status = ?, ended_at_ms = ?, interruptions = ?, media_set = ?, expired_at_ms = ?,
         interruption_cause = ?, time = ? WHERE id = ?`,
      )
      .run(
        job.status,
        job.endedAtMs ?? null,
        job.interruptions,
        job.mediaSet ?? null,
        job.expiredAtMs ?? null,
        job.interruptionCause ?? null,
        job.time === undefined ? null : JSON.stringify(job.time),
        job.jobId,
      );
  }

  #entry(row: JobRow): JobEntry {
    const sources = this.#database
      .prepare("SELECT path FROM source_volume WHERE job_id = ? ORDER BY number")
      .pluck()
      .all(row.id) as Buffer[];
    return {
      jobId: String(row.id),
      status: row.status as JobStatus,
      startedAtMs: Number(row.started_at_ms),
      pool: row.pool,
      sources,
      interruptions: Number(row.interruptions),
      ...(row.ended_at_ms === null ? {} : { endedAtMs: Number(row.ended_at_ms) }),
      ...(row.media_set === null ? {} : { mediaSet: row.media_set }),
      ...(row.parent === null ? {} : { parentJobId: String(row.parent) }),
      ...(row.copy_of === null ? {} : { copyOfJobId: String(row.copy_of) }),
      ...(row.interruption_cause === null ? {} : { interruptionCause: row.interruption_cause }),
      ...(row.time === null ? {} : { time: JSON.parse(row.time) as JobTime }),
      ...(row.expired_at_ms === null ? {} : { expiredAtMs: Number(row.expired_at_ms) }),
    };
  }
}
