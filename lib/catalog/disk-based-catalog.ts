// SPDX-License-Identifier: Apache-2.0
/**
 * The disk-based catalog: what of a job is on tape, container by container, as a SQLite file that is generated from
 * the reconciled records and thrown away afterwards. It is what a resume asks, and what a finished job is folded
 * from. Two passes: {@link Claims} has folded all records before, so this one knows which of them a later TRUNCATE
 * voids and which stretches of the stream are durable.
 */
import Database from "better-sqlite3";
import { CatalogError } from "../errors.ts";
import type { Claims } from "./claims.ts";
import { ContainerHasher } from "./container-hash.ts";
import { DiskBasedFiller } from "./disk-based-filler.ts";
import type { Hash128 } from "./environment.ts";
import { decodeRecords, objectKind, objectOutcome } from "./persistent-record.ts";
import { visitJournal, wholeRecords } from "./record-sieve.ts";
import type { JournalPart, RecordSieve } from "./record-sieve.ts";

export type ContainerVerdict = "partial" | "complete";

export interface ContainerState {
  readonly row: bigint;
  readonly path: Buffer;
  readonly sourceIndex: number;
  readonly fingerprint: Buffer;
  readonly verdict: ContainerVerdict;
  /** As the close has them; undefined where no live, durable close exists. */
  readonly close: { readonly entries: number; readonly exceptions: number; readonly hash: Buffer } | undefined;
}

export interface CatalogedObject {
  readonly name: Buffer;
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
  readonly dataOffset: bigint;
  readonly endOffset: bigint;
  readonly outcome: number;
  readonly digest: Buffer | null;
  readonly linkTarget: Buffer | null;
  readonly errno: number;
}

export interface CatalogedExtent {
  readonly headerOffset: bigint;
  readonly from: bigint;
  readonly to: bigint;
  /** Undefined: unproved. */
  readonly digest: Buffer | undefined;
}

export interface ClaimedLinkTarget {
  readonly path: Buffer;
  readonly fingerprint: Buffer;
  readonly headerOffset: bigint;
}

export interface DiskBasedCatalogSummary {
  readonly containersComplete: bigint;
  readonly containersPartial: bigint;
  /** Objects with outcome ok. */
  readonly objectsDurable: bigint;
  /** Objects of which nothing, or not all, could be read. */
  readonly exceptions: bigint;
  /** Stream bytes of the durable objects. */
  readonly bytesDurable: bigint;
}

export interface GenerateOptions {
  /** File to make; one that exists is replaced. `:memory:` for none. */
  readonly path: string;
  /** The records that `claims` has folded, in the same order. */
  readonly journal: AsyncIterable<JournalPart> | Iterable<JournalPart>;
  readonly claims: Claims;
  readonly hash128: Hash128;
  readonly newSieve: () => RecordSieve;
}

const schema = `
  CREATE TABLE containers (
    row INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, source_index INTEGER NOT NULL, fingerprint BLOB NOT NULL,
    complete INTEGER NOT NULL DEFAULT 0, entries INTEGER, exceptions INTEGER, hash BLOB, unchanged INTEGER,
    -- Of a container that came whole, in place of rows in the table of objects: how many, their bytes, their records.
    objects INTEGER, member_bytes INTEGER, records BLOB
  );
  CREATE TABLE container_ids (id INTEGER PRIMARY KEY, row INTEGER NOT NULL);
  CREATE TABLE objects (
    row INTEGER NOT NULL, name BLOB NOT NULL, kind INTEGER NOT NULL, fingerprint BLOB NOT NULL,
    header_offset INTEGER NOT NULL, data_offset INTEGER NOT NULL, end_offset INTEGER NOT NULL,
    outcome INTEGER NOT NULL, digest BLOB, link_target BLOB, errno INTEGER NOT NULL,
    PRIMARY KEY (row, name)
  ) WITHOUT ROWID;
  CREATE TABLE links (row INTEGER NOT NULL, name BLOB NOT NULL, PRIMARY KEY (row, name)) WITHOUT ROWID;
  CREATE TABLE extents (
    header_offset INTEGER NOT NULL, from_offset INTEGER NOT NULL, to_offset INTEGER NOT NULL, digest BLOB,
    PRIMARY KEY (header_offset, from_offset)
  ) WITHOUT ROWID;
`;

