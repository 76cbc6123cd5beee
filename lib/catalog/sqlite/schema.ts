// SPDX-License-Identifier: Apache-2.0
/**
 * The store's schema, one migration per version. Kysely writes the statements (another dialect can then build the
 * same tables); they are carried out here, at once, for the store is opened before anything else happens.
 */
import type { Database } from "better-sqlite3";
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from "kysely";
import type { CompiledQuery, CreateTableBuilder, SchemaModule } from "kysely";
import { CatalogError } from "../../errors.ts";

/** "TMCS" in SQLite's application id: this file is a Tidemark catalog store. */
const applicationId = 0x544d4353;

interface Statement {
  compile(): CompiledQuery;
}

type Migration = (schema: SchemaModule) => readonly Statement[];

const strict = sql`strict`;
/** The key's order is the table's: no second tree, and rows of one directory stand together. */
const strictByKey = sql`strict, without rowid`;

const migrations: readonly Migration[] = [firstVersion, secondVersion, thirdVersion, fourthVersion];

export const schemaVersion = migrations.length;

function firstVersion(schema: SchemaModule): readonly Statement[] {
  const job = columns(schema.createTable("job"), [
    "status text",
    "started_at_ms integer",
    "pool text",
    "interruptions integer",
  ])
    .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("ended_at_ms", "integer")
    .addColumn("record_size", "integer")
    .addColumn("end_offset", "integer")
    .addColumn("objects", "integer")
    // 0: not in the catalog; 1: the fold was begun; 2: all of it is.
    .addColumn("folded", "integer", (column) => column.notNull().defaultTo(0));
  const sourceVolume = columns(schema.createTable("source_volume"), ["job_id integer", "number integer", "path blob"])
    .addColumn("stream_start", "integer")
    .addColumn("stream_end", "integer")
    .addColumn("objects", "integer")
    .addColumn("exceptions", "integer");
  const tapeVolume = columns(schema.createTable("tape_volume"), [
    "uuid text",
    "tag text",
    "pool text",
    "state text",
    "record_size integer",
    "label_bytes integer",
    "end_position integer",
    "bytes integer",
    "tape_files integer",
    "labelled_at_ms integer",
  ])
    .addColumn("medium_serial", "text")
    .addColumn("last_job", "text")
    .addUniqueConstraint("tape_volume_tag", ["tag"]);
  const segment = columns(schema.createTable("segment"), [
    "job_id integer",
    "number integer",
    "epoch integer",
    "volume_uuid text",
    "volume_tag text",
    "tape_file integer",
    "head_block integer",
    "first_data_block integer",
    "stream_start integer",
    "stream_end integer",
    "ended text",
  ])
    .addColumn("footer_block", "integer")
    .addColumn("end_position", "integer")
    .addColumn("continued_header_offset", "integer");
  return [
    columns(schema.createTable("tidemark_schema"), ["version integer"]).modifyEnd(strict),
    job.modifyEnd(strict),
    keyed(sourceVolume, "source_volume", ["job_id", "number"]),
    keyed(tapeVolume, "tape_volume", ["uuid"]),
    keyed(segment, "segment", ["job_id", "number"]),
    ...objectTables(schema),
  ];
}

function objectTables(schema: SchemaModule): readonly Statement[] {
  const directory = schema
    .createTable("directory")
    .addColumn("id", "integer", (column) => column.primaryKey())
    .addColumn("path", "blob", (column) => column.notNull().unique());
  // Numbers take as many bytes as they need: the fingerprint in columns is half as long as its 52 bytes, and a
  // difference that is mostly small (ctime after mtime, member after size: padding) takes one or two.
  const object = columns(schema.createTable("object"), [
    "directory_id integer",
    "name blob",
    "job_id integer",
    "kind integer",
    "dev integer",
    "ino integer",
    "size integer",
    "mtime_ns integer",
    "ctime_later_ns integer",
    "mode integer",
    "uid integer",
    "gid integer",
    "header_offset integer",
    "header_bytes integer",
    "beyond_size_bytes integer",
  ])
    .addColumn("digest", "blob")
    .addColumn("link_target", "blob");
  const extent = columns(schema.createTable("extent"), [
    "job_id integer",
    "header_offset integer",
    "from_byte integer",
    "to_byte integer",
    "digest blob",
  ]);
  return [
    directory.modifyEnd(strict),
    keyed(object, "object", ["directory_id", "name", "job_id"]),
    keyed(extent, "extent", ["job_id", "header_offset", "from_byte"]),
  ];
}

