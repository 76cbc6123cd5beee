// SPDX-License-Identifier: Apache-2.0
/** A job of the real product over a simulated library, for the checkers to look at, and copies of it to be spoiled. */
import { closeSync, cpSync, mkdirSync, openSync, readSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { encodeRecords } from "../../lib/catalog/persistent-record.ts";
import type { PersistentRecord } from "../../lib/catalog/persistent-record.ts";
import { TemporaryCatalog } from "../../lib/catalog/temporary-catalog.ts";
import { TemporaryCatalogReader } from "../../lib/catalog/temporary-catalog-reader.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import { loadConfig } from "../../lib/service/config.ts";
import { nodeFileSystem } from "../../lib/service/node-file-system.ts";
import { openService } from "../../lib/service/service.ts";
import { realWorld } from "../../lib/service/world.ts";
import { Installation } from "../integration/installation.ts";
import type { FinishedJob } from "./checker.ts";
import { readImage } from "./image.ts";
import type { ImageObject } from "./image.ts";
import { sharedSources, smallTree } from "./reference-tree.ts";

const kib = 1024;

const config = `stateFolder = "state"
[library]
kind = "simulated"
folder = "library"
[tape]
recordSize = "16 KiB"
segmentSize = "160 KiB"
[checkpoint]
size = "96 KiB"
[pipeline]
ringSize = "256 KiB"
readers = 1
`;

/** One that was carried out once. */
export class MadeJob {
  readonly #installation = new Installation();
  readonly sources = sharedSources(smallTree);
  #copies = 0;

  /** One small cartridge is filled and another one begun; with two drives each has one. */
  async make(drives = 1): Promise<this> {
    const { libraryFolder, configPath } = this.#installation;
    nativeBinding().createSimulatedLibrary(libraryFolder, {
      drives,
      storageElements: 4,
      importExportElements: 1,
      barcodes: ["SIM001L9", "SIM002L9", "SIM003L9", "SIM004L9"],
      capacityBytes: BigInt(384 * kib),
      earlyWarningBytes: BigInt(96 * kib),
      bufferBytes: 160 * kib,
    });
    writeFileSync(configPath, `${config}[backup]\ndrives = ${drives}\n`);
    await this.#installation.succeed("volume", "label", "--all", "--yes");
    await this.#backUp(configPath);
    return this;
  }

  /** The temporary catalog stays, as after a crash behind the job's last word. */
  async #backUp(configPath: string): Promise<void> {
    const fileSystem = { ...nodeFileSystem, remove: () => Promise.resolve() };
    const service = await openService(loadConfig(configPath), { ...realWorld, fileSystem });
    try {
      const result = await service.backup(
        this.sources.map((path) => Buffer.from(path)),
        {},
      );
      if (result.status !== "complete") throw new Error(`the job is ${result.status}`);
    } finally {
      await service.close();
    }
  }

  copy(): SpoiledJob {
    const from = this.#installation.folder;
    const folder = join(from, `copy-${++this.#copies}`);
    mkdirSync(folder);
    for (const part of ["library", "state"]) cpSync(join(from, part), join(folder, part), { recursive: true });
    return new SpoiledJob(folder, this.sources);
  }

  remove(): void {
    this.#installation.remove();
  }
}

export class SpoiledJob {
  readonly job: FinishedJob;
  readonly folder: string;

  constructor(folder: string, sources: readonly string[]) {
    this.folder = folder;
    this.job = { libraryFolder: join(folder, "library"), stateFolder: join(folder, "state"), jobId: "1", sources };
  }

  objects(barcode: string): readonly ImageObject[] {
    return readImage(this.job.libraryFolder, barcode).objects;
  }

  /** Puts other objects onto a cartridge. */
  write(barcode: string, objects: readonly ImageObject[]): this {
    const index = Buffer.alloc(objects.length * 8);
    objects.forEach((object, number) => {
      if (object.kind === "block") index.writeUInt32BE(object.bytes.length, number * 8);
      else index.writeUInt32BE(1, number * 8 + 4);
    });
    const path = join(this.job.libraryFolder, "media", barcode);
    const blocks = objects.flatMap((object) => (object.kind === "block" ? [object.bytes] : []));
    writeFileSync(`${path}.objects`, index);
    writeFileSync(`${path}.tape`, Buffer.concat(blocks));
    return this;
  }

  /** Changes one bit of a block; a second time it is as before. */
  flip(barcode: string, number: number, byte: number): this {
    const before = this.objects(barcode).slice(0, number);
    const offset = before.reduce((sum, object) => sum + (object.kind === "block" ? object.bytes.length : 0), 0) + byte;
    const descriptor = openSync(join(this.job.libraryFolder, "media", `${barcode}.tape`), "r+");
    const bytes = Buffer.alloc(1);
    readSync(descriptor, bytes, 0, 1, offset);
    bytes[0] = (bytes[0] ?? 0) ^ (1 << (byte % 8));
    writeSync(descriptor, bytes, 0, 1, offset);
    closeSync(descriptor);
    return this;
  }

  /** The job's records, as the product reads them. */
  async records(): Promise<readonly PersistentRecord[]> {
    const records: PersistentRecord[] = [];
    for await (const frame of this.#reader().records()) records.push(...frame.records);
    return records;
  }

  /** Says more in the temporary catalog than is true. */
  async append(records: readonly PersistentRecord[]): Promise<void> {
    const summary = await this.#reader().summary();
    const origin = { epoch: summary.last?.epoch ?? 1, nonce: summary.last?.nonce ?? Buffer.alloc(8) };
    const options = { fileSystem: nodeFileSystem, folder: this.#jobFolder, origin, reserveBytes: 4096 };
    const catalog = await TemporaryCatalog.start(options, summary, encodeRecords(records));
    await catalog.close();
  }

  get #jobFolder(): string {
    return join(this.job.stateFolder, "jobs", this.job.jobId);
  }

  #reader(): TemporaryCatalogReader {
    return new TemporaryCatalogReader(nodeFileSystem, this.#jobFolder);
  }

  /** Changes the catalog store behind the product's back. */
  sql(statement: string): this {
    const database = new Database(join(this.job.stateFolder, "catalog.sqlite"));
    const { changes } = database.prepare(statement).run();
    database.close();
    if (changes === 0) throw new Error(`nothing is changed by: ${statement}`);
    return this;
  }
}
