// SPDX-License-Identifier: Apache-2.0
/** The catalog store in one SQLite file, embedded: no server, one writer, safe against power loss. */
import SqliteDatabase from "better-sqlite3";
import type { Database } from "better-sqlite3";
import { CatalogError } from "../../errors.ts";
import type { Segment } from "../../protocol/tape.ts";
import { splitPath } from "../catalog-store.ts";
import type { CatalogStore, FinishedJob, StoredExtent, StoredJob, StoredObject } from "../catalog-store.ts";
import { objectKind } from "../persistent-record.ts";
import { SqliteJobRegister, SqliteVolumeRegister } from "./registers.ts";
import { migrate } from "./schema.ts";

const foldRows = 10_000;

interface ObjectRow {
  readonly job_id: bigint;
  readonly directory: Buffer;
  readonly name: Buffer;
  readonly kind: bigint;
  readonly fingerprint: Buffer;
  readonly header_offset: bigint;
  readonly data_offset: bigint;
  readonly end_offset: bigint;
  readonly digest: Buffer | null;
  readonly link_target: Buffer | null;
}

interface SegmentRow {
  readonly number: bigint;
  readonly epoch: bigint;
  readonly volume_uuid: string;
  readonly volume_tag: string;
  readonly tape_file: bigint;
  readonly head_block: bigint;
  readonly first_data_block: bigint;
  readonly stream_start: bigint;
  readonly stream_end: bigint;
  readonly ended: "closed" | "cut";
  readonly footer_block: bigint | null;
  readonly end_position: bigint | null;
  readonly continued_header_offset: bigint | null;
}

const objectColumns = `object.job_id, directory.path AS directory, object.name, object.kind, object.fingerprint,
  object.header_offset, object.data_offset, object.end_offset, object.digest, object.link_target`;
const objectTables = "object JOIN directory ON directory.id = object.directory_id";

export class SqliteCatalogStore implements CatalogStore {
  readonly jobs: SqliteJobRegister;
  readonly volumes: SqliteVolumeRegister;
  readonly #database: Database;

  private constructor(database: Database) {
    this.#database = database;
    this.jobs = new SqliteJobRegister(database);
    this.volumes = new SqliteVolumeRegister(database);
  }

  /** @throws CatalogError where the file cannot be opened or belongs to another program or version */
  static open(path: string): SqliteCatalogStore {
    try {
      const database = new SqliteDatabase(path);
      database.pragma("journal_mode = WAL");
      // The library's default is NORMAL, which may lose the last transactions at a power loss.
      database.pragma("synchronous = FULL");
      database.pragma("busy_timeout = 10000");
      migrate(database, path);
      return new SqliteCatalogStore(database);
    } catch (cause) {
      throw asCatalogError(cause, path);
    }
  }

  fold(job: FinishedJob): void {
    const database = this.#database;
    database.transaction(() => this.#replaceJob(job))();
    const directoryId = this.#directoryIds();
    const insert = database.prepare("INSERT OR REPLACE INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const insertBatch = database.transaction((batch: readonly Omit<StoredObject, "jobId">[]) => {
      for (const each of batch) {
        insert.run(
          directoryId(each.directory),
          each.name,
          job.jobId,
          each.kind,
          each.fingerprint,
          each.headerOffset,
          each.dataOffset,
          each.endOffset,
          each.digest ?? null,
          each.linkTarget ?? null,
        );
      }
    });
    for (const batch of batches(job.objects)) insertBatch(batch);
    const insertExtent = database.prepare("INSERT OR REPLACE INTO extent VALUES (?, ?, ?, ?, ?)");
    const insertExtents = database.transaction((batch: readonly StoredExtent[]) => {
      for (const each of batch) insertExtent.run(job.jobId, each.headerOffset, each.from, each.to, each.digest);
    });
    for (const batch of batches(job.extents)) insertExtents(batch);
    database
      .prepare("UPDATE job SET objects = (SELECT count(*) FROM object WHERE job_id = ?1), record_size = ?2, end_offset = ?3 WHERE id = ?1")
      .run(job.jobId, job.recordSizeBytes, job.endOffset);
  }

  finishedJob(jobId: string): StoredJob | undefined {
    const row = this.#database
      .prepare("SELECT record_size, end_offset, objects FROM job WHERE id = ? AND record_size IS NOT NULL")
      .safeIntegers()
      .get(jobId) as { readonly record_size: bigint; readonly end_offset: bigint; readonly objects: bigint } | undefined;
    if (row === undefined) return undefined;
    return {
      jobId,
      recordSizeBytes: Number(row.record_size),
      endOffset: row.end_offset,
      objects: row.objects,
      sources: this.#sources(jobId),
      segments: this.#segments(jobId),
    };
  }

