// SPDX-License-Identifier: Apache-2.0
/** Volumes and jobs as pools and sets list them. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { knownMedia } from "../media/known-media.ts";
import { chooseMediaSet } from "../media/media-set.ts";
import { judgeRetention } from "../media/retention.ts";
import type { RetentionVerdict } from "../media/retention.ts";
import { judgeVolume } from "../media/volume-choice.ts";
import type { KnownMedia, VolumeVerdict } from "../media/volume-choice.ts";
import type { JobEntry } from "../protocol/job.ts";
import type { MediaSetEntry } from "../protocol/media-set.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import { poolPolicy } from "./config.ts";
import type { TidemarkConfig } from "./config.ts";
import type { JobVerdict, PoolJob, PoolVolume } from "./media-api.ts";

export type PoolPolicies = Pick<TidemarkConfig, "pools">;

/** One look at everything: registers are read once, however many volumes and jobs are judged. */
export class MediaView {
  readonly jobs: readonly JobEntry[];
  readonly volumes: readonly VolumeEntry[];
  readonly #sets: readonly MediaSetEntry[];
  readonly #media: KnownMedia;
  readonly #verdicts: ReadonlyMap<string, RetentionVerdict>;
  readonly #store: CatalogStore;
  readonly #config: PoolPolicies;
  readonly #nowMs: number;

  /** @param jobs as they are, or as they would be */
  constructor(store: CatalogStore, config: PoolPolicies, nowMs: number, jobs = store.jobs.list()) {
    this.#store = store;
    this.#config = config;
    this.#nowMs = nowMs;
    this.jobs = jobs;
    this.#sets = store.mediaSets.list();
    this.volumes = store.volumes.list();
    const byId = new Map(this.jobs.map((job) => [job.jobId, job]));
    this.#media = { ...knownMedia(store), volumes: this.volumes, job: (jobId) => byId.get(jobId) };
    this.#verdicts = judgeRetention(this.jobs, (pool) => poolPolicy(config, pool).retention);
  }

  /** How the next job of the volume's pool could write it. */
  judge(volume: VolumeEntry): VolumeVerdict {
    const { set } = chooseMediaSet({
      pool: volume.pool,
      allocation: poolPolicy(this.#config, volume.pool).allocation,
      sets: this.#sets,
      unfinished: new Set(),
      nowMs: this.#nowMs,
    });
    // Where a new set will begin, no volume is of it.
    return judgeVolume(volume, this.#media, { mediaSet: set?.uuid ?? "" });
  }

  volume(volume: VolumeEntry): PoolVolume {
    const cartridge = this.#store.cartridges.get(volume.volumeTag);
    const capacityBytes = cartridge?.wear?.capacityBytes;
    return {
      volumeTag: volume.volumeTag,
      volumeUuid: volume.volumeUuid,
      state: volume.state,
      bytes: volume.bytes,
      ...(capacityBytes === undefined ? {} : { capacityBytes }),
      ...(volume.mediaSet === undefined ? {} : { mediaSet: volume.mediaSet }),
      ...(volume.setNumber === undefined ? {} : { setNumber: volume.setNumber }),
      ...(cartridge === undefined ? {} : { location: cartridge.location }),
      ...usability(this.judge(volume)),
    };
  }

  verdict(job: JobEntry): JobVerdict | undefined {
    if (job.expiredAtMs !== undefined) return { kind: "expired", atMs: job.expiredAtMs };
    return this.#verdicts.get(job.jobId);
  }

  job(job: JobEntry): PoolJob {
    const verdict = this.verdict(job);
    return {
      jobId: job.jobId,
      status: job.status,
      startedAtMs: job.startedAtMs,
      sources: job.sources,
      ...(job.parentJobId === undefined ? {} : { parentJobId: job.parentJobId }),
      ...(job.copyOfJobId === undefined ? {} : { copyOfJobId: job.copyOfJobId }),
      ...(verdict === undefined ? {} : { verdict }),
    };
  }
}

export function usability(verdict: VolumeVerdict): Pick<PoolVolume, "use" | "refusal"> {
  return verdict.kind === "usable" ? { use: verdict.use } : { refusal: verdict.reason };
}

export function sum(values: readonly bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}
