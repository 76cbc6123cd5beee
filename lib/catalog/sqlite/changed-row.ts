// SPDX-License-Identifier: Apache-2.0
/** A row that several processes change: none undoes what another one has just written beside it. */
import type { Database } from "better-sqlite3";

/**
 * Immediate: one that reads first and then finds that another process has written fails at once.
 * @param decide gives the entry as it shall be, or undefined where it shall stay
 * @returns the entry as it is then
 */
export function changeRow<Entry>(
  database: Database,
  read: () => Entry | undefined,
  write: (entry: Entry) => void,
  decide: (now: Entry | undefined) => Entry | undefined,
): Entry | undefined {
  return database
    .transaction((): Entry | undefined => {
      const now = read();
      const changed = decide(now);
      if (changed === undefined) return now;
      write(changed);
      return changed;
    })
    .immediate();
}

/** The same for rows of which nothing is known where there is none. */
export function changePresentRow<Entry>(
  database: Database,
  read: () => Entry | undefined,
  write: (entry: Entry) => void,
  decide: (now: Entry) => Entry | undefined,
): Entry | undefined {
  return changeRow(database, read, write, (now) => (now === undefined ? undefined : decide(now)));
}
