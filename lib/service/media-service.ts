// SPDX-License-Identifier: Apache-2.0
import { ConfigError, JobError } from "../errors.ts";
import type {
  MediaService,
  MediaSetDetails,
  MediaSetSummary,
  PoolDetails,
  PoolSummary,
  PruneRequest,
  PruneResult,
  VolumeDetails,
} from "./media-api.ts";
import { mediaSetDetails, mediaSetSummaries } from "./media-sets.ts";
import { usability } from "./media-view.ts";
import { lookAt, poolDetails, poolNames, poolSummary, prune, requirePool } from "./pools.ts";
import type { MediaEnvironment } from "./pools.ts";

/** Answers from the catalog store alone: works without the library, and while others use it. */
export class LocalMediaService implements MediaService {
  readonly #environment: MediaEnvironment;

  constructor(environment: MediaEnvironment) {
    this.#environment = environment;
  }

  listPools(): readonly PoolSummary[] {
    const view = lookAt(this.#environment);
    return poolNames(this.#environment).map((pool) => poolSummary(this.#environment, view, pool));
  }

  showPool(pool: string): PoolDetails {
    return poolDetails(this.#environment, pool);
  }

  prune(request: PruneRequest): PruneResult {
    return prune(this.#environment, request);
  }

  listMediaSets(pool?: string): readonly MediaSetSummary[] {
    if (pool !== undefined) requirePool(this.#environment, pool);
    return mediaSetSummaries(this.#environment.store, pool);
  }

  showMediaSet(beginning: string): MediaSetDetails {
    return mediaSetDetails(this.#environment.store, lookAt(this.#environment), beginning);
  }

  showVolume(volumeTag: string): VolumeDetails {
    const { store } = this.#environment;
    const volume = store.volumes.getByTag(volumeTag);
    const cartridge = store.cartridges.get(volumeTag);
    if (volume === undefined) {
      if (cartridge === undefined) throw unknownVolume(volumeTag);
      return { volumeTag, cartridge, jobs: [] };
    }
    const view = lookAt(this.#environment);
    const segments = store.segmentsOnVolume(volume.volumeUuid);
    const isOnIt = (jobId: string): boolean =>
      jobId === volume.lastJobId || segments.some((segment) => segment.jobId === jobId);
    return {
      volumeTag,
      volume,
      ...(cartridge === undefined ? {} : { cartridge }),
      ...usability(view.judge(volume)),
      jobs: view.jobs
        .filter(({ jobId }) => isOnIt(jobId))
        .map((job) => ({
          ...view.job(job),
          tapeFiles: segments.filter(({ jobId }) => jobId === job.jobId).map(({ tapeFile }) => tapeFile),
        })),
    };
  }

  retireVolume(volumeTag: string): VolumeDetails {
    const { volumes } = this.#environment.store;
    const volume = volumes.getByTag(volumeTag);
    if (volume === undefined) throw unknownVolume(volumeTag);
    volumes.change(volume.volumeUuid, (now) => {
      if (now.state === "inUse") throw inUse(volumeTag, now.lastJobId ?? "unknown");
      return { ...now, state: "retired" };
    });
    return this.showVolume(volumeTag);
  }
}

function inUse(volumeTag: string, jobId: string): JobError {
  return new JobError(
    `job ${jobId} is writing ${volumeTag}, or was interrupted on it: let it finish, or cancel it (tidemark job cancel ${jobId})`,
    { code: "ERR_TAPE_JOB_STATE" },
  );
}

function unknownVolume(volumeTag: string): ConfigError {
  return new ConfigError(`the catalog knows no volume ${volumeTag}: see tidemark volume list`, {
    code: "ERR_TAPE_USAGE",
  });
}
