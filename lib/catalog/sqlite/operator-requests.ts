// SPDX-License-Identifier: Apache-2.0
/** What operators are asked for, in SQLite. */
import type { Database } from "better-sqlite3";
import type { OperatorRequest, OperatorRequestRegister } from "../../protocol/operator-request.ts";

interface RequestRow {
  readonly id: number;
  readonly kind: OperatorRequest["kind"];
  readonly volume_tags: string;
  readonly text: string;
  readonly since_ms: number;
  readonly pool: string | null;
  readonly job_id: string | null;
  readonly device: string | null;
}

export class SqliteOperatorRequestRegister implements OperatorRequestRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  open(request: Omit<OperatorRequest, "id">): OperatorRequest {
    // Immediate: two processes that ask the same at the same time must not both find nothing.
    return this.#database
      .transaction(() => this.list().find((each) => isSame(each, request)) ?? this.#insert(request))
      .immediate();
  }

  close(id: string): void {
    this.#database.prepare("DELETE FROM operator_request WHERE id = ?").run(id);
  }

  closeOfJob(jobId: string): void {
    this.#database.prepare("DELETE FROM operator_request WHERE job_id = ?").run(jobId);
  }

  list(): readonly OperatorRequest[] {
    return this.#database.prepare<[], RequestRow>("SELECT * FROM operator_request ORDER BY id").all().map(requestEntry);
  }

  #insert(request: Omit<OperatorRequest, "id">): OperatorRequest {
    const { lastInsertRowid } = this.#database
      .prepare(
        "INSERT INTO operator_request (kind, volume_tags, text, since_ms, pool, job_id, device) VALUES (?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        request.kind,
        JSON.stringify(request.volumeTags),
        request.text,
        request.sinceMs,
        request.pool ?? null,
        request.jobId ?? null,
        request.device ?? null,
      );
    return { ...request, id: String(lastInsertRowid) };
  }
}

/** Words and time may differ; what is wanted, and for whom, not. The order of barcodes says nothing. */
function isSame(left: Omit<OperatorRequest, "id">, right: Omit<OperatorRequest, "id">): boolean {
  const tags = (request: Omit<OperatorRequest, "id">): string =>
    JSON.stringify([...new Set(request.volumeTags)].sort());
  return (
    left.kind === right.kind &&
    left.jobId === right.jobId &&
    left.pool === right.pool &&
    left.device === right.device &&
    tags(left) === tags(right)
  );
}

function requestEntry(row: RequestRow): OperatorRequest {
  return {
    id: String(row.id),
    kind: row.kind,
    volumeTags: JSON.parse(row.volume_tags) as readonly string[],
    text: row.text,
    sinceMs: row.since_ms,
    ...(row.pool === null ? {} : { pool: row.pool }),
    ...(row.job_id === null ? {} : { jobId: row.job_id }),
    ...(row.device === null ? {} : { device: row.device }),
  };
}
