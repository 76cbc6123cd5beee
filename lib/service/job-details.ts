// SPDX-License-Identifier: Apache-2.0
/** A job as `job show` reports it: from the persistent records or from what was kept of them; no tape is moved. */
import { jobHistory } from "../catalog-manager/job-records.ts";
import type { Interruption, JobHistory, JobOnRecord, JobRecords, ObjectAcross } from "../protocol/catalog-manager.ts";
import type { InterruptionStatus, JobDetails, JobSummary, TapeVolumeStatus } from "./api.ts";

export function jobDetails(summary: JobSummary, { records, openObject: open }: JobOnRecord): JobDetails {
  const details = historyDetails(summary, jobHistory(records), records.segments);
  return {
    ...details,
    tapeVolumes: details.tapeVolumes.map((volume) => withAnnounced(volume, records)),
    ...(open === undefined ? {} : { openObject: openObject(records, open) }),
    temporaryCatalog: { frames: records.frames, bytes: records.bytes, damaged: records.damaged },
  };
}

/** Of a job that is over: its temporary catalog may be gone. */
export function historyDetails(summary: JobSummary, history: JobHistory, segments: JobDetails["segments"]): JobDetails {
  const { durableMarks, epoch, interruptions, sourceVolumes, streamOffset } = history;
  const objects = sourceVolumes.reduce((sum, source) => sum + source.objects, 0n);
  return {
    ...summary,
    objects: summary.objects > 0n ? summary.objects : objects,
    bytes: summary.bytes > 0n ? summary.bytes : streamOffset,
    sourceVolumes,
    tapeVolumes: durableMarks.map(tapeVolume),
    segments,
    interruptionHistory: interruptions.map((interruption) => interruptionStatus(interruption, durableMarks)),
    epoch,
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

function tapeVolume({
  durableBytes: durable,
  position,
  ...volume
}: JobHistory["durableMarks"][number]): TapeVolumeStatus {
  return {
    ...volume,
    counts: { submitted: durable, accepted: durable, durable, verified: 0n },
    durablePosition: position,
  };
}

/**
 * Submitted is what was announced for writing; accepted is what the records prove, so the durable bytes: only the
 * tape knows more, and `resume --plan` asks it.
 */
function withAnnounced(volume: TapeVolumeStatus, records: JobRecords): TapeVolumeStatus {
  if (volume.volumeUuid !== records.currentVolumeUuid) return volume;
  const announced = records.announcedStreamOffset - records.durableStreamOffset;
  return { ...volume, counts: { ...volume.counts, submitted: volume.counts.submitted + announced } };
}

function interruptionStatus(
  { story, ...interruption }: Interruption,
  marks: JobHistory["durableMarks"],
): InterruptionStatus {
  const mark = marks.find(({ volumeUuid }) => volumeUuid === interruption.volumeUuid);
  return {
    ...interruption,
    ...(mark === undefined ? {} : { volumeTag: mark.volumeTag }),
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
