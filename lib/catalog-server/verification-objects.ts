// SPDX-License-Identifier: Apache-2.0
/** Objects to verify, packed for the data server, and the tape that holds them: of a job, or of one of its volumes. */
import { memberPath } from "../catalog/catalog-store.ts";
import type { CatalogStore, StoredJob, StoredObject } from "../catalog/catalog-store.ts";
import type { VerificationBatch } from "../protocol/catalog-server.ts";
import type { Segment } from "../protocol/tape.ts";
import { packObject } from "./restore-objects.ts";
import { joinRanges, stretchesOf } from "./stretches.ts";
import type { StreamRange } from "./stretches.ts";

/** As many as in a batch of a restore: a batch costs memory, and at most one locate. */
const batchObjects = 65_536;

/** Of which objects all, or only a part, lies on the wanted volume. */
interface Placed {
  readonly object: StoredObject;
  readonly on: "volume" | "volumeAndOthers";
}

/** In stream order. @param volumeUuid of the only volume to be read; all of the job's where it is not given */
export function* verificationBatches(
  store: CatalogStore,
  job: StoredJob,
  volumeUuid?: string,
): Generator<VerificationBatch> {
  let batch: Placed[] = [];
  for (const placed of placedObjects(store, job, volumeUuid)) {
    batch.push(placed);
    if (batch.length < batchObjects) continue;
    yield packBatch(store, job, batch, volumeUuid);
    batch = [];
  }
  if (batch.length > 0) yield packBatch(store, job, batch, volumeUuid);
}

function* placedObjects(store: CatalogStore, job: StoredJob, volumeUuid: string | undefined): Generator<Placed> {
  let first = 0;
  for (const object of store.objectsInStreamOrder(job.jobId, [])) {
    if (volumeUuid === undefined) {
      yield { object, on: "volume" };
      continue;
    }
    while (first < job.segments.length && endOf(job.segments[first]) <= object.headerOffset) first += 1;
    const holding: Segment[] = [];
    for (const segment of job.segments.slice(first)) {
      if (segment.streamStart >= object.endOffset) break;
      if (endOf(segment) > segment.streamStart) holding.push(segment);
    }
    const here = holding.filter((segment) => segment.volumeUuid === volumeUuid).length;
    if (here > 0) yield { object, on: here === holding.length ? "volume" : "volumeAndOthers" };
  }
}

/** The parts of objects that lie on other volumes too are read, though nothing can be compared. */
function packBatch(
  store: CatalogStore,
  job: StoredJob,
  batch: readonly Placed[],
  volumeUuid: string | undefined,
): VerificationBatch {
  const ranges: StreamRange[] = batch.map(({ object }) => ({ from: object.headerOffset, to: object.endOffset }));
  const stretches = joinRanges(ranges, job.recordSizeBytes, job.segments)
    .flatMap((range) => stretchesOf(range, job.segments, job.recordSizeBytes))
    .filter((stretch) => volumeUuid === undefined || stretch.volumeUuid === volumeUuid);
  const whole = batch.filter(({ on }) => on === "volume");
  return {
    objects: Buffer.concat(whole.map(({ object }) => packObject(store, job.jobId, object, { withFingerprint: true }))),
    stretches,
    parts: batch.filter(({ on }) => on === "volumeAndOthers").map(({ object }) => memberPath(object)),
  };
}

function endOf(segment: Segment | undefined): bigint {
  return segment?.streamEnd ?? segment?.streamStart ?? 0n;
}
