// SPDX-License-Identifier: Apache-2.0
/** The catalog store in one SQLite file, embedded: no server, one writer, safe against power loss. */
import SqliteDatabase from "better-sqlite3";
import type { Database, Statement } from "better-sqlite3";
import { CatalogError } from "../../errors.ts";
import type { Segment } from "../../protocol/tape.ts";
import { memberPath, splitPath } from "../catalog-store.ts";
import type {
  CatalogStore,
  FinishedJob,
  StoredExtent,
  StoredJob,
  StoredObject,
  VolumeSegment,
} from "../catalog-store.ts";
import { decodeFingerprint, encodeFingerprint } from "../fingerprint.ts";
import { globMatcher } from "../glob.ts";
import { objectKind } from "../persistent-record.ts";
import { SqliteCartridgeRegister } from "./cartridges.ts";
import { SqliteDriveRegister } from "./drives.ts";
import { SqliteJobRegister } from "./jobs.ts";
import { SqliteMediaSetRegister } from "./media-sets.ts";
import { SqliteOperatorRequestRegister } from "./operator-requests.ts";
import { knowStatements } from "./known-statements.ts";
import { SqliteMoveJournal } from "./robot-moves.ts";
import { migrate } from "./schema.ts";
import { useWriteAheadLog } from "./write-ahead-log.ts";
import { segmentsOnVolume } from "./segments.ts";
import { foldState, StoredJobs } from "./stored-jobs.ts";
import { SqliteVolumeRegister } from "./volumes.ts";

/** Rows of one transaction of a fold: large enough to be quick, small enough to let others write in between. */
const foldRows = 10_000;

/** The column is never null in any version of the schema: an empty blob stands for an extent without digest. */
const noDigest = Buffer.alloc(0);

interface ObjectRow {
  readonly path: Buffer;
  readonly name: Buffer;
  readonly job_id: bigint;
  readonly kind: bigint;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtime_ns: bigint;
  readonly ctime_later_ns: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  readonly header_offset: bigint;
  readonly header_bytes: bigint;
  readonly beyond_size_bytes: bigint;
  readonly digest: Buffer | null;
  readonly link_target: Buffer | null;
}

/** Objects of jobs whose fold is complete. */
const selectObjects = `SELECT directory.path, object.* FROM object JOIN directory ON directory.id = object.directory_id
  JOIN job ON job.id = object.job_id AND job.folded = ${foldState.complete} WHERE`;

const isNewest = `object.job_id = (SELECT max(newer.job_id) FROM object AS newer
  JOIN job AS newer_job ON newer_job.id = newer.job_id AND newer_job.folded = ${foldState.complete}
  WHERE newer.directory_id = object.directory_id AND newer.name = object.name)`;

type Values = (Uint8Array | bigint | number | string)[];

interface ExtentRow {
  readonly from_byte: bigint;
  readonly to_byte: bigint;
  readonly digest: Buffer;
}

export class SqliteCatalogStore implements CatalogStore {
  readonly jobs: SqliteJobRegister;
  readonly volumes: SqliteVolumeRegister;
  readonly cartridges: SqliteCartridgeRegister;
  readonly mediaSets: SqliteMediaSetRegister;
  readonly moves: SqliteMoveJournal;
  readonly requests: SqliteOperatorRequestRegister;
  readonly drives: SqliteDriveRegister;
  readonly #storedJobs: StoredJobs;
  /** Asked for each file of a job. */
  readonly #extents: Statement<Values, ExtentRow>;
  readonly #database: Database;
  /** Results are taken one by one, over hours in a restore: on a connection of their own they are in nobody's way. */
  readonly #reading: Database;

  private constructor(database: Database, reading: Database) {
    this.#database = database;
    this.#reading = reading;
    this.jobs = new SqliteJobRegister(database);
    this.volumes = new SqliteVolumeRegister(database);
    this.cartridges = new SqliteCartridgeRegister(database);
    this.mediaSets = new SqliteMediaSetRegister(database);
    this.moves = new SqliteMoveJournal(database);
    this.requests = new SqliteOperatorRequestRegister(database);
    this.drives = new SqliteDriveRegister(database);
    this.#storedJobs = new StoredJobs(database);
    this.#extents = database
      .prepare<Values, ExtentRow>(
        "SELECT from_byte, to_byte, digest FROM extent WHERE job_id = ? AND header_offset = ? ORDER BY from_byte",
      )
      .safeIntegers();
  }

