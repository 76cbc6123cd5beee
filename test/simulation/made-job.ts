// SPDX-License-Identifier: Apache-2.0
/** A job of the real product over a simulated library, for the checkers to look at, and copies of it to be spoiled. */
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { nativeBinding } from "../../lib/native/binding.ts";
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

  /** One small cartridge is filled and another one begun. */
  async make(): Promise<this> {
    const { libraryFolder, configPath } = this.#installation;
    nativeBinding().createSimulatedLibrary(libraryFolder, {
      drives: 1,
      storageElements: 4,
      importExportElements: 1,
      barcodes: ["SIM001L9", "SIM002L9", "SIM003L9", "SIM004L9"],
      capacityBytes: BigInt(384 * kib),
      earlyWarningBytes: BigInt(96 * kib),
      bufferBytes: 160 * kib,
    });
    writeFileSync(configPath, config);
    await this.#installation.succeed("volume", "label", "--all", "--yes");
    await this.#installation.succeed("backup", ...this.sources);
    return this;
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

  constructor(folder: string, sources: readonly string[]) {
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

  /** Changes the catalog store behind the product's back. */
  sql(statement: string): this {
    const database = new Database(join(this.job.stateFolder, "catalog.sqlite"));
    const { changes } = database.prepare(statement).run();
    database.close();
    if (changes === 0) throw new Error(`nothing is changed by: ${statement}`);
    return this;
  }
}
