// SPDX-License-Identifier: Apache-2.0
/**
 * A temporary catalog that has lost records which had been on the disk (H4). What survived may be out of date: a
 * TRUNCATE or a VOLUME_LOST may be among what is missing. So nothing that it claims counts before each volume that it
 * names has been identified again, and the last block that it claims there was read once more.
 */
import type { CatalogManager, JobRecords } from "../protocol/catalog-manager.ts";
import type { MediaSession } from "../protocol/media-server.ts";

export interface ProvedClaims {
  readonly records: JobRecords;
  /** One sentence each, for people. */
  readonly findings: readonly string[];
  /** In the order of their first use; nothing on them counts any more. */
  readonly withdrawn: JobRecords["volumes"];
}

/**
 * Looks at the volumes: what is not there as claimed is withdrawn, and
 * written again. A volume that cannot be had stops the job until it can, or is given up.
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
  const lost = new Set<string>();
  for (const { volumeUuid, volumeTag } of records.volumes) {
    if (isSpared(volumeUuid) || !records.segments.some((segment) => segment.volumeUuid === volumeUuid)) continue;
    if (await holdsItsClaims(media, records, volumeUuid, volumeTag)) {
      findings.push(`${volumeTag} is the volume that it names, and the last block claimed on it is there`);
      continue;
    }
    await catalogManager.applyVolumeLost(jobId, volumeUuid, 0n);
    lost.add(volumeUuid);
    findings.push(`${volumeTag} does not hold what is claimed on it: that is withdrawn, and written again`);
  }
  await catalogManager.claimsProved(jobId);
  const withdrawn = records.volumes.filter(({ volumeUuid }) => lost.has(volumeUuid));
  return { records: without(records, lost), findings, withdrawn };
}

async function holdsItsClaims(
  media: Pick<MediaSession, "examine">,
  { jobId, durableMarks }: JobRecords,
  volumeUuid: string,
  volumeTag: string,
): Promise<boolean> {
  const mark = durableMarks.find((each) => each.volumeUuid === volumeUuid);
  // A segment was opened on it, and nothing of it was ever durable.
  if (mark === undefined) return false;
  const { position, lastDigest } = mark;
  const { endOfData, before } = await media.examine({
    jobId,
    volumeUuid,
    volumeTag,
    durablePosition: position,
    verifyFrom: position,
  });
  return endOfData >= position && before !== undefined && before.digest === lastDigest;
}

function without(records: JobRecords, lost: ReadonlySet<string>): JobRecords {
  const isThere = ({ volumeUuid }: { readonly volumeUuid: string }): boolean => !lost.has(volumeUuid);
  return { ...records, segments: records.segments.filter(isThere), durableMarks: records.durableMarks.filter(isThere) };
}