const containerColumns = "row, path, source_index, fingerprint, complete, entries, exceptions, hash";
/** More than any path has directories, mostly. */
const parentsRemembered = 64;

interface ContainerRow {
  readonly row: bigint;
  readonly path: Buffer;
  readonly source_index: bigint;
  readonly fingerprint: Buffer;
  readonly complete: bigint;
  readonly entries: bigint | null;
  readonly exceptions: bigint | null;
  readonly hash: Buffer | null;
}

interface ObjectRow {
  readonly name: Buffer;
  readonly kind: bigint;
  readonly fingerprint: Buffer;
  readonly header_offset: bigint;
  readonly data_offset: bigint;
  readonly end_offset: bigint;
  readonly outcome: bigint;
  readonly digest: Buffer | null;
  readonly link_target: Buffer | null;
  readonly errno: bigint;
}

export class DiskBasedCatalog {
  readonly #database: Database.Database;
  readonly #containerByPath: Database.Statement<[Buffer], ContainerRow>;
  readonly #objectsOfContainer: Database.Statement<[bigint], ObjectRow>;
  readonly #recordsOfContainer: Database.Statement<[bigint], Buffer | null>;
  /** Of containers that were asked about lately, by their rows: sub-directories in them. */
  readonly #subdirectories = new Map<bigint, ReadonlySet<string>>();

  private constructor(database: Database.Database) {
    this.#database = database;
    this.#containerByPath = database
      .prepare<[Buffer], ContainerRow>(`SELECT ${containerColumns} FROM containers WHERE path = ?`)
      .safeIntegers();
    this.#objectsOfContainer = database
      .prepare<[bigint], ObjectRow>("SELECT * FROM objects WHERE row = ? ORDER BY name")
      .safeIntegers();
    this.#recordsOfContainer = database
      .prepare<[bigint], Buffer | null>("SELECT records FROM containers WHERE row = ?")
      .pluck();
  }

