// SPDX-License-Identifier: Apache-2.0
/** The catalog server: generates the disk-based catalog of a partially backed-up volume and answers look-ups. */
import { join } from "node:path";
import type { CatalogStore, StoredJob } from "../catalog/catalog-store.ts";
import type { Claims } from "../catalog/claims.ts";
import { DiskBasedCatalog } from "../catalog/disk-based-catalog.ts";
import { StreamCoverage } from "../catalog/stream-coverage.ts";
import type { Environment } from "../catalog/environment.ts";
import type { JournalPart } from "../catalog/record-sieve.ts";
import { JobError, ProtocolError } from "../errors.ts";
import type {
  CatalogServer,
  CopyBatch,
  CopyStart,
  DiskBasedCatalogSummary,
  MemberPlace,
  RestoreBatch,
  StoredStream,
  VerificationBatch,
} from "../protocol/catalog-server.ts";
import { packAnswers, packLinkTargets } from "./container-answer.ts";
import type { StreamStretch } from "../protocol/media-server.ts";
import { copyBatches, memberAcross, storedSources } from "./copy-batches.ts";
import { packedDirectories, restoreBatches } from "./restore-objects.ts";
import { stretchesOf } from "./stretches.ts";
import { verificationBatches } from "./verification-objects.ts";

export interface CatalogServerEnvironment extends Environment {
  readonly jobsFolder: string;
  readonly store: CatalogStore;
  /** Reconciled claims of an open job, and its journal for another pass. */
  readonly reconciled: (jobId: string) => {
    readonly claims: Claims;
    readonly journal: AsyncIterable<JournalPart>;
  };
}

export class LocalCatalogServer implements CatalogServer {
  readonly #environment: CatalogServerEnvironment;
  /** Undefined for a new job: nothing is listed. */
  readonly #catalogs = new Map<string, DiskBasedCatalog | undefined>();

  constructor(environment: CatalogServerEnvironment) {
    this.#environment = environment;
  }

  openEmpty(jobId: string): Promise<void> {
    this.#catalogs.set(jobId, undefined);
    return Promise.resolve();
  }

  async generate(jobId: string): Promise<DiskBasedCatalogSummary> {
    const { hash128, jobsFolder, newSieve, reconciled } = this.#environment;
    const { claims, journal } = reconciled(jobId);
    const catalog = await DiskBasedCatalog.generate({
      path: join(jobsFolder, jobId, "disk-based.sqlite"),
      journal,
      claims,
      hash128,
      newSieve,
    });
    this.#catalogs.set(jobId, catalog);
    return catalog.summary();
  }

  judgeContainers(jobId: string, paths: readonly Uint8Array[]): Promise<Uint8Array> {
    return Promise.resolve(packAnswers(this.#catalog(jobId), paths));
  }

  linkTargets(jobId: string): Promise<Uint8Array> {
    return Promise.resolve(packLinkTargets(this.#catalog(jobId)));
  }

  async *restoreBatches(jobId: string, paths: readonly Uint8Array[]): AsyncGenerator<RestoreBatch> {
    yield* restoreBatches(this.#environment.store, this.#finished(jobId, "restore"), paths);
  }

  async *verificationBatches(jobId: string, volumeUuid?: string): AsyncGenerator<VerificationBatch> {
    yield* verificationBatches(this.#environment.store, this.#finished(jobId, "verify"), volumeUuid);
  }

  async *directoriesToFinish(jobId: string, paths: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
    yield* packedDirectories(this.#environment.store, jobId, paths);
  }

  close(jobId: string): Promise<void> {
    this.#catalogs.get(jobId)?.close();
    this.#catalogs.delete(jobId);
    return Promise.resolve();
  }

  storedStream(jobId: string): Promise<StoredStream> {
    const job = this.#finished(jobId, "copy");
    const { recordSizeBytes, endOffset, segments } = job;
    const held = new StreamCoverage(
      segments.map(({ streamStart, streamEnd }) => ({ from: streamStart, to: streamEnd ?? streamStart })),
    );
    if (endOffset > 0n && !held.holds(0n, endOffset)) {
      throw new JobError(
        `a cartridge of job ${jobId} was given up while it was written, so its stream has a hole and cannot be copied: it can be restored and verified; back its sources up again to have a copy of them`,
        { code: "ERR_TAPE_JOB_STATE" },
      );
    }
    return Promise.resolve({ jobId, recordSizeBytes, endOffset, sources: storedSources(this.#environment.store, job) });
  }

  streamStretches(jobId: string, from: bigint, to: bigint): Promise<readonly StreamStretch[]> {
    const { segments, recordSizeBytes } = this.#finished(jobId, "copy");
    return Promise.resolve(stretchesOf({ from, to }, segments, recordSizeBytes));
  }

  async *copyBatches(jobId: string, start: CopyStart): AsyncGenerator<CopyBatch> {
    const { store, hash128 } = this.#environment;
    yield* copyBatches(store, this.#finished(jobId, "copy"), hash128, start);
  }

  memberAcross(jobId: string, streamOffset: bigint): Promise<MemberPlace | undefined> {
    return Promise.resolve(memberAcross(this.#environment.store, this.#finished(jobId, "copy"), streamOffset));
  }

  objectsBefore(jobId: string, streamOffset: bigint): Promise<bigint> {
    let count = 0n;
    for (const { endOffset, headerOffset } of this.#environment.store.objectsInStreamOrder(jobId, [])) {
      if (headerOffset >= streamOffset) break;
      if (endOffset <= streamOffset) count += 1n;
    }
    return Promise.resolve(count);
  }

  #finished(jobId: string, purpose: string): StoredJob {
    const job = this.#environment.store.finishedJob(jobId);
    if (job !== undefined) return job;
    throw new JobError(`job ${jobId} is not complete: resume it, then ${purpose}`, { code: "ERR_TAPE_JOB_STATE" });
  }

  #catalog(jobId: string): DiskBasedCatalog {
    const catalog = this.#catalogs.get(jobId);
    if (catalog === undefined) throw new ProtocolError(`job ${jobId} has no disk-based catalog`);
    return catalog;
  }
}