const jobOfSecondVersion: readonly string[] = [
  "media_set text",
  "parent integer",
  "copy_of integer",
  "expired_at_ms integer",
  "interruption_cause text",
];

/** Media sets, cartridges, operator requests, moves and drives; copies and parts of jobs. */
function secondVersion(schema: SchemaModule): readonly Statement[] {
  const mediaSet = columns(schema.createTable("media_set"), ["uuid text", "pool text", "created_at_ms integer"])
    .addColumn("number", "integer", (column) => column.primaryKey().autoIncrement())
    .addColumn("closed_at_ms", "integer")
    .addUniqueConstraint("media_set_uuid", ["uuid"]);
  const cartridge = optionalColumns(
    columns(schema.createTable("cartridge"), [
      "tag text",
      "kind text",
      "location text",
      "worm integer",
      "write_protected integer",
    ]),
    [
      "element_address integer",
      "vault text",
      "cleanings_used integer",
      "cleanings_limit integer",
      "wear_at_ms integer",
      "loads integer",
      "capacity_bytes integer",
      "remaining_bytes integer",
      "lifetime_written_bytes integer",
      "lifetime_read_bytes integer",
      "alerts text",
      "error_at_ms integer",
      "error_text text",
    ],
  );
  const robotMove = optionalColumns(
    columns(numbered(schema.createTable("robot_move")), [
      "from_address integer",
      "to_address integer",
      "started_at_ms integer",
    ]),
    ["tag text", "second_address integer", "second_tag text"],
  );
  const operatorRequest = optionalColumns(
    columns(numbered(schema.createTable("operator_request")), [
      "kind text",
      "volume_tags text",
      "text text",
      "since_ms integer",
    ]),
    ["pool text", "job_id text", "device text"],
  );
  const drive = optionalColumns(columns(schema.createTable("drive"), ["name text", "state text", "cleaning text"]), [
    "serial_number text",
    "element_address integer",
    "reason text",
    "cleaned_at_ms integer",
    "error_at_ms integer",
    "error_text text",
  ]);
  return [
    ...added(schema, "job", jobOfSecondVersion),
    ...added(schema, "tape_volume", ["media_set text", "set_number integer"]),
    schema.createIndex("job_copy").on("job").column("copy_of"),
    schema.createIndex("job_parent").on("job").column("parent"),
    schema.createIndex("segment_volume").on("segment").column("volume_uuid"),
    mediaSet.modifyEnd(strict),
    keyed(cartridge, "cartridge", ["tag"]),
    robotMove.modifyEnd(strict),
    operatorRequest.modifyEnd(strict),
    keyed(drive, "drive", ["name"]),
    ...firstMediaSets,
  ];
}

/** What is told of jobs that are over, once their temporary catalogs are gone. */
function thirdVersion(schema: SchemaModule): readonly Statement[] {
  const history = columns(schema.createTable("job_history"), ["epoch integer", "stream_offset integer"]).addColumn(
    "job_id",
    "integer",
    (column) => column.primaryKey(),
  );
  const mark = columns(schema.createTable("durable_mark"), [
    "job_id integer",
    "number integer",
    "volume_uuid text",
    "volume_tag text",
    "position integer",
    "bytes integer",
  ]);
  const interruption = optionalColumns(
    columns(schema.createTable("interruption"), [
      "job_id integer",
      "epoch integer",
      "volume_uuid text",
      "boundary_block integer",
      "stream_offset integer",
      "adopted_bytes integer",
    ]),
    [
      "continued blob",
      "resumed_at_ms integer",
      "cause text",
      "end_of_data integer",
      "discarded_objects integer",
      "repeated_bytes integer",
      "restarted blob",
      "reasons text",
    ],
  );
  return [
    history.modifyEnd(strict),
    keyed(mark, "durable_mark", ["job_id", "number"]),
    keyed(interruption, "interruption", ["job_id", "epoch"]),
  ];
}

/** Where the time of jobs went. */
function fourthVersion(schema: SchemaModule): readonly Statement[] {
  return added(schema, "job", ["time text"]);
}

