// SPDX-License-Identifier: Apache-2.0
/**
 * The folder of simulated courses: a state folder and a library with labelled cartridges. It is made once by the product
 * and then put back before each course; inside of a course its files can be kept and put back as well.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import SqliteDatabase from "better-sqlite3";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { Service } from "../../lib/service/api.ts";
import { parseConfig } from "../../lib/service/config.ts";
import type { TidemarkConfig } from "../../lib/service/config.ts";
import { openService } from "../../lib/service/service.ts";
import { Disk } from "./disk.ts";
import { makeLibrary, recordBytes } from "./job-plan.ts";
import type { JobPlan } from "./job-plan.ts";
import { firstClockMs, SimulatedProcess } from "./process.ts";
import { openSamePath } from "./same-path.ts";

/** All files at one moment, and what is known of their disk. */
export interface Snapshot {
  readonly files: ReadonlyMap<string, Buffer>;
  readonly folders: readonly string[];
  readonly disk: Disk;
}

const parts = ["state", "library"];
/** In memory where there is such a file system: what is synchronised there is decided here and not by it. */
const memory = "/dev/shm";

export class SimulatedInstallation {
  readonly folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), "tidemark-simulation-"));
  readonly libraryFolder = join(this.folder, "library");
  readonly config: TidemarkConfig;
  disk = new Disk();
  readonly #samePath = openSamePath(this.folder);
  readonly #plan: JobPlan;
  #begin: Snapshot | undefined;

  constructor(plan: JobPlan) {
    this.#plan = plan;
    this.config = parseConfig(configText(plan, this.#samePath.path), join(this.folder, "tidemark.toml"));
  }

  /** As it was before anything was backed up. */
  async reset(): Promise<void> {
    this.#begin ??= await this.#make(this.#plan);
    this.restore(this.#begin);
  }

  keep(): Snapshot {
    const files = new Map<string, Buffer>();
    const folders: string[] = [];
    for (const part of parts) collect(join(this.folder, part), files, folders);
    return { files, folders, disk: this.disk.clone() };
  }

  restore({ files, folders, disk }: Snapshot): void {
    for (const part of parts) rmSync(join(this.folder, part), { recursive: true, force: true });
    for (const path of folders) mkdirSync(path);
    for (const [path, bytes] of files) writeFileSync(path, bytes);
    this.disk = disk.clone();
  }

  /** The same for all that the next process could not tell from one another. */
  stateHash(): string {
    const { files, folders } = this.keep();
    const said: Buffer[] = [Buffer.from(this.disk.describe())];
    const { xxh3_128: hash } = nativeBinding();
    for (const path of [...folders, ...files.keys()]) {
      // Each process gets faults of its own.
      if (path.endsWith("/faults.json")) continue;
      // SQLite's files differ where nothing that they say does.
      const bytes = path.includes("sqlite") ? undefined : files.get(path);
      said.push(Buffer.from(path.slice(this.folder.length)), bytes === undefined ? Buffer.alloc(0) : hash(bytes));
    }
    const catalog = new SqliteDatabase(join(this.config.stateFolder, "catalog.sqlite"), { readonly: true });
    const tables = catalog.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").pluck().all();
    for (const table of tables) {
      const rows = catalog
        .prepare(`SELECT * FROM "${String(table)}"`)
        .raw()
        .all();
      said.push(Buffer.from(JSON.stringify([table, rows])));
    }
    catalog.close();
    return hash(Buffer.concat(said)).toString("hex");
  }

  /** What a process without faults does, of a seed of its own. */
  async withService<T>(seed: number, work: (service: Service) => Promise<T>): Promise<T> {
    const process = new SimulatedProcess(this, { seed, faults: [], clockMs: firstClockMs });
    const service = await openService(this.config, process.world);
    try {
      return await work(service);
    } finally {
      await service.close();
      process.end();
    }
  }

  remove(): void {
    this.#samePath.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #make(plan: JobPlan): Promise<Snapshot> {
    makeLibrary(this.libraryFolder, plan, "51D0E5");
    await this.withService(1, (service) =>
      service.labelVolumes({ volumeTags: "all", pool: "default", overwriteForeign: false }),
    );
    this.disk = new Disk();
    return this.keep();
  }
}

function configText({ checkpointBytes, segmentBytes }: JobPlan, folder: string): string {
  return `stateFolder = "${folder}/state"
[library]
kind = "simulated"
folder = "library"
[tape]
recordSize = ${recordBytes}
segmentSize = ${segmentBytes}
[checkpoint]
size = ${checkpointBytes}
[pipeline]
ringSize = ${4 * recordBytes}
readers = 1
`;
}

function collect(folder: string, files: Map<string, Buffer>, folders: string[]): void {
  folders.push(folder);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) collect(path, files, folders);
    else if (entry.isFile()) files.set(path, readFileSync(path));
  }
}
