// SPDX-License-Identifier: Apache-2.0
/**
 * The rows of the drive queue, in a SQLite file of its own that all processes of this host share. A row means nothing
 * without its process: whoever changes the table drops those whose lock nobody holds.
 */
import SqliteDatabase from "better-sqlite3";
import type { Database, Statement } from "better-sqlite3";
import { useWriteAheadLog } from "../catalog/sqlite/write-ahead-log.ts";
import { CatalogError, TapeError } from "../errors.ts";
import type { OrderedRequest } from "../media/drive-order.ts";
import type { DriveQueueFolder } from "./drive-queue-folder.ts";

/** What is queued for. The lines have nothing to do with one another. */
export type QueueLine = "drives" | "robot";

export interface QueueRow extends OrderedRequest {
  readonly id: string;
  /** The socket that lives as long as this row is as it is. */
  readonly socket: string;
  readonly processId: number;
  readonly jobId?: string;
  readonly purpose: string;
}

interface StoredRow {
  readonly ticket: number;
  readonly id: string;
  readonly socket: string;
  readonly process_id: number;
  readonly job_id: string | null;
  readonly purpose: string;
  readonly priority: number;
  readonly state: "waiting" | "holding";
  readonly drives_wanted: number;
  readonly among: string;
  readonly volume_tags: string;
  readonly drives: string;
  readonly gives_way: number;
}

const schemaVersion = 1;
const schema = `CREATE TABLE entry (
  ticket INTEGER PRIMARY KEY AUTOINCREMENT, line TEXT NOT NULL, id TEXT NOT NULL UNIQUE, socket TEXT NOT NULL,
  process_id INTEGER NOT NULL, job_id TEXT, purpose TEXT NOT NULL, priority REAL NOT NULL, state TEXT NOT NULL,
  drives_wanted INTEGER NOT NULL, among TEXT NOT NULL, volume_tags TEXT NOT NULL, drives TEXT NOT NULL,
  gives_way INTEGER NOT NULL) STRICT`;

/** Others hold the table for microseconds only. */
const busyTimeoutMs = 10_000;

export class DriveQueueTable {
  readonly #database: Database;
  readonly #folder: DriveQueueFolder;
  readonly #select: Statement<[string], StoredRow>;
  readonly #insert: Statement;
  readonly #update: Statement;
  readonly #remove: Statement<[string]>;

