// SPDX-License-Identifier: Apache-2.0
/**
 * Fills the tables of a disk-based catalog from a journal: directories that come whole as one row each, everything else
 * object by object.
 */
import type Database from "better-sqlite3";
import type { Claims } from "./claims.ts";
import { decodeRecords, objectKind } from "./persistent-record.ts";
import type {
  ContainerCloseRecord,
  ContainerOpenRecord,
  ExtentRecord,
  ObjectRecord,
  PersistentRecord,
} from "./persistent-record.ts";
import { wholeRecords } from "./record-sieve.ts";
import type { RecordVisitor, WholeContainer } from "./record-sieve.ts";

/** Where the records of a container go. */
interface Place {
  readonly row: number;
  /** Its records stand in the row itself. */
  readonly isWhole: 0 | 1;
}

/** Puts live, durable records into the tables; of one name, the one furthest on in the stream wins. */
export class DiskBasedFiller implements RecordVisitor {
  readonly #claims: Claims;
  readonly #rowOfPath: Database.Statement<[Buffer], number>;
  readonly #newContainer: Database.Statement<[Buffer, number, Buffer]>;
  readonly #openAgain: Database.Statement<[number, Buffer, number]>;
  readonly #putId: Database.Statement;
  readonly #placeOfId: Database.Statement<[number], Place>;
  readonly #recordsOf: Database.Statement<[number], Buffer | null>;
  readonly #takeRecords: Database.Statement<[number]>;
  readonly #putClose: Database.Statement;
  readonly #putWhole: Database.Statement;
  readonly #putObject: Database.Statement;
  readonly #putLink: Database.Statement;
  readonly #putExtent: Database.Statement;
  /** Large objects under way: where their data begins. */
  readonly #dataOffsets = new Map<bigint, bigint>();
  /** Of a directory that was opened before too: its records have to be laid over those that are there. */
  readonly #openedAgain = new Set<number>();
  /** Records of one container stand together: this saves most look-ups. */
  #lastId = -1;
  #lastPlace: Place | undefined;

