// SPDX-License-Identifier: Apache-2.0
/** Catalog managers, one after the other, of jobs whose temporary catalogs are in a file system that loses things. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LocalCatalogManager } from "../../../lib/catalog-manager/catalog-manager.ts";
import { SqliteCatalogStore } from "../../../lib/catalog/sqlite/catalog-store.ts";
import type { EpochToken } from "../../../lib/protocol/catalog-manager.ts";
import { MemoryFileSystem } from "../catalog/memory-file-system.ts";
import { hash128, newSieve, recordSizeBytes } from "../catalog/records.ts";

export const jobId = "17";
export const settings = { pool: "default", recordSizeBytes, crossMounts: false };

export class ManagedJobs {
  readonly fileSystem = new MemoryFileSystem();
  readonly #folder = mkdtempSync(join(tmpdir(), "tidemark-manager-"));
  readonly #jobsFolder = join(this.#folder, "jobs");
  /** Where the temporary catalog of {@link jobId} is. */
  readonly jobFolder = join(this.#jobsFolder, jobId);
  readonly #store = SqliteCatalogStore.open(join(this.#folder, "catalog.sqlite"));

  constructor() {
    // For the scratch databases.
    mkdirSync(this.jobFolder, { recursive: true });
  }

  readonly open = (options: { readonly reserveBytes?: number } = {}): LocalCatalogManager => {
    const clock = { nowMs: () => 5 };
    const random = { bytes: (count: number) => Buffer.alloc(count, 7) };
    const places = { fileSystem: this.fileSystem, jobsFolder: this.#jobsFolder, store: this.#store };
    return new LocalCatalogManager({ ...places, clock, random, hash128, newSieve, reserveBytes: 0, ...options });
  };

  remove(): void {
    this.#store.close();
    rmSync(this.#folder, { recursive: true });
  }
}

export function begin(
  manager: LocalCatalogManager,
  of: { readonly copyOfJobId?: string } = {},
  id = jobId,
): Promise<EpochToken> {
  return manager.createJob({ jobId: id, sources: [Buffer.from("/a")], settings: { ...settings, ...of } });
}
