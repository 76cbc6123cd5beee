// SPDX-License-Identifier: Apache-2.0
/** Media sets as the operator sees them. */
import type { CatalogStore } from "../catalog/catalog-store.ts";
import { ConfigError } from "../errors.ts";
import type { MediaSetEntry } from "../protocol/media-set.ts";
import type { VolumeEntry } from "../protocol/volume.ts";
import type { MediaSetDetails, MediaSetJob, MediaSetSummary } from "./media-api.ts";
import { sum } from "./media-view.ts";
import type { MediaView } from "./media-view.ts";

/** In order of creation; of one pool, or of all. Without those of which nothing is left: all was written over. */
export function mediaSetSummaries(store: CatalogStore, pool?: string): readonly MediaSetSummary[] {
  const volumes = store.volumes.list();
  return store.mediaSets
    .list()
    .filter((set) => pool === undefined || set.pool === pool)
    .map((set) => summary(set, volumes))
    .filter((set) => set.closedAtMs === undefined || set.volumes > 0);
}

export function mediaSetDetails(store: CatalogStore, view: MediaView, beginning: string): MediaSetDetails {
  const set = setThatBegins(store, beginning);
  const volumes = view.volumes
    .filter(({ mediaSet }) => mediaSet === set.uuid)
    .toSorted((left, right) => (left.setNumber ?? 0) - (right.setNumber ?? 0));
  const onTape = volumes.flatMap(({ volumeUuid }) => store.segmentsOnVolume(volumeUuid));
  const jobIds = new Set(onTape.map(({ jobId }) => jobId));
  const jobs = view.jobs.filter((job) => job.mediaSet === set.uuid || jobIds.has(job.jobId));
  return {
    ...summary(set, view.volumes),
    volumeList: volumes.map((volume) => view.volume(volume)),
    jobs: jobs.map((job) => ({
      ...view.job(job),
      segments: onTape.filter(({ jobId }) => jobId === job.jobId).map(segmentOf),
    })),
  };
}

function segmentOf(segment: ReturnType<CatalogStore["segmentsOnVolume"]>[number]): MediaSetJob["segments"][number] {
  return {
    segment: segment.segment,
    volumeTag: segment.volumeTag,
    tapeFile: segment.tapeFile,
    streamStart: segment.streamStart,
    streamEnd: segment.streamEnd ?? segment.streamStart,
  };
}

function summary(set: MediaSetEntry, volumes: readonly VolumeEntry[]): MediaSetSummary {
  const own = volumes.filter(({ mediaSet }) => mediaSet === set.uuid);
  return { ...set, volumes: own.length, bytes: sum(own.map(({ bytes }) => bytes)) };
}

/** By its UUID or the beginning of it. @throws ConfigError unless exactly one set begins so */
export function setThatBegins(store: CatalogStore, beginning: string): MediaSetEntry {
  // An empty text is a variable that was not set, and would mean the only set.
  const matching =
    beginning === "" ? [] : store.mediaSets.list().filter(({ uuid }) => uuid.startsWith(beginning.toLowerCase()));
  const [set, ...more] = matching;
  if (set !== undefined && more.length === 0) return set;
  const message =
    set === undefined
      ? `there is no media set "${beginning}": see tidemark media-set list`
      : `${matching.length} media sets begin with "${beginning}": give more of the UUID, of ${matching.map(({ uuid }) => uuid).join(", ")}`;
  throw new ConfigError(message, { code: "ERR_TAPE_USAGE" });
}
