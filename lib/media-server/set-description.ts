// SPDX-License-Identifier: Apache-2.0
/** A media set in a few words, for the footer that ends a job: which volumes it has, and where each job on them is. */
import type { SetOfFooter } from "../protocol/catalog-manager.ts";
import type { WriteSession } from "../protocol/media-server.ts";
import type { MediaSetDescription } from "../protocol/media-set.ts";
import type { Segment } from "../protocol/tape.ts";
import type { MediaServerEnvironment } from "./environment.ts";

type JobSegment = Segment & { readonly jobId: string };

/** Finished jobs; the one that ends just now is described by the rest of the footer. */
export function describeSet(
  { segmentsOnVolume, volumes }: Pick<MediaServerEnvironment, "segmentsOnVolume" | "volumes">,
  { mediaSet, pool }: Pick<WriteSession, "mediaSet" | "pool">,
): SetOfFooter {
  const members = volumes
    .list()
    .filter((volume) => volume.mediaSet === mediaSet)
    .toSorted((left, right) => (left.setNumber ?? 0) - (right.setNumber ?? 0));
  const segments = members.flatMap(({ volumeUuid }) => segmentsOnVolume(volumeUuid));
  const description: MediaSetDescription = {
    volumes: members.map(({ setNumber = 0, volumeUuid, volumeTag }) => ({ number: setNumber, volumeUuid, volumeTag })),
    jobs: jobsOn(segments).map((jobId) => describeJob(jobId, segments)),
  };
  return { mediaSet, pool, description };
}

/** In order of their numbers. */
export function jobsOn(segments: readonly JobSegment[]): readonly string[] {
  return [...new Set(segments.map(({ jobId }) => jobId))].sort((left, right) => Number(left) - Number(right));
}

function describeJob(jobId: string, segments: readonly JobSegment[]): MediaSetDescription["jobs"][number] {
  const own = segments.filter((segment) => segment.jobId === jobId);
  const last = own
    .filter(({ footerBlock }) => footerBlock !== undefined)
    .reduce<JobSegment | undefined>(
      (latest, segment) => (latest === undefined || segment.segment > latest.segment ? segment : latest),
      undefined,
    );
  return {
    jobId,
    volumeTags: [...new Set(own.map(({ volumeTag }) => volumeTag))],
    ...(last?.footerBlock === undefined
      ? {}
      : { lastFooter: { volumeTag: last.volumeTag, tapeFile: last.tapeFile, block: last.footerBlock } }),
  };
}
