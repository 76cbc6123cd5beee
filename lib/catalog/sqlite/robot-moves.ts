// SPDX-License-Identifier: Apache-2.0
/** The journal of the robot's moves in SQLite: every commit is on disk before it returns (synchronous = FULL). */
import type { Database } from "better-sqlite3";
import type { MoveEntry, MoveJournal } from "../../protocol/library-state.ts";

interface MoveRow {
  readonly id: number;
  readonly tag: string | null;
  readonly from_address: number;
  readonly to_address: number;
  readonly second_address: number | null;
  readonly second_tag: string | null;
  readonly started_at_ms: number;
}

export class SqliteMoveJournal implements MoveJournal {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  begin(move: Omit<MoveEntry, "id">): MoveEntry {
    const { lastInsertRowid } = this.#database
      .prepare(
        `INSERT INTO robot_move (tag, from_address, to_address, second_address, second_tag, started_at_ms)
         VALUES (?, ?, ?, ?, ?, ?)`,
      )
      .run(
        move.volumeTag ?? null,
        move.fromAddress,
        move.toAddress,
        move.secondAddress ?? null,
        move.secondVolumeTag ?? null,
        move.startedAtMs,
      );
    return { ...move, id: String(lastInsertRowid) };
  }

  end(id: string): void {
    this.#database.prepare("DELETE FROM robot_move WHERE id = ?").run(id);
  }

  open(): readonly MoveEntry[] {
    return this.#database.prepare<[], MoveRow>("SELECT * FROM robot_move ORDER BY id").all().map(moveEntry);
  }
}

function moveEntry(row: MoveRow): MoveEntry {
  return {
    id: String(row.id),
    fromAddress: row.from_address,
    toAddress: row.to_address,
    startedAtMs: row.started_at_ms,
    ...(row.tag === null ? {} : { volumeTag: row.tag }),
    ...(row.second_address === null ? {} : { secondAddress: row.second_address }),
    ...(row.second_tag === null ? {} : { secondVolumeTag: row.second_tag }),
  };
}
