// SPDX-License-Identifier: Apache-2.0
/** What is known of drives beyond one process, in SQLite. */
import type { Database } from "better-sqlite3";
import type { DriveEntry, DriveRegister } from "../../protocol/library-state.ts";
import { changeRow } from "./changed-row.ts";

interface DriveRow {
  readonly name: string;
  readonly state: DriveEntry["state"];
  readonly cleaning: DriveEntry["cleaning"];
  readonly serial_number: string | null;
  readonly element_address: number | null;
  readonly reason: string | null;
  readonly cleaned_at_ms: number | null;
  readonly error_at_ms: number | null;
  readonly error_text: string | null;
}

export class SqliteDriveRegister implements DriveRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(name: string): DriveEntry | undefined {
    const row = this.#database.prepare<[string], DriveRow>("SELECT * FROM drive WHERE name = ?").get(name);
    return row === undefined ? undefined : driveEntry(row);
  }

  list(): readonly DriveEntry[] {
    return this.#database.prepare<[], DriveRow>("SELECT * FROM drive ORDER BY name").all().map(driveEntry);
  }

  change(name: string, decide: (now: DriveEntry | undefined) => DriveEntry | undefined): DriveEntry | undefined {
    return changeRow(
      this.#database,
      () => this.get(name),
      (changed) => this.put(changed),
      decide,
    );
  }

  put(drive: DriveEntry): void {
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO drive (name, state, cleaning, serial_number, element_address, reason, cleaned_at_ms,
         error_at_ms, error_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        drive.name,
        drive.state,
        drive.cleaning,
        drive.serialNumber ?? null,
        drive.elementAddress ?? null,
        drive.reason ?? null,
        drive.lastCleanedAtMs ?? null,
        drive.lastError?.atMs ?? null,
        drive.lastError?.text ?? null,
      );
  }
}

function driveEntry(row: DriveRow): DriveEntry {
  return {
    name: row.name,
    state: row.state,
    cleaning: row.cleaning,
    ...(row.serial_number === null ? {} : { serialNumber: row.serial_number }),
    ...(row.element_address === null ? {} : { elementAddress: row.element_address }),
    ...(row.reason === null ? {} : { reason: row.reason }),
    ...(row.cleaned_at_ms === null ? {} : { lastCleanedAtMs: row.cleaned_at_ms }),
    ...(row.error_at_ms === null || row.error_text === null
      ? {}
      : { lastError: { atMs: row.error_at_ms, text: row.error_text } }),
  };
}