  /** @throws CatalogError where the file cannot be opened or belongs to another program or version. */
  static open(path: string): SqliteCatalogStore {
    let database: Database | undefined;
    try {
      database = new SqliteDatabase(path, { timeout: 10_000 });
      // Before anything is set: a file that is refused must stay as it is.
      migrate(database, path);
      useWriteAheadLog(database);
      // The library's default is NORMAL, which may lose the last transactions at a power loss.
      database.pragma("synchronous = FULL");
      knowStatements(database);
      return new SqliteCatalogStore(database, new SqliteDatabase(path, { readonly: true, timeout: 10_000 }));
    } catch (cause) {
      database?.close();
      throw asCatalogError(cause, path);
    }
  }

  atomically<T>(work: () => T): T {
    return this.#database.transaction(work).immediate();
  }

  fold(job: FinishedJob): void {
    this.#guarded(() => this.#fold(job));
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (cause) {
      throw asCatalogError(cause, this.#database.name);
    }
  }

  #fold(job: FinishedJob): void {
    const database = this.#database;
    const jobId = Number(job.jobId);
    // Immediate, all of them: one that reads first and then finds that another process has written fails at once.
    database.transaction(() => this.#storedJobs.beginFold(job)).immediate();
    const insertObject = this.#objectInserter(jobId);
    const insertObjects = database.transaction((batch: readonly Omit<StoredObject, "jobId">[]) =>
      batch.forEach(insertObject),
    );
    for (const batch of batches(job.objects)) insertObjects.immediate(batch);
    const insertExtent = database.prepare("INSERT OR REPLACE INTO extent VALUES (?, ?, ?, ?, ?)");
    const insertExtents = database.transaction((batch: readonly StoredExtent[]) => {
      for (const { headerOffset, from, to, digest } of batch) {
        insertExtent.run(jobId, headerOffset, from, to, digest ?? noDigest);
      }
    });
    for (const batch of batches(job.extents)) insertExtents.immediate(batch);
    this.#storedJobs.endFold(job);
  }

  finishedJob(jobId: string): StoredJob | undefined {
    return this.#storedJobs.get(jobId);
  }

  segmentsOnVolume(volumeUuid: string): readonly VolumeSegment[] {
    return segmentsOnVolume(this.#database, volumeUuid);
  }

  addCopy(jobId: string, copyJobId: string, segments: readonly Segment[]): void {
    this.#guarded(() => this.#storedJobs.addCopy(jobId, copyJobId, segments));
  }

  forgetJob(jobId: string): void {
    this.#guarded(() => this.#storedJobs.forget(jobId));
  }

  *objectsInStreamOrder(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject> {
    yield* this.#objects(`object.job_id = ?${below(paths)} ORDER BY object.header_offset`, [
      this.#storedJobs.holder(jobId),
      ...bounds(paths),
    ]);
  }

  *directoriesDeepestFirst(jobId: string, paths: readonly Uint8Array[]): IterableIterator<StoredObject> {
    // A directory's path is longer than every path above it.
    const where = `object.job_id = ? AND object.kind = ${objectKind.directory}${below(paths)}
      ORDER BY length(directory.path) + length(object.name) DESC`;
    yield* this.#objects(where, [this.#storedJobs.holder(jobId), ...bounds(paths)]);
  }

  objectByPath(jobId: string, path: Uint8Array): StoredObject | undefined {
    const { directory, name } = splitPath(path);
    const [found] = this.#objects("object.job_id = ? AND directory.path = ? AND object.name = ?", [
      this.#storedJobs.holder(jobId),
      directory,
      name,
    ]);
    return found;
  }

  extents(jobId: string, headerOffset: bigint): readonly StoredExtent[] {
    const rows = this.#extents.all(this.#storedJobs.holder(jobId), headerOffset);
    return rows.map(({ from_byte: from, to_byte: to, digest }) => {
      return { headerOffset, from, to, digest: digest.equals(noDigest) ? undefined : digest };
    });
  }

  *list(directory: Uint8Array, jobId: string | undefined): IterableIterator<StoredObject> {
    const version = jobId === undefined ? isNewest : "object.job_id = ?";
    const parameters = jobId === undefined ? [directory] : [directory, this.#storedJobs.holder(jobId)];
    yield* this.#objects(`directory.path = ? AND ${version} ORDER BY object.name`, parameters);
  }

  *find(glob: Uint8Array, limit: number): IterableIterator<StoredObject> {
    const matches = globMatcher(glob);
    let found = 0;
    // The pattern is matched here: SQLite's own works on text, and paths are bytes.
    for (const object of this.#objects(`${isNewest} ORDER BY directory.path, object.name`, [])) {
      if (found >= limit) return;
      if (!matches(memberPath(object))) continue;
      found += 1;
      yield object;
    }
  }

  *versions(path: Uint8Array): IterableIterator<StoredObject> {
    const { directory, name } = splitPath(path);
    yield* this.#objects("directory.path = ? AND object.name = ? ORDER BY object.job_id DESC", [directory, name]);
  }

  close(): void {
    this.#reading.close();
    this.#database.close();
  }

  #objectInserter(jobId: number): (object: Omit<StoredObject, "jobId">) => void {
    const insert = this.#database.prepare(
      `INSERT OR REPLACE INTO object (directory_id, name, job_id, kind, dev, ino, size, mtime_ns, ctime_later_ns, mode, uid, gid,
       header_offset, header_bytes, beyond_size_bytes, digest, link_target) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    const directoryId = this.#directoryIds();
    return (object) => {
      const fingerprint = decodeFingerprint(object.fingerprint);
      insert.run(
        directoryId(object.directory),
        object.name,
        jobId,
        object.kind,
        signed(fingerprint.dev),
        signed(fingerprint.ino),
        signed(fingerprint.sizeBytes),
        fingerprint.mtimeNs,
        signed(fingerprint.ctimeNs - fingerprint.mtimeNs),
        fingerprint.mode,
        fingerprint.uid,
        fingerprint.gid,
        object.headerOffset,
        object.dataOffset - object.headerOffset,
        signed(object.endOffset - object.dataOffset - fingerprint.sizeBytes),
        object.digest ?? null,
        object.linkTarget ?? null,
      );
    };
  }

  /** Ids of directories, made where missing; the last one is remembered, for objects come directory by directory. */
  #directoryIds(): (path: Buffer) => number {
    const insert = this.#database.prepare("INSERT INTO directory (path) VALUES (?) ON CONFLICT DO NOTHING");
    const select = this.#database.prepare<Values, number>("SELECT id FROM directory WHERE path = ?").pluck();
    let last: { readonly path: Buffer; readonly id: number } | undefined;
    return (path) => {
      if (last?.path.equals(path) !== true) {
        insert.run(path);
        last = { path, id: select.get(path) ?? 0 };
      }
      return last.id;
    };
  }

  *#objects(where: string, parameters: Values): IterableIterator<StoredObject> {
    const statement: Statement<Values, ObjectRow> = this.#reading.prepare(`${selectObjects} ${where}`);
    for (const row of statement.safeIntegers().iterate(...parameters)) yield objectOf(row);
  }
}

function objectOf(row: ObjectRow): StoredObject {
  return {
    jobId: String(row.job_id),
    directory: row.path,
    name: row.name,
    kind: Number(row.kind),
    fingerprint: encodeFingerprint({
      dev: BigInt.asUintN(64, row.dev),
      ino: BigInt.asUintN(64, row.ino),
      sizeBytes: BigInt.asUintN(64, row.size),
      mtimeNs: row.mtime_ns,
      ctimeNs: signed(row.mtime_ns + row.ctime_later_ns),
      mode: Number(row.mode),
      uid: Number(row.uid),
      gid: Number(row.gid),
    }),
    headerOffset: row.header_offset,
    dataOffset: row.header_offset + row.header_bytes,
    endOffset: signed(row.header_offset + row.header_bytes + row.size + row.beyond_size_bytes),
    digest: row.digest ?? undefined,
    linkTarget: row.link_target ?? undefined,
  };
}

/** SQLite's integers are signed: what is larger wraps, and wraps back when it is read. */
function signed(value: bigint): bigint {
  return BigInt.asIntN(64, value);
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

function asCatalogError(cause: unknown, path: string): CatalogError {
  if (cause instanceof CatalogError) return cause;
  const { code, message } = cause as { readonly code?: string; readonly message?: string };
  if (code === "SQLITE_NOTADB") {
    return new CatalogError(`${path} is no catalog: name another folder, or move the file away`, {
      code: "ERR_TAPE_CATALOG_VERSION",
      cause,
    });
  }
  if (code === "SQLITE_FULL") {
    return new CatalogError(`the disk that holds ${path} is full: make room there`, {
      code: "ERR_TAPE_CATALOG_FULL",
      cause,
    });
  }
  return new CatalogError(`cannot open the catalog ${path}: ${message ?? String(cause)}`, { cause });
}