  /** Makes the catalog of what is durable. */
  static async generate(options: GenerateOptions): Promise<DiskBasedCatalog> {
    const database = openScratch(options.path);
    try {
      const filler = new DiskBasedFiller(database, options.claims);
      database.exec("BEGIN");
      await visitJournal(options.journal, options.newSieve(), filler);
      dropUnclaimedLinks(database);
      judgeContainers(database, options.hash128);
      database.exec("COMMIT");
      return new DiskBasedCatalog(database);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** @returns undefined where the container is not listed. */
  container(path: Buffer): ContainerState | undefined {
    const row = this.#containerByPath.get(path);
    return row === undefined ? undefined : containerOf(row);
  }

  /** In the order of their paths. */
  *containers(): IterableIterator<ContainerState> {
    const all = this.#database
      .prepare<[], ContainerRow>(`SELECT ${containerColumns} FROM containers ORDER BY path`)
      .safeIntegers();
    for (const row of all.iterate()) yield containerOf(row);
  }

  /** Durable objects of a container, whatever their outcome, in the order of their names. */
  *objects(container: ContainerState): IterableIterator<CatalogedObject> {
    const records = this.#recordsOfContainer.get(container.row) ?? undefined;
    if (records !== undefined) yield* objectsByName(records);
    else for (const row of this.#objectsOfContainer.iterate(container.row)) yield objectOf(row);
  }

  /**
   * Does the directory still stand in its parent, and that in its own, up to the source's root? One that was removed
   * between interruption and resume keeps its rows, but is no part of the job any more.
   */
  isReached(path: Buffer): boolean {
    const slash = path.lastIndexOf(0x2f, path.length - 2);
    const parent = this.container(path.subarray(0, slash + 1));
    // A source's root is an entry of nothing.
    if (parent === undefined || parent.path.equals(path)) return true;
    const name = path.toString("latin1", slash + 1, path.length - 1);
    return this.#subdirectoriesOf(parent).has(name) && this.isReached(parent.path);
  }

  /** Paths are asked about in their order, so that it is mostly the parents of the last one that are asked for again. */
  #subdirectoriesOf(container: ContainerState): ReadonlySet<string> {
    const known = this.#subdirectories.get(container.row);
    if (known !== undefined) return known;
    const names = new Set<string>();
    for (const { name, kind } of this.completeObjects(container))
      if (kind === objectKind.directory) names.add(name.toString("latin1"));
    const [oldest] = this.#subdirectories.keys();
    if (oldest !== undefined && this.#subdirectories.size >= parentsRemembered) this.#subdirectories.delete(oldest);
    this.#subdirectories.set(container.row, names);
    return names;
  }

  /** Objects that need not be written again: outcome ok. */
  *completeObjects(container: ContainerState): IterableIterator<CatalogedObject> {
    for (const object of this.objects(container)) if (object.outcome === objectOutcome.ok) yield object;
  }

  /**
   * Objects that links may point at, in stream order: those whose record says so by an empty link target (the file had
   * more than one name), and symbolic links, which have no room to say so.
   */
  *linkTargets(): IterableIterator<ClaimedLinkTarget> {
    // None of them is in a container that came whole.
    const statement = this.#database.prepare<[], ObjectRow & { readonly path: Buffer }>(
      `SELECT containers.path, objects.* FROM objects JOIN containers USING (row)
       WHERE outcome = ${objectOutcome.ok} AND kind NOT IN (${objectKind.directory}, ${objectKind.hardLink})
       AND (link_target = x'' OR kind = ${objectKind.symbolicLink}) ORDER BY header_offset`,
    );
    for (const row of statement.safeIntegers().iterate()) {
      yield {
        path: Buffer.concat([row.path, row.name]),
        fingerprint: row.fingerprint,
        headerOffset: row.header_offset,
      };
    }
  }

  /** Large objects' extents before their last ones, in order. */
  *extents(): IterableIterator<CatalogedExtent> {
    const all = this.#database.prepare<
      [],
      { header_offset: bigint; from_offset: bigint; to_offset: bigint; digest: Buffer | null }
    >("SELECT * FROM extents ORDER BY header_offset, from_offset");
    for (const row of all.safeIntegers().iterate()) {
      const { header_offset: headerOffset, from_offset: from, to_offset: to, digest } = row;
      yield { headerOffset, from, to, digest: digest ?? undefined };
    }
  }

  summary(): DiskBasedCatalogSummary {
    const one = (sql: string): bigint => this.#database.prepare<[], bigint>(sql).pluck().safeIntegers().get() ?? 0n;
    const ok = `WHERE outcome = ${objectOutcome.ok}`;
    const ofWhole = (column: string): string => `SELECT coalesce(sum(${column}), 0) FROM containers`;
    return {
      containersComplete: one("SELECT count(*) FROM containers WHERE complete"),
      containersPartial: one("SELECT count(*) FROM containers WHERE NOT complete"),
      objectsDurable: one(`SELECT count(*) FROM objects ${ok}`) + one(ofWhole("objects")),
      exceptions: one(`SELECT count(*) FROM objects WHERE outcome <> ${objectOutcome.ok}`),
      bytesDurable:
        one(`SELECT coalesce(sum(end_offset - header_offset), 0) FROM objects ${ok}`) + one(ofWhole("member_bytes")),
    };
  }

  close(): void {
    this.#database.close();
  }
}

/** A link's claim lives only while its target's does: of the same fingerprint, and earlier in the stream. */
function dropUnclaimedLinks(database: Database.Database): void {
  const target = database.prepare<[Buffer, Buffer], { kind: number; fingerprint: Buffer; header_offset: number }>(
    `SELECT kind, objects.fingerprint, header_offset FROM objects JOIN containers USING (row)
     WHERE path = ? AND name = ? AND outcome = ${objectOutcome.ok}`,
  );
  const drop = database.prepare("DELETE FROM objects WHERE row = ? AND name = ?");
  const links = database.prepare<[number, Buffer], LinkRow>(
    `SELECT objects.* FROM links JOIN objects USING (row, name)
     WHERE (links.row, links.name) > (?, ?) ORDER BY links.row, links.name LIMIT ${pageRows}`,
  );
  for (const link of paged((last: LinkRow | undefined) => links.all(last?.row ?? 0, last?.name ?? Buffer.alloc(0)))) {
    // Another record of the name may have come later.
    if (link.kind !== objectKind.hardLink) continue;
    const path = link.link_target ?? Buffer.alloc(0);
    const slash = path.lastIndexOf(0x2f) + 1;
    const found = target.get(path.subarray(0, slash), path.subarray(slash));
    const lives =
      found !== undefined &&
      found.kind !== objectKind.hardLink &&
      found.fingerprint.equals(link.fingerprint) &&
      found.header_offset < link.header_offset;
    if (!lives) drop.run(link.row, link.name);
  }
}

/**
 * A container is complete only if number and hash over its live, durable entries are those of its close, and the
 * directory itself stood still meanwhile (its own member, the entry without a name, is not counted): a count alone is fooled by an older record of an object that changed.
 */
function judgeContainers(database: Database.Database, hash128: Hash128): void {
  const closed = database.prepare<[number], { row: number; entries: number; hash: Buffer }>(
    `SELECT row, entries, hash FROM containers WHERE row > ? AND unchanged = 1 AND NOT complete ORDER BY row LIMIT ${pageRows}`,
  );
  const entries = database.prepare<[number], { name: Buffer; fingerprint: Buffer }>(
    `SELECT name, fingerprint FROM objects WHERE row = ? AND outcome = ${objectOutcome.ok} AND name <> x'' ORDER BY name`,
  );
  const complete = database.prepare("UPDATE containers SET complete = 1 WHERE row = ?");
  for (const container of paged((last: { readonly row: number } | undefined) => closed.all(last?.row ?? 0))) {
    const hasher = new ContainerHasher();
    for (const { name, fingerprint } of entries.iterate(container.row)) hasher.add(name, fingerprint);
    if (hasher.entries === container.entries && hasher.digest(hash128).equals(container.hash))
      complete.run(container.row);
  }
}

interface LinkRow {
  readonly row: number;
  readonly name: Buffer;
  readonly kind: number;
  readonly fingerprint: Buffer;
  readonly header_offset: number;
  readonly link_target: Buffer | null;
}

const pageRows = 1000;

/** Rows page by page: a statement that is being stepped through would lock the tables against writing. */
function* paged<Last, Row extends Last>(next: (last: Last | undefined) => readonly Row[]): IterableIterator<Row> {
  for (let page = next(undefined); page.length > 0; page = next(page.at(-1))) yield* page;
}

function objectsByName(records: Buffer): readonly CatalogedObject[] {
  const objects = decodeRecords(records, wholeRecords).flatMap((record) => (record.type === "object" ? [record] : []));
  return objects.sort((left, right) => Buffer.compare(left.name, right.name));
}

function openScratch(path: string): Database.Database {
  try {
    const database = new Database(path);
    // It is made anew whenever it is needed: nothing to protect.
    database.pragma("journal_mode = OFF");
    database.pragma("synchronous = OFF");
    database.pragma("cache_size = -16384");
    database.exec("DROP TABLE IF EXISTS containers; DROP TABLE IF EXISTS container_ids; DROP TABLE IF EXISTS objects;");
    database.exec("DROP TABLE IF EXISTS links; DROP TABLE IF EXISTS extents;");
    database.exec(schema);
    return database;
  } catch (cause) {
    throw new CatalogError(`the disk-based catalog ${path} cannot be made: ${String(cause)}`, { cause });
  }
}

function containerOf(row: ContainerRow): ContainerState {
  return {
    row: row.row,
    path: row.path,
    sourceIndex: Number(row.source_index),
    fingerprint: row.fingerprint,
    verdict: row.complete === 1n ? "complete" : "partial",
    close:
      row.hash === null
        ? undefined
        : { entries: Number(row.entries), exceptions: Number(row.exceptions), hash: row.hash },
  };
}

function objectOf(row: ObjectRow): CatalogedObject {
  return {
    name: row.name,
    kind: Number(row.kind),
    fingerprint: row.fingerprint,
    headerOffset: row.header_offset,
    dataOffset: row.data_offset,
    endOffset: row.end_offset,
    outcome: Number(row.outcome),
    digest: row.digest,
    linkTarget: row.link_target,
    errno: Number(row.errno),
  };
}
