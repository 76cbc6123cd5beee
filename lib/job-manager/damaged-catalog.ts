// SPDX-License-Identifier: Apache-2.0
/**
 * A temporary catalog that has lost records which had been on the disk (H4). What survived may be out of date: a
 * TRUNCATE or a VOLUME_LOST may be among what is missing. So nothing that it claims counts before each volume that it
 * names has been identified again, and the last block that it claims there was read once more.
 */
import type { CatalogManager, JobRecords } from "../protocol/catalog-manager.ts";
import type { MediaSession } from "../protocol/media-server.ts";
import type { DurableMark } from "../protocol/tape.ts";
import { unreadableClaims } from "./give-up-advice.ts";

export interface ProvedClaims {
  /** One sentence each, for people. */
  readonly findings: readonly string[];
  /** In the order of their first use; nothing on them counts any more. */
  readonly withdrawn: JobRecords["volumes"];
  /** Those of them that do not hold what had been durable there. */
  readonly altered: JobRecords["volumes"];
}

/**
 * Looks at the volumes: what is not there as claimed is withdrawn, and written again. A volume that cannot be had stops
 * the job until it can, or is given up.
 * @param isSpared volumes that are looked at later, or do not count any more
 */
export async function proveClaims(
  catalogManager: Pick<CatalogManager, "applyVolumeLost" | "claimsProved">,
  media: Pick<MediaSession, "examine">,
  records: JobRecords,
  isSpared: (volumeUuid: string) => boolean,
): Promise<ProvedClaims> {
  const { jobId } = records;
  const findings = ["the temporary catalog is damaged: records that had been on the disk are lost"];
  const withdrawn: JobRecords["volumes"][number][] = [];
  const altered: JobRecords["volumes"][number][] = [];
  for (const volume of records.volumes) {
    const { volumeUuid, volumeTag } = volume;
    if (isSpared(volumeUuid) || !records.segments.some((segment) => segment.volumeUuid === volumeUuid)) continue;
    const mark = records.durableMarks.find((each) => each.volumeUuid === volumeUuid);
    if (mark !== undefined && (await isThere(media, jobId, volumeTag, mark))) {
      findings.push(`${volumeTag} is the volume that it names, and the last block claimed on it is there`);
      continue;
    }
    await catalogManager.applyVolumeLost(jobId, volumeUuid, 0n);
    withdrawn.push(volume);
    if (mark === undefined) {
      findings.push(`a segment was opened on ${volumeTag}, of which nothing was ever durable: nothing counts there`);
      continue;
    }
    altered.push(volume);
    findings.push(`${volumeTag} does not hold what is claimed on it: that is withdrawn, and written again`);
  }
  await catalogManager.claimsProved(jobId);
  return { findings, withdrawn, altered };
}

async function isThere(
  media: Pick<MediaSession, "examine">,
  jobId: string,
  volumeTag: string,
  { volumeUuid, position, lastDigest }: DurableMark,
): Promise<boolean> {
  const { endOfData, before } = await media
    .examine({ jobId, volumeUuid, volumeTag, durablePosition: position, verifyFrom: position })
    .catch((error: unknown) => {
      throw unreadableClaims(error, jobId, volumeTag);
    });
  return endOfData >= position && before !== undefined && before.digest === lastDigest;
}