  *objectsInStreamOrder(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject> {
    yield* this.#objects(`object.job_id = ?${below(paths)} ORDER BY object.header_offset`, [jobId, ...bounds(paths)]);
  }

  *directoriesDeepestFirst(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject> {
    // A directory's path is longer than every path above it.
    const where = `object.job_id = ? AND object.kind = ${objectKind.directory}${below(paths)}
      ORDER BY length(directory.path) + length(object.name) DESC`;
    yield* this.#objects(where, [jobId, ...bounds(paths)]);
  }

  objectByPath(jobId: string, path: Uint8Array): StoredObject | undefined {
    const { directory, name } = splitPath(path);
    const found = this.#objects("object.job_id = ? AND directory.path = ? AND object.name = ?", [jobId, directory, name]).next();
    return found.done === true ? undefined : found.value;
  }

  extents(jobId: string, headerOffset: bigint): readonly StoredExtent[] {
    const rows = this.#database
      .prepare("SELECT * FROM extent WHERE job_id = ? AND header_offset = ? ORDER BY from_byte")
      .safeIntegers()
      .all(jobId, headerOffset) as { readonly from_byte: bigint; readonly to_byte: bigint; readonly digest: Buffer }[];
    return rows.map((row) => ({ headerOffset, from: row.from_byte, to: row.to_byte, digest: row.digest }));
  }

  *list(directory: Uint8Array, jobId: string | undefined): IterableIterator<StoredObject> {
    if (jobId !== undefined) {
      yield* this.#objects("directory.path = ? AND object.job_id = ? ORDER BY object.name", [directory, jobId]);
      return;
    }
    yield* this.#objects(
      `directory.path = ? AND object.job_id = (SELECT max(newer.job_id) FROM object AS newer
       WHERE newer.directory_id = object.directory_id AND newer.name = object.name) ORDER BY object.name`,
      [directory],
    );
  }

  *find(glob: Uint8Array, limit: number): IterableIterator<StoredObject> {
    // GLOB works on text; latin-1 carries bytes through unchanged, so the comparison is made here.
    const pattern = globPattern(glob);
    let found = 0;
    const newest = `object.job_id = (SELECT max(newer.job_id) FROM object AS newer
      WHERE newer.directory_id = object.directory_id AND newer.name = object.name)
      ORDER BY directory.path, object.name`;
    for (const object of this.#objects(newest, [])) {
      if (!pattern.test(Buffer.concat([object.directory, object.name]).toString("latin1"))) continue;
      yield object;
      if (++found >= limit) return;
    }
  }

  *versions(path: Uint8Array): IterableIterator<StoredObject> {
    const { directory, name } = splitPath(path);
    yield* this.#objects("directory.path = ? AND object.name = ? ORDER BY object.job_id DESC", [directory, name]);
  }

  close(): void {
    this.#database.close();
  }

  #replaceJob(job: FinishedJob): void {
    const database = this.#database;
    for (const table of ["object", "extent", "segment"]) database.prepare(`DELETE FROM ${table} WHERE job_id = ?`).run(job.jobId);
    const updateSource = database.prepare(
      "UPDATE source_volume SET stream_start = ?, stream_end = ?, objects = ?, exceptions = ? WHERE job_id = ? AND number = ?",
    );
    for (const source of job.sources) {
      updateSource.run(source.streamStart, source.streamEnd, source.objects, source.exceptions, job.jobId, source.index);
    }
    const insert = database.prepare("INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    for (const segment of job.segments) {
      insert.run(
        job.jobId,
        segment.segment,
        segment.epoch,
        segment.volumeUuid,
        segment.volumeTag,
        segment.tapeFile,
        segment.headBlock,
        segment.firstDataBlock,
        segment.streamStart,
        segment.streamEnd ?? segment.streamStart,
        segment.ended ?? "cut",
        segment.footerBlock ?? null,
        segment.endPosition ?? null,
        segment.continuedHeaderOffset ?? null,
      );
    }
  }