  private constructor(database: Database, folder: DriveQueueFolder) {
    this.#database = database;
    this.#folder = folder;
    this.#select = database.prepare("SELECT * FROM entry WHERE line = ? ORDER BY ticket");
    this.#insert = database.prepare(
      `INSERT INTO entry (line, id, socket, process_id, job_id, purpose, priority, state, drives_wanted, among,
       volume_tags, drives, gives_way) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#update = database.prepare(
      "UPDATE entry SET socket = ?, state = ?, volume_tags = ?, drives = ?, gives_way = ? WHERE id = ?",
    );
    this.#remove = database.prepare("DELETE FROM entry WHERE id = ?");
  }

  /** @throws CatalogError where the file cannot be used. */
  static open(path: string, folder: DriveQueueFolder): DriveQueueTable {
    let database: Database | undefined;
    try {
      database = new SqliteDatabase(path, { timeout: busyTimeoutMs });
      useWriteAheadLog(database);
      // A power loss may take the last transactions, whose processes are gone as well, but does not damage the file.
      database.pragma("synchronous = NORMAL");
      makeTable(database, folder);
      return new DriveQueueTable(database, folder);
    } catch (cause) {
      database?.close();
      throw asQueueError(cause, path);
    }
  }

  /** One decision, with nobody else's in between, on the rows of a line whose processes live. */
  change<Result>(line: QueueLine, decide: (rows: readonly QueueRow[]) => Result): Result {
    return this.#exclusively(() => {
      const rows = this.#all(line);
      const present = rows.filter((row) => this.#folder.isPresent(row));
      for (const { id } of rows.filter((row) => !present.includes(row))) {
        this.#remove.run(id);
        this.#folder.remove(id);
      }
      return decide(present);
    });
  }

  /** The same rows for one who only looks. */
  rows(line: QueueLine): readonly QueueRow[] {
    try {
      return this.#all(line).filter((row) => this.#folder.isPresent(row));
    } catch (cause) {
      throw asQueueError(cause, this.#database.name);
    }
  }

  /** Nobody else enters, leaves or looks meanwhile. */
  insert(line: QueueLine, row: Omit<QueueRow, "ticket" | "socket">, enter: () => string): void {
    this.#exclusively(() => {
      this.#insert.run(
        line,
        row.id,
        enter(),
        row.processId,
        row.jobId ?? null,
        row.purpose,
        row.priority,
        row.state,
        row.drivesWanted,
        JSON.stringify(row.among),
        JSON.stringify(row.volumeTags),
        JSON.stringify(row.drives),
        Number(row.givesWay),
      );
    });
  }

  /** Only in a change. */
  update(row: QueueRow): void {
    const { socket, state, volumeTags, drives, givesWay, id } = row;
    this.#update.run(socket, state, JSON.stringify(volumeTags), JSON.stringify(drives), Number(givesWay), id);
  }

  remove(id: string): void {
    this.#exclusively(() => this.#remove.run(id));
  }

  /** Removes files that dead processes have left, also those that had no row yet. */
  sweep(): void {
    this.#exclusively(() => this.#folder.sweep());
  }

  close(): void {
    this.#database.close();
  }

  #all(line: QueueLine): readonly QueueRow[] {
    return this.#select.all(line).map(fromStored);
  }

  #exclusively<Result>(work: () => Result): Result {
    try {
      return this.#database.transaction(work).immediate();
    } catch (cause) {
      throw asQueueError(cause, this.#database.name);
    }
  }
}

/** Nothing in the table is worth keeping when nobody is in the queue: then another version's is simply replaced. */
function makeTable(database: Database, folder: DriveQueueFolder): void {
  const versionOf = (): unknown => database.pragma("user_version", { simple: true });
  if (versionOf() === schemaVersion) return;
  database
    .transaction(() => {
      // Another process may have been quicker.
      if (versionOf() === schemaVersion) return;
      if (folder.locked().length > 0) {
        throw new CatalogError(
          `the drive queue ${database.name} is in use by another version of Tidemark: wait for its jobs, or stop them`,
          { code: "ERR_TAPE_CATALOG_VERSION" },
        );
      }
      database.exec("DROP TABLE IF EXISTS entry");
      database.exec(schema);
      database.pragma(`user_version = ${schemaVersion}`);
    })
    .immediate();
}

function fromStored(row: StoredRow): QueueRow {
  return {
    ticket: row.ticket,
    id: row.id,
    socket: row.socket,
    processId: row.process_id,
    ...(row.job_id === null ? {} : { jobId: row.job_id }),
    purpose: row.purpose,
    priority: row.priority,
    state: row.state,
    drivesWanted: row.drives_wanted,
    among: JSON.parse(row.among) as number[],
    volumeTags: JSON.parse(row.volume_tags) as string[],
    drives: JSON.parse(row.drives) as number[],
    givesWay: row.gives_way !== 0,
  };
}

function asQueueError(cause: unknown, path: string): TapeError {
  if (cause instanceof TapeError) return cause;
  const { code = "", message } = cause as { readonly code?: string; readonly message?: string };
  const advice =
    code === "SQLITE_NOTADB" || code.startsWith("SQLITE_CORRUPT")
      ? ". When no Tidemark process runs, remove the file: it holds nothing that is needed later"
      : "";
  return new CatalogError(`the drive queue ${path} failed: ${message ?? String(cause)}${advice}`, {
    code: code === "SQLITE_FULL" ? "ERR_TAPE_CATALOG_FULL" : "ERR_TAPE_CATALOG",
    cause,
  });
}
