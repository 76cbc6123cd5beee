// SPDX-License-Identifier: Apache-2.0
/** Media sets in SQLite. */
import type { Database } from "better-sqlite3";
import type { MediaSetEntry, MediaSetRegister } from "../../protocol/media-set.ts";

interface MediaSetRow {
  readonly uuid: string;
  readonly pool: string;
  readonly created_at_ms: number;
  readonly closed_at_ms: number | null;
}

export class SqliteMediaSetRegister implements MediaSetRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(uuid: string): MediaSetEntry | undefined {
    const row = this.#database
      .prepare<[string], MediaSetRow>("SELECT uuid, pool, created_at_ms, closed_at_ms FROM media_set WHERE uuid = ?")
      .get(uuid);
    return row === undefined ? undefined : mediaSetEntry(row);
  }

  list(): readonly MediaSetEntry[] {
    return this.#database
      .prepare<[], MediaSetRow>("SELECT uuid, pool, created_at_ms, closed_at_ms FROM media_set ORDER BY number")
      .all()
      .map(mediaSetEntry);
  }

  put(set: MediaSetEntry): void {
    this.#database
      .prepare(
        `INSERT INTO media_set (uuid, pool, created_at_ms, closed_at_ms) VALUES (?, ?, ?, ?)
         ON CONFLICT (uuid) DO UPDATE SET closed_at_ms = excluded.closed_at_ms`,
      )
      .run(set.uuid, set.pool, set.createdAtMs, set.closedAtMs ?? null);
  }
}

function mediaSetEntry(row: MediaSetRow): MediaSetEntry {
  return {
    uuid: row.uuid,
    pool: row.pool,
    createdAtMs: row.created_at_ms,
    ...(row.closed_at_ms === null ? {} : { closedAtMs: row.closed_at_ms }),
  };
}
