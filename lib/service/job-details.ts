// SPDX-License-Identifier: Apache-2.0
/** A job as `job show` reports it: from the persistent records alone, no tape is moved. */
import type { Interruption, JobRecords, ObjectAcross } from "../protocol/catalog-manager.ts";
import type { InterruptionStatus, JobDetails, JobSummary, TapeVolumeStatus } from "./api.ts";

export function jobDetails(summary: JobSummary, records: JobRecords, open: ObjectAcross | undefined): JobDetails {
  const { durableStreamOffset } = records;
  const objects = records.sourceVolumes.reduce((sum, source) => sum + source.objects, 0n);
  return {
    ...summary,
    objects: summary.objects > 0n ? summary.objects : objects,
    bytes: summary.bytes > 0n ? summary.bytes : durableStreamOffset,
    sourceVolumes: records.sourceVolumes,
    tapeVolumes: tapeVolumes(records),
    segments: records.segments,
    interruptionHistory: records.interruptions.map((interruption) => interruptionStatus(interruption, records)),
    epoch: records.epoch,
    ...(open === undefined ? {} : { openObject: openObject(records, open) }),
    temporaryCatalog: { frames: records.frames, bytes: records.bytes, damaged: records.damaged },
  };
}

/** A job that was killed before its first record was on disk. */
export function nothingRecorded(summary: JobSummary): JobDetails {
  return {
    ...summary,
    sourceVolumes: summary.sources.map((path, index) => ({
      index,
      path,
      status: "notStarted",
      objects: 0n,
      exceptions: 0n,
    })),
    tapeVolumes: [],
    segments: [],
    interruptionHistory: [],
    epoch: 0,
    temporaryCatalog: { frames: 0, bytes: 0n, damaged: false },
  };
}

/**
 * Submitted is what was announced for writing; accepted is what the records prove, so the durable bytes: only the
 * tape knows more, and `resume --plan` asks it.
 */
function tapeVolumes(records: JobRecords): readonly TapeVolumeStatus[] {
  return records.durableMarks.map((mark) => {
    const announced =
      mark.volumeUuid === records.currentVolumeUuid ? records.announcedStreamOffset - records.durableStreamOffset : 0n;
    const durable = mark.durableBytes;
    return {
      volumeTag:
        records.segments.find((segment) => segment.volumeUuid === mark.volumeUuid)?.volumeTag ?? mark.volumeUuid,
      volumeUuid: mark.volumeUuid,
      counts: { submitted: durable + announced, accepted: durable, durable, verified: 0n },
      durablePosition: mark.position,
    };
  });
}

function interruptionStatus({ story, ...interruption }: Interruption, records: JobRecords): InterruptionStatus {
  const segment = records.segments.find(({ volumeUuid }) => volumeUuid === interruption.volumeUuid);
  return {
    ...interruption,
    ...(segment === undefined ? {} : { volumeTag: segment.volumeTag }),
    ...story,
  };
}

function openObject(
  { announcedStreamOffset, durableStreamOffset }: JobRecords,
  open: ObjectAcross,
): NonNullable<JobDetails["openObject"]> {
  const inObject = (offset: bigint): bigint => {
    const bytes = offset - open.dataOffset;
    return bytes < 0n ? 0n : bytes > open.archivedBytes ? open.archivedBytes : bytes;
  };
  return {
    path: Buffer.concat([open.containerPath, open.name]),
    archivedBytes: open.archivedBytes,
    durableBytes: inObject(durableStreamOffset),
    recordedBytes: inObject(announcedStreamOffset),
  };
}
