// SPDX-License-Identifier: Apache-2.0
/** Jobs and tape volumes in SQLite. */
import type { Database } from "better-sqlite3";
import type { JobEntry, JobRegister, JobStatus } from "../../protocol/job.ts";
import type { VolumeEntry, VolumeRegister, VolumeState } from "../../protocol/volume.ts";

interface JobRow {
  readonly id: bigint;
  readonly status: string;
  readonly started_at_ms: bigint;
  readonly ended_at_ms: bigint | null;
  readonly pool: string;
  readonly interruptions: bigint;
}

interface VolumeRow {
  readonly uuid: string;
  readonly tag: string;
  readonly pool: string;
  readonly state: string;
  readonly record_size: bigint;
  readonly medium_serial: string | null;
  readonly label_bytes: bigint;
  readonly end_position: bigint;
  readonly bytes: bigint;
  readonly tape_files: bigint;
  readonly last_job: string | null;
  readonly labelled_at_ms: bigint;
}

export class SqliteJobRegister implements JobRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  create(job: Omit<JobEntry, "jobId">): JobEntry {
    const insertSource = this.#database.prepare("INSERT INTO source_volume (job_id, number, path) VALUES (?, ?, ?)");
    const jobId = this.#database.transaction(() => {
      const { lastInsertRowid } = this.#database
        .prepare("INSERT INTO job (status, started_at_ms, pool, interruptions) VALUES (?, ?, ?, ?)")
        .run(job.status, job.startedAtMs, job.pool, job.interruptions);
      job.sources.forEach((path, number) => insertSource.run(lastInsertRowid, number, path));
      return String(lastInsertRowid);
    })();
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

  update(job: JobEntry): void {
    this.#database
      .prepare("UPDATE job SET status = ?, ended_at_ms = ?, interruptions = ? WHERE id = ?")
      .run(job.status, job.endedAtMs ?? null, job.interruptions, job.jobId);
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
    };
  }
}

export class SqliteVolumeRegister implements VolumeRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  getByTag(volumeTag: string): VolumeEntry | undefined {
    return this.#one("tag", volumeTag);
  }

  get(volumeUuid: string): VolumeEntry | undefined {
    return this.#one("uuid", volumeUuid);
  }

  list(): readonly VolumeEntry[] {
    const rows = this.#database.prepare("SELECT * FROM tape_volume ORDER BY tag").safeIntegers().all() as VolumeRow[];
    return rows.map(volumeEntry);
  }

  put(volume: VolumeEntry): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO tape_volume (uuid, tag, pool, state, record_size, medium_serial, label_bytes, end_position,
         bytes, tape_files, last_job, labelled_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        volume.volumeUuid,
        volume.volumeTag,
        volume.pool,
        volume.state,
        volume.recordSizeBytes,
        volume.mediumSerial ?? null,
        volume.labelBytes,
        volume.endPosition,
        volume.bytes,
        volume.tapeFiles,
        volume.lastJobId ?? null,
        volume.labelledAtMs,
      );
  }

  remove(volumeUuid: string): void {
    this.#database.prepare("DELETE FROM tape_volume WHERE uuid = ?").run(volumeUuid);
  }

  #one(column: "tag" | "uuid", value: string): VolumeEntry | undefined {
    const statement = this.#database.prepare(`SELECT * FROM tape_volume WHERE ${column} = ?`);
    const row = statement.safeIntegers().get(value) as VolumeRow | undefined;
    return row === undefined ? undefined : volumeEntry(row);
  }
}

function volumeEntry(row: VolumeRow): VolumeEntry {
  return {
    volumeUuid: row.uuid,
    volumeTag: row.tag,
    pool: row.pool,
    state: row.state as VolumeState,
    recordSizeBytes: Number(row.record_size),
    labelBytes: row.label_bytes,
    endPosition: row.end_position,
    bytes: row.bytes,
    tapeFiles: Number(row.tape_files),
    labelledAtMs: Number(row.labelled_at_ms),
    ...(row.medium_serial === null ? {} : { mediumSerial: row.medium_serial }),
    ...(row.last_job === null ? {} : { lastJobId: row.last_job }),
  };
}
