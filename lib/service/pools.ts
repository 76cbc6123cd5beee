// SPDX-License-Identifier: Apache-2.0
/** Pools as the operator sees them, and letting jobs expire that no rule keeps. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { ConfigError } from "../errors.ts";
import { isFinished } from "../media/retention.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import { poolPolicy } from "./config.ts";
import type { TidemarkConfig } from "./config.ts";
import type { PoolDetails, PoolSummary, PruneRequest, PruneResult } from "./media-api.ts";
import { mediaSetSummaries } from "./media-sets.ts";
import { MediaView, sum } from "./media-view.ts";

export interface MediaEnvironment {
  readonly store: CatalogStore;
  readonly config: Pick<TidemarkConfig, "pools" | "backup">;
  readonly nowMs: () => number;
}

export function lookAt(environment: MediaEnvironment): MediaView {
  return new MediaView(environment.store, environment.config, environment.nowMs());
}

/** Those that are configured, used by default, or in use. */
export function poolNames({ store, config }: MediaEnvironment): readonly string[] {
  const names = [
    config.backup.pool,
    ...Object.keys(config.pools),
    ...store.volumes.list().map(({ pool }) => pool),
    ...store.jobs.list().map(({ pool }) => pool),
  ];
  return [...new Set(names)].sort();
}

/** @throws ConfigError where nothing is known of such a pool */
export function requirePool(environment: MediaEnvironment, pool: string): void {
  const known = poolNames(environment);
  if (known.includes(pool)) return;
  throw new ConfigError(`there is no pool "${pool}"; there are ${known.join(", ")}: see tidemark pool list`, {
    code: "ERR_TAPE_USAGE",
  });
}

export function poolSummary(environment: MediaEnvironment, view: MediaView, pool: string): PoolSummary {
  const { allocation, retention } = poolPolicy(environment.config, pool);
  const volumes = view.volumes.filter((volume) => volume.pool === pool);
  const uses = volumes
    .map((volume) => view.judge(volume))
    .map((each) => (each.kind === "usable" ? each.use : each.kind));
  const verdicts = view.jobs.filter((job) => job.pool === pool).map((job) => view.verdict(job)?.kind);
  return {
    pool,
    allocation,
    ...(retention === undefined ? {} : { retention }),
    mediaSets: mediaSetSummaries(environment.store, pool).length,
    volumes: volumes.length,
    empty: uses.filter((use) => use === "first").length,
    expired: uses.filter((use) => use === "relabel").length,
    bytes: sum(volumes.map(({ bytes }) => bytes)),
    jobsKept: verdicts.filter((kind) => kind === "kept").length,
    jobsToExpire: verdicts.filter((kind) => kind === "expires").length,
  };
}

export function poolDetails(environment: MediaEnvironment, pool: string): PoolDetails {
  requirePool(environment, pool);
  const view = lookAt(environment);
  return {
    ...poolSummary(environment, view, pool),
    sets: mediaSetSummaries(environment.store, pool),
    volumeList: view.volumes.filter((volume) => volume.pool === pool).map((volume) => view.volume(volume)),
    jobs: view.jobs.filter((job) => job.pool === pool).map((job) => view.job(job)),
  };
}

export function prune(environment: MediaEnvironment, request: PruneRequest): PruneResult {
  const { pool, dryRun, onlyJobs } = request;
  if (pool !== undefined) requirePool(environment, pool);
  const { store, config } = environment;
  const nowMs = environment.nowMs();
  const before = new MediaView(store, config, nowMs);
  const expiring = before.jobs
    .filter((job) => pool === undefined || job.pool === pool)
    .filter((job) => before.verdict(job)?.kind === "expires")
    .filter((job) => onlyJobs === undefined || onlyJobs.includes(job.jobId));
  const expired = new Set(expiring.map(({ jobId }) => jobId));
  const jobsAfter = before.jobs.map((job) => (expired.has(job.jobId) ? { ...job, expiredAtMs: nowMs } : job));
  const after = new MediaView(store, config, nowMs, jobsAfter);
  const free = freeTags(before);
  const freed = [...freeTags(after)].filter((tag) => !free.has(tag));
  if (!dryRun) expire(store, expired, nowMs);
  const view = dryRun ? before : after;
  const jobs = view.jobs.filter(({ jobId }) => expired.has(jobId)).map((job) => ({ ...view.job(job), pool: job.pool }));
  return { dryRun, jobs, freed };
}

/** Cartridges that may be written over. */
function freeTags(view: MediaView): ReadonlySet<string> {
  const isFree = (volume: VolumeEntry): boolean => {
    const verdict = view.judge(volume);
    return verdict.kind === "usable" && verdict.use === "relabel";
  };
  return new Set(view.volumes.filter(isFree).map(({ volumeTag }) => volumeTag));
}

/** Asked again of each: another process may have let it expire meanwhile, and the first time counts. */
function expire(store: CatalogStore, jobIds: ReadonlySet<string>, nowMs: number): void {
  for (const jobId of jobIds) {
    store.jobs.change(jobId, (job) =>
      isFinished(job) && job.expiredAtMs === undefined ? { ...job, expiredAtMs: nowMs } : undefined,
    );
  }
}
