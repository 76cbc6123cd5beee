// SPDX-License-Identifier: Apache-2.0
/** A job of the catalog manager with one segment on one volume, and nobody who writes a tape. */
import { randomBytes } from "node:crypto";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { LocalCatalogManager } from "../../lib/catalog-manager/catalog-manager.ts";
import { SqliteCatalogStore } from "../../lib/catalog/sqlite/catalog-store.ts";
import { nativeBinding } from "../../lib/native/binding.ts";
import type { EpochToken } from "../../lib/protocol/catalog-manager.ts";
import type { Segment } from "../../lib/protocol/tape.ts";
import { nodeFileSystem } from "../../lib/service/node-file-system.ts";

export const recordSizeBytes = 512 * 1024;
const jobId = "1";
const volumeUuid = "00000000-0000-4000-8000-000000000001";
const firstDataBlock = 4n;
const segment: Segment = {
  segment: 1,
  epoch: 1,
  volumeUuid,
  volumeTag: "TMK001L9",
  tapeFile: 1,
  headBlock: firstDataBlock - 1n,
  firstDataBlock,
  streamStart: 0n,
};

export class CatalogJob {
  readonly #storePath: string;
  readonly #store: SqliteCatalogStore;
  readonly #manager: LocalCatalogManager;
  readonly #token: EpochToken;

  private constructor(storePath: string, store: SqliteCatalogStore, manager: LocalCatalogManager, token: EpochToken) {
    this.#storePath = storePath;
    this.#store = store;
    this.#manager = manager;
    this.#token = token;
  }

  static async begin(folder: string, source: string): Promise<CatalogJob> {
    const jobsFolder = join(folder, "jobs");
    mkdirSync(jobsFolder, { recursive: true });
    const storePath = join(folder, "catalog.sqlite");
    const store = SqliteCatalogStore.open(storePath);
    const manager = new LocalCatalogManager({
      fileSystem: nodeFileSystem,
      clock: { nowMs: () => Date.now() },
      random: { bytes: (count) => randomBytes(count) },
      hash128: (bytes) => nativeBinding().xxh3_128(bytes),
      newSieve: () => new (nativeBinding().RecordSieve)(),
      jobsFolder,
      store,
    });
    const sources = [Buffer.from(source)];
    store.jobs.create({ status: "running", startedAtMs: Date.now(), pool: "default", interruptions: 0, sources });
    const settings = { pool: "default", recordSizeBytes, crossMounts: false };
    const token = await manager.createJob({ jobId, sources, settings });
    await manager.sourceVolumeOpened(token, 0, 0n);
    await manager.segmentOpened(token, segment);
    return new CatalogJob(storePath, store, manager, token);
  }

  append(bytes: Uint8Array): Promise<void> {
    return this.#manager.appendFrame({ token: this.#token, bytes });
  }

  /** Everything up to a record's end is on tape: a checkpoint. */
  durable(streamOffset: bigint): Promise<void> {
    const position = firstDataBlock + streamOffset / BigInt(recordSizeBytes);
    return this.#manager.durable(this.#token, {
      volumeUuid,
      segment: segment.segment,
      position,
      streamOffset,
      durableBytes: streamOffset,
    });
  }

  /** The job ends well, and is folded into the catalog. */
  async finish(objects: bigint, endOffset: bigint): Promise<void> {
    const counts = { containers: 0n, objects, exceptions: 0n, endOffset };
    await this.#manager.sourceVolumeDone(this.#token, 0, counts);
    await this.durable(endOffset);
    await this.#manager.finishJob(this.#token, "complete", endOffset);
  }

  /** @returns bytes of the catalog of finished jobs, its write-ahead log folded in */
  async close(): Promise<number> {
    await this.#manager.close();
    this.#store.close();
    return statSync(this.#storePath).size;
  }
}
