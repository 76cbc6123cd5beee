// SPDX-License-Identifier: Apache-2.0
/** A job that has ended, as the catalog store takes it in: read back from the temporary catalog, in two passes. */
import type { FinishedJob, StoredObject } from "../catalog/catalog-store.ts";
import { splitPath } from "../catalog/catalog-store.ts";
import { Claims } from "../catalog/claims.ts";
import { DiskBasedCatalog } from "../catalog/disk-based-catalog.ts";
import type { Environment } from "../catalog/environment.ts";
import { visitJournal } from "../catalog/record-sieve.ts";
import type { TemporaryCatalogReader } from "../catalog/temporary-catalog-reader.ts";
import { survivingSegments } from "./job-records.ts";

/** Generates the job's disk-based catalog at `path`, gives it to `take`, and removes it. */
export async function finishedJob(
  environment: Environment,
  reader: TemporaryCatalogReader,
  path: string,
  take: (job: FinishedJob) => void,
): Promise<void> {
  const { hash128, newSieve } = environment;
  const claims = new Claims();
  await visitJournal(reader.journal(), newSieve(), claims);
  const catalog = await DiskBasedCatalog.generate({ path, journal: reader.journal(), claims, hash128, newSieve });
  try {
    take({
      jobId: claims.job.jobId,
      recordSizeBytes: claims.recordSizeBytes,
      endOffset: claims.durableStreamOffset,
      sources: claims.sourceVolumes.map(({ index, path: source, streamStart, done }) => ({
        index,
        path: source,
        streamStart: streamStart ?? 0n,
        streamEnd: done?.endOffset ?? 0n,
        objects: done?.objects ?? 0n,
        exceptions: done?.exceptions ?? 0n,
      })),
      segments: survivingSegments(claims),
      objects: objectsOf(catalog),
      extents: catalog.extents(),
    });
  } finally {
    catalog.close();
    // Made anew whenever it is needed: one that stays is in nobody's way.
    await environment.fileSystem.remove(path).catch(() => undefined);
  }
}

function* objectsOf(catalog: DiskBasedCatalog): Generator<Omit<StoredObject, "jobId">> {
  for (const container of catalog.containers()) {
    if (!catalog.isReached(container.path)) continue;
    for (const object of catalog.completeObjects(container)) {
      const { directory, name } = splitPath(Buffer.concat([container.path, object.name]));
      yield {
        directory,
        name,
        kind: object.kind,
        fingerprint: object.fingerprint,
        headerOffset: object.headerOffset,
        dataOffset: object.dataOffset,
        endOffset: object.endOffset,
        digest: object.digest ?? undefined,
        linkTarget: object.linkTarget === null || object.linkTarget.length === 0 ? undefined : object.linkTarget,
      };
    }
  }
}
