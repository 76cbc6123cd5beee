// SPDX-License-Identifier: Apache-2.0
import type { StreamStretch } from "./media-server.ts";

/** Summary of a disk-based catalog. */
export interface DiskBasedCatalogSummary {
  readonly containersComplete: bigint;
  readonly containersPartial: bigint;
  readonly objectsDurable: bigint;
}

/** Answers what is already on tape. */
export interface CatalogServer {
  /** A new job: nothing is listed. */
  openEmpty(jobId: string): Promise<void>;
  /** Generates the disk-based catalog that holds the partially backed-up source volume. */
  generate(jobId: string): Promise<DiskBasedCatalogSummary>;
  /** Packed answers, in the order of the paths: is this container object listed, partial or complete. */
  judgeContainers(jobId: string, paths: readonly Uint8Array[]): Promise<Uint8Array>;
  /** Packed targets of hard links that are claimed. */
  linkTargets(jobId: string): Promise<Uint8Array>;
  /** The wanted objects of a finished job in stream order, batch by batch, with the tape that holds them. */
  restoreBatches(jobId: string, paths: readonly Uint8Array[]): AsyncIterable<RestoreBatch>;
  /** All objects of a finished job, or those on one volume, in stream order, with the tape that holds them. */
  verificationBatches(jobId: string, volumeUuid?: string): AsyncIterable<VerificationBatch>;
  /** Packed directories, deepest first, whose metadata is set at the end. */
  directoriesToFinish(jobId: string, paths: readonly Uint8Array[]): AsyncIterable<Uint8Array>;
  close(jobId: string): Promise<void>;
}

export interface RestoreBatch {
  /** Packed restore objects. */
  readonly objects: Uint8Array;
  readonly stretches: readonly StreamStretch[];
}

export interface VerificationBatch extends RestoreBatch {
  /** Objects of which only a part lies on the wanted volume; they are not among `objects`. */
  readonly parts: readonly Uint8Array[];
}
