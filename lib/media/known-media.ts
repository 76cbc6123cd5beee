// SPDX-License-Identifier: Apache-2.0
import type { CatalogStore } from "../catalog/catalog-store.ts";
import type { KnownMedia } from "./volume-choice.ts";

/** What the catalog store knows of media, as it is when it is asked. */
export function knownMedia(
  store: Pick<CatalogStore, "volumes" | "cartridges" | "jobs" | "segmentsOnVolume">,
): KnownMedia {
  return {
    get volumes() {
      return store.volumes.list();
    },
    cartridge: (volumeTag) => store.cartridges.get(volumeTag),
    job: (jobId) => store.jobs.get(jobId),
    jobsOnVolume: (volumeUuid) => [...new Set(store.segmentsOnVolume(volumeUuid).map(({ jobId }) => jobId))],
  };
}
