// SPDX-License-Identifier: Apache-2.0
/** Tape volumes in SQLite. */
import type { Database } from "better-sqlite3";
import type { VolumeEntry, VolumeRegister, VolumeState } from "../../protocol/volume.ts";
import { changePresentRow } from "./changed-row.ts";

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
  readonly media_set: string | null;
  readonly set_number: bigint | null;
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

  change(volumeUuid: string, decide: (now: VolumeEntry) => VolumeEntry | undefined): VolumeEntry | undefined {
    return changePresentRow(
      this.#database,
      () => this.get(volumeUuid),
      (changed) => this.put(changed),
      decide,
    );
  }

  put(volume: VolumeEntry): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO tape_volume (uuid, tag, pool, state, record_size, medium_serial, label_bytes, end_position,
         bytes, tape_files, last_job, labelled_at_ms, media_set, set_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
        volume.mediaSet ?? null,
        volume.setNumber ?? null,
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
    ...(row.media_set === null ? {} : { mediaSet: row.media_set }),
    ...(row.set_number === null ? {} : { setNumber: Number(row.set_number) }),
  };
}