  constructor(database: Database.Database, claims: Claims) {
    this.#claims = claims;
    this.#rowOfPath = database.prepare<[Buffer], number>("SELECT row FROM containers WHERE path = ?").pluck();
    this.#newContainer = database.prepare("INSERT INTO containers (path, source_index, fingerprint) VALUES (?, ?, ?)");
    this.#openAgain = database.prepare("UPDATE containers SET source_index = ?, fingerprint = ? WHERE row = ?");
    this.#putId = database.prepare("INSERT OR REPLACE INTO container_ids VALUES (?, ?)");
    this.#placeOfId = database.prepare(
      `SELECT row, records IS NOT NULL AS isWhole FROM container_ids JOIN containers USING (row) WHERE id = ?`,
    );
    this.#recordsOf = database.prepare<[number], Buffer | null>("SELECT records FROM containers WHERE row = ?").pluck();
    this.#takeRecords = database.prepare(
      "UPDATE containers SET complete = 0, objects = NULL, member_bytes = NULL, records = NULL WHERE row = ?",
    );
    this.#putClose = database.prepare(
      "UPDATE containers SET entries = ?, exceptions = ?, hash = ?, unchanged = ?, fingerprint = ? WHERE row = ?",
    );
    this.#putWhole = database.prepare(
      "UPDATE containers SET complete = 1, objects = ?, member_bytes = ?, records = ? WHERE row = ?",
    );
    // Of two records of a name the one further on in the stream counts; frames of two readers may change places.
    this.#putObject = database.prepare(
      `INSERT INTO objects VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (row, name) DO UPDATE SET
       kind = excluded.kind, fingerprint = excluded.fingerprint, header_offset = excluded.header_offset,
       data_offset = excluded.data_offset, end_offset = excluded.end_offset, outcome = excluded.outcome,
       digest = excluded.digest, link_target = excluded.link_target, errno = excluded.errno
       WHERE excluded.header_offset >= objects.header_offset`,
    );
    this.#putLink = database.prepare("INSERT OR IGNORE INTO links VALUES (?, ?)");
    this.#putExtent = database.prepare("INSERT OR REPLACE INTO extents VALUES (?, ?, ?, ?)");
  }

  apply(record: PersistentRecord, ordinal: number): void {
    switch (record.type) {
      case "containerOpen":
        if (!this.#claims.isVoid(ordinal, record.streamOffset)) this.#openContainer(record);
        return;
      case "containerClose":
        if (this.#isClaimed(ordinal, record.endOffset, record.endOffset)) this.#addClose(record);
        return;
      case "objectOpen":
        // Its end is not what counts: it survives a TRUNCATE inside it.
        if (!this.#claims.isVoid(ordinal, record.headerOffset))
          this.#dataOffsets.set(record.headerOffset, record.dataOffset);
        return;
      case "object":
        if (this.#isClaimed(ordinal, record.headerOffset, record.endOffset)) this.#addObject(record);
        return;
      case "extent":
        return this.#addExtent(record, ordinal);
      default:
    }
  }

  applyWhole(container: WholeContainer): void {
    const { containerId, firstOffset, endOffset, firstOrdinal, lastOrdinal } = container;
    const [close] = decodeRecords(container.close, wholeRecords);
    const place = this.#placeOf(containerId);
    const isWhole =
      place !== undefined &&
      close?.type === "containerClose" &&
      !this.#openedAgain.has(containerId) &&
      this.#isClaimed(firstOrdinal, firstOffset, endOffset) &&
      this.#isClaimed(lastOrdinal, close.endOffset, close.endOffset);
    if (isWhole) {
      this.#addClose(close);
      this.#putWhole.run(container.objects, container.memberBytes, container.records, place.row);
      this.#lastId = -1;
      return;
    }
    for (const object of decodeRecords(container.records, wholeRecords)) this.apply(object, firstOrdinal);
    if (close !== undefined) this.apply(close, lastOrdinal);
  }

  #isClaimed(ordinal: number, from: bigint, to: bigint): boolean {
    return !this.#claims.isVoid(ordinal, to) && this.#claims.isDurable(from, to);
  }

  #openContainer({ containerId, path, sourceIndex, fingerprint }: ContainerOpenRecord): void {
    const known = this.#rowOfPath.get(path);
    if (known === undefined) {
      const { lastInsertRowid: row } = this.#newContainer.run(path, sourceIndex, fingerprint);
      this.#putId.run(containerId, row);
    } else {
      this.#openAgain.run(sourceIndex, fingerprint, known);
      this.#putId.run(containerId, known);
      this.#openedAgain.add(containerId);
    }
    this.#lastId = -1;
  }

  /** @returns undefined where the container was never opened, or that is void */
  #placeOf(containerId: number): Place | undefined {
    if (containerId !== this.#lastId) {
      this.#lastId = containerId;
      this.#lastPlace = this.#placeOfId.get(containerId);
    }
    return this.#lastPlace;
  }

  /** The row to which a record is added: what had come whole is no longer all, and judged anew. */
  #rowOf(containerId: number): number | undefined {
    const place = this.#placeOf(containerId);
    if (place?.isWhole !== 1) return place?.row;
    const records = this.#recordsOf.get(place.row) ?? Buffer.alloc(0);
    this.#takeRecords.run(place.row);
    this.#lastPlace = { row: place.row, isWhole: 0 };
    for (const record of decodeRecords(records, wholeRecords))
      if (record.type === "object") this.#addObject({ ...record, containerId });
    return place.row;
  }

  #addClose(record: ContainerCloseRecord): void {
    const row = this.#placeOf(record.containerId)?.row;
    if (row === undefined) return;
    this.#putClose.run(
      record.entries,
      record.exceptions,
      record.hash,
      record.unchanged ? 1 : 0,
      record.fingerprint,
      row,
    );
  }

  #addObject(record: ObjectRecord): void {
    this.#dataOffsets.delete(record.headerOffset);
    const row = this.#rowOf(record.containerId);
    if (row === undefined) return;
    this.#putObject.run(
      row,
      record.name,
      record.kind,
      record.fingerprint,
      record.headerOffset,
      record.dataOffset,
      record.endOffset,
      record.outcome,
      record.digest,
      record.linkTarget,
      record.errno,
    );
    if (record.kind === objectKind.hardLink) this.#putLink.run(row, record.name);
  }

  #addExtent(record: ExtentRecord, ordinal: number): void {
    const dataOffset = this.#dataOffsets.get(record.headerOffset);
    if (dataOffset === undefined || !this.#isClaimed(ordinal, record.headerOffset, dataOffset + record.to)) return;
    this.#putExtent.run(record.headerOffset, record.from, record.to, record.digest);
  }
}
