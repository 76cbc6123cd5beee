// SPDX-License-Identifier: Apache-2.0
/** The world as the media server sees it: the library of the configuration, the catalog's registers, time. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { ChangerLibrary } from "../media-server/changer-library.ts";
import type { DriveQueue } from "../media-server/drive-queue.ts";
import type { MediaServerEnvironment } from "../media-server/environment.ts";
import type { LibraryEnvironment } from "../media-server/library-environment.ts";
import type { Library } from "../media-server/library.ts";
import { ManualLibrary } from "../media-server/manual-library.ts";
import { SequentialLibrary } from "../media-server/sequential-library.ts";
import { nativeBinding } from "../native/binding.ts";
import type { NativeRing } from "../native/binding.ts";
import { poolPolicy } from "./config.ts";
import type { TidemarkConfig } from "./config.ts";
import type { World } from "./world.ts";

function timeOf({ after, clock }: World): Pick<MediaServerEnvironment, "after" | "nowMs"> {
  return { after, nowMs: () => clock.nowMs() };
}

export function openLibrary(config: TidemarkConfig, world: World, store: CatalogStore, queue: DriveQueue): Library {
  const environment: LibraryEnvironment = {
    access: world.openLibrary(config.library),
    queue,
    cartridges: store.cartridges,
    drives: store.drives,
    journal: store.moves,
    requests: store.requests,
    cleaning: config.library.cleaning,
    blockProtection: config.tape.blockProtection,
    ...(config.library.reservations ? { reservingInstallation: world.installationNumber(config.stateFolder) } : {}),
    ...timeOf(world),
  };
  const { feed } = config.library;
  if (feed === undefined) return new ChangerLibrary(environment);
  return feed === "sequential" ? new SequentialLibrary(environment) : new ManualLibrary(environment);
}

export function mediaBasics(
  config: TidemarkConfig,
  world: World,
  store: CatalogStore,
): Omit<MediaServerEnvironment, "library" | "queue" | "catalogManager"> {
  const binding = nativeBinding();
  const { volumes, cartridges, mediaSets, drives, requests, jobs } = store;
  return {
    volumes,
    cartridges,
    mediaSets,
    drives,
    requests,
    jobs,
    atomically: (work) => store.atomically(work),
    poolPolicy: (pool) => poolPolicy(config, pool),
    segmentsOnVolume: (volumeUuid) => store.segmentsOnVolume(volumeUuid),
    forgetJob: (jobId) => store.forgetJob(jobId),
    operatorWaitMs: config.operator.waitMs,
    ...timeOf(world),
    newUuid: world.newUuid,
    createWriter: (options) => new binding.TapeWriter(options),
    nativeRing: (ring) => ring as NativeRing,
    digest64: (bytes) => binding.xxh3_64(bytes),
  };
}