  /** Ids of directories, made where missing; the last one is remembered, for objects come directory by directory. */
  #directoryIds(): (path: Buffer) => number | bigint {
    const insert = this.#database.prepare("INSERT INTO directory (path) VALUES (?) ON CONFLICT DO NOTHING");
    const select = this.#database.prepare("SELECT id FROM directory WHERE path = ?").pluck();
    let last: { readonly path: Buffer; readonly id: number | bigint } | undefined;
    return (path) => {
      if (last?.path.equals(path) !== true) {
        insert.run(path);
        last = { path, id: select.get(path) as number };
      }
      return last.id;
    };
  }

  #sources(jobId: string): StoredJob["sources"] {
    const rows = this.#database
      .prepare("SELECT * FROM source_volume WHERE job_id = ? ORDER BY number")
      .safeIntegers()
      .all(jobId) as {
      readonly number: bigint;
      readonly path: Buffer;
      readonly stream_start: bigint | null;
      readonly stream_end: bigint | null;
      readonly objects: bigint | null;
      readonly exceptions: bigint | null;
    }[];
    return rows.map((row) => ({
      index: Number(row.number),
      path: row.path,
      streamStart: row.stream_start ?? 0n,
      streamEnd: row.stream_end ?? 0n,
      objects: row.objects ?? 0n,
      exceptions: row.exceptions ?? 0n,
    }));
  }

  #segments(jobId: string): readonly Segment[] {
    const rows = this.#database
      .prepare("SELECT * FROM segment WHERE job_id = ? ORDER BY stream_start, number")
      .safeIntegers()
      .all(jobId) as SegmentRow[];
    return rows.map((row) => ({
      segment: Number(row.number),
      epoch: Number(row.epoch),
      volumeUuid: row.volume_uuid,
      volumeTag: row.volume_tag,
      tapeFile: Number(row.tape_file),
      headBlock: row.head_block,
      firstDataBlock: row.first_data_block,
      streamStart: row.stream_start,
      streamEnd: row.stream_end,
      ended: row.ended,
      ...(row.footer_block === null ? {} : { footerBlock: row.footer_block }),
      ...(row.end_position === null ? {} : { endPosition: row.end_position }),
      ...(row.continued_header_offset === null ? {} : { continuedHeaderOffset: row.continued_header_offset }),
    }));
  }

  *#objects(where: string, parameters: readonly unknown[]): IterableIterator<StoredObject> {
    const statement = this.#database.prepare(`SELECT ${objectColumns} FROM ${objectTables} WHERE ${where}`).safeIntegers();
    for (const row of statement.iterate(...parameters) as IterableIterator<ObjectRow>) {
      yield {
        jobId: String(row.job_id),
        directory: row.directory,
        name: row.name,
        kind: Number(row.kind),
        fingerprint: row.fingerprint,
        headerOffset: row.header_offset,
        dataOffset: row.data_offset,
        endOffset: row.end_offset,
        digest: row.digest ?? undefined,
        linkTarget: row.link_target ?? undefined,
      };
    }
  }
}

/** Everything at or below the given paths: the object itself, or anything whose directory begins with it. */
function below(paths: readonly Uint8Array[]): string {
  if (paths.length === 0) return "";
  const one = "((directory.path = ? AND object.name = ?) OR (directory.path >= ? AND directory.path < ?))";
  return ` AND (${paths.map(() => one).join(" OR ")})`;
}

function bounds(paths: readonly Uint8Array[]): Buffer[] {
  return paths.flatMap((path) => {
    const { directory, name } = splitPath(path);
    const folder = Buffer.concat([directory, name, Buffer.from("/")]);
    // "0" is the byte behind "/": the first path that no longer begins with the folder.
    return [directory, name, folder, Buffer.concat([directory, name, Buffer.from("0")])];
  });
}

function* batches<T>(items: Iterable<T>): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const item of items) {
    batch.push(item);
    if (batch.length === foldRows) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

/** A shell glob as a regular expression over latin-1 text; `*` also crosses slashes, as in SQLite's GLOB. */
function globPattern(glob: Uint8Array): RegExp {
  const text = Buffer.from(glob.buffer, glob.byteOffset, glob.byteLength).toString("latin1");
  const source = text.replace(/\[[^\]]+\]|[*?]|[^*?[]+|\[/gs, (part) => {
    if (part === "*") return "[^]*";
    if (part === "?") return "[^]";
    if (part.length > 2 && part.startsWith("[")) return part.replaceAll("\\", "\\\\").replace(/^\[[!^]/, "[^");
    return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  });
  return new RegExp(`^${source}$`);
}

function asCatalogError(cause: unknown, path: string): CatalogError {
  if (cause instanceof CatalogError) return cause;
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  if (code === "SQLITE_NOTADB") {
    return new CatalogError(`${path} is no catalog: name another folder, or move the file away`, { code: "ERR_TAPE_CATALOG_VERSION", cause });
  }
  if (code === "SQLITE_FULL") {
    return new CatalogError(`the disk that holds ${path} is full: make room there`, { code: "ERR_TAPE_CATALOG_FULL", cause });
  }
  return new CatalogError(`cannot open the catalog ${path}: ${message ?? String(cause)}`, { cause });
}
