// SPDX-License-Identifier: Apache-2.0
/** Cartridges in SQLite. */
import type { Database } from "better-sqlite3";
import type { CartridgeEntry, CartridgeLocation, CartridgeRegister, CartridgeWear } from "../../protocol/volume.ts";
import { changePresentRow } from "./changed-row.ts";

interface CartridgeRow {
  readonly tag: string;
  readonly kind: CartridgeEntry["kind"];
  readonly location: CartridgeLocation["kind"];
  readonly element_address: bigint | null;
  readonly vault: string | null;
  readonly worm: bigint;
  readonly write_protected: bigint;
  readonly cleanings_used: bigint | null;
  readonly cleanings_limit: bigint | null;
  readonly wear_at_ms: bigint | null;
  readonly loads: bigint | null;
  readonly capacity_bytes: bigint | null;
  readonly remaining_bytes: bigint | null;
  readonly lifetime_written_bytes: bigint | null;
  readonly lifetime_read_bytes: bigint | null;
  readonly alerts: string | null;
  readonly error_at_ms: bigint | null;
  readonly error_text: string | null;
}

export class SqliteCartridgeRegister implements CartridgeRegister {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(volumeTag: string): CartridgeEntry | undefined {
    const row = this.#database
      .prepare<[string], CartridgeRow>("SELECT * FROM cartridge WHERE tag = ?")
      .safeIntegers()
      .get(volumeTag);
    return row === undefined ? undefined : cartridgeEntry(row);
  }

  list(): readonly CartridgeEntry[] {
    return this.#database
      .prepare<[], CartridgeRow>("SELECT * FROM cartridge ORDER BY tag")
      .safeIntegers()
      .all()
      .map(cartridgeEntry);
  }

  change(volumeTag: string, decide: (now: CartridgeEntry) => CartridgeEntry | undefined): CartridgeEntry | undefined {
    return changePresentRow(
      this.#database,
      () => this.get(volumeTag),
      (changed) => this.put(changed),
      decide,
    );
  }

  put(cartridge: CartridgeEntry): void {
    const { location, wear, cleanings, lastError } = cartridge;
    this.#database
      .prepare(
        `INSERT OR REPLACE INTO cartridge (tag, kind, location, element_address, vault, worm, write_protected,
         cleanings_used, cleanings_limit, wear_at_ms, loads, capacity_bytes, remaining_bytes, lifetime_written_bytes,
         lifetime_read_bytes, alerts, error_at_ms, error_text) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(
        cartridge.volumeTag,
        cartridge.kind,
        location.kind,
        location.kind === "library" ? (location.elementAddress ?? null) : null,
        location.kind === "vault" ? location.name : null,
        Number(cartridge.worm),
        Number(cartridge.writeProtected),
        cleanings?.used ?? null,
        cleanings?.limit ?? null,
        wear?.atMs ?? null,
        wear?.loads ?? null,
        wear?.capacityBytes ?? null,
        wear?.remainingBytes ?? null,
        wear?.lifetimeWrittenBytes ?? null,
        wear?.lifetimeReadBytes ?? null,
        wear?.alerts === undefined ? null : JSON.stringify(wear.alerts),
        lastError?.atMs ?? null,
        lastError?.text ?? null,
      );
  }
}

function cartridgeEntry(row: CartridgeRow): CartridgeEntry {
  return {
    volumeTag: row.tag,
    kind: row.kind,
    location: locationOf(row),
    worm: row.worm !== 0n,
    writeProtected: row.write_protected !== 0n,
    ...(row.cleanings_used === null || row.cleanings_limit === null
      ? {}
      : { cleanings: { used: Number(row.cleanings_used), limit: Number(row.cleanings_limit) } }),
    ...(row.wear_at_ms === null ? {} : { wear: wearOf(row, Number(row.wear_at_ms)) }),
    ...(row.error_at_ms === null || row.error_text === null
      ? {}
      : { lastError: { atMs: Number(row.error_at_ms), text: row.error_text } }),
  };
}

function locationOf(row: CartridgeRow): CartridgeLocation {
  switch (row.location) {
    case "library":
      return {
        kind: "library",
        ...(row.element_address === null ? {} : { elementAddress: Number(row.element_address) }),
      };
    case "vault":
      return { kind: "vault", name: row.vault ?? "" };
    case "outside":
      return { kind: "outside" };
  }
}

function wearOf(row: CartridgeRow, atMs: number): CartridgeWear {
  return {
    atMs,
    ...(row.loads === null ? {} : { loads: Number(row.loads) }),
    ...(row.capacity_bytes === null ? {} : { capacityBytes: row.capacity_bytes }),
    ...(row.remaining_bytes === null ? {} : { remainingBytes: row.remaining_bytes }),
    ...(row.lifetime_written_bytes === null ? {} : { lifetimeWrittenBytes: row.lifetime_written_bytes }),
    ...(row.lifetime_read_bytes === null ? {} : { lifetimeReadBytes: row.lifetime_read_bytes }),
    ...(row.alerts === null ? {} : { alerts: JSON.parse(row.alerts) as readonly string[] }),
  };
}
