// SPDX-License-Identifier: Apache-2.0
import type { Database } from "better-sqlite3";

/**
 * Sets the journal mode of a file that other processes may be making at this moment. SQLite lets one of two fail at once:
 * both have read, so that none of them could write if both waited. An empty transaction does wait for the other one, and
 * fails where that takes too long.
 */
export function useWriteAheadLog(database: Database): void {
  for (let left = 100; ; left--) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      if ((error as { readonly code?: string }).code !== "SQLITE_BUSY" || left === 0) throw error;
      database.transaction(() => undefined).immediate();
    }
  }
}