/** What the first version wrote in a pool, as one set: jobs that continue the pool's set go on with it. */
const firstMediaSets: readonly Statement[] = [
  `INSERT INTO media_set (uuid, pool, created_at_ms)
    SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||
      substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))), pool, min(labelled_at_ms)
    FROM tape_volume WHERE state <> 'empty' GROUP BY pool ORDER BY min(labelled_at_ms)`,
  `UPDATE tape_volume SET media_set = (SELECT uuid FROM media_set WHERE media_set.pool = tape_volume.pool),
    set_number = (SELECT count(*) FROM tape_volume AS other WHERE other.pool = tape_volume.pool AND other.state <> 'empty'
      AND (other.labelled_at_ms, other.tag) <= (tape_volume.labelled_at_ms, tape_volume.tag))
    WHERE state <> 'empty'`,
  `UPDATE job SET media_set = (SELECT uuid FROM media_set WHERE media_set.pool = job.pool)
    WHERE status NOT IN ('queued', 'failed')`,
].map((text) => ({ compile: () => sql.raw(text).compile(statements) }));

/**
 * Brings a database to this program's version.
 * @param target an older one, for tests of the way from there
 * @throws CatalogError where it belongs to another program or a newer version; nothing has been changed then.
 */
export function migrate(database: Database, path: string, target = schemaVersion): void {
  // At one moment: another process may be making the file.
  const version = database.transaction(() => versionOf(database, path))();
  if (version === target) return;
  if (version > schemaVersion) {
    throw new CatalogError(
      `the catalog ${path} has version ${version}, this Tidemark knows versions up to ${schemaVersion}: use the newer one that wrote it`,
      { code: "ERR_TAPE_CATALOG_VERSION" },
    );
  }
  database
    .transaction(() => {
      // Another process may have been quicker.
      for (const migration of migrations.slice(versionOf(database, path), target)) {
        for (const statement of migration(statements.schema)) database.exec(statement.compile().sql);
      }
      database.exec("DELETE FROM tidemark_schema");
      database.prepare("INSERT INTO tidemark_schema (version) VALUES (?)").run(target);
      database.pragma(`application_id = ${applicationId}`);
    })
    .exclusive();
}

/** 0 where the file is new. */
function versionOf(database: Database, path: string): number {
  const found: unknown = database.pragma("application_id", { simple: true });
  if (found === applicationId) {
    return database.prepare<[], number>("SELECT version FROM tidemark_schema").pluck().get() ?? 0;
  }
  const tables = database.prepare<[], number>("SELECT count(*) FROM sqlite_schema").pluck().get() ?? 0;
  if (found === 0 && tables === 0) return 0;
  throw new CatalogError(`${path} is a database of another program: name another folder for the catalog`, {
    code: "ERR_TAPE_CATALOG_VERSION",
  });
}

type TableBuilder = CreateTableBuilder<string, string>;

/** Columns that are never null, each `name type`. */
function columns(table: TableBuilder, definitions: readonly string[]): TableBuilder {
  return definitions.reduce((builder, definition) => {
    const [name = "", type = ""] = definition.split(" ");
    return builder.addColumn(name, sql.raw(type), (column) => column.notNull());
  }, table);
}

function optionalColumns(table: TableBuilder, definitions: readonly string[]): TableBuilder {
  return definitions.reduce((builder, definition) => {
    const [name = "", type = ""] = definition.split(" ");
    return builder.addColumn(name, sql.raw(type));
  }, table);
}

/** Numbers are never given out again. */
function numbered(table: TableBuilder): TableBuilder {
  return table.addColumn("id", "integer", (column) => column.primaryKey().autoIncrement());
}

/** SQLite adds one column a statement. */
function added(schema: SchemaModule, table: string, definitions: readonly string[]): readonly Statement[] {
  return definitions.map((definition) => {
    const [name = "", type = ""] = definition.split(" ");
    return schema.alterTable(table).addColumn(name, sql.raw(type));
  });
}

function keyed(table: TableBuilder, name: string, key: readonly string[]): TableBuilder {
  return table.addPrimaryKeyConstraint(`${name}_key`, [...key]).modifyEnd(strictByKey);
}

/** Only compiles: nothing is ever run through it. */
const statements = new Kysely<Record<string, never>>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (kysely) => new SqliteIntrospector(kysely),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
});
