// SPDX-License-Identifier: Apache-2.0
/** A job's results and facts, written for people. */
import type {
  InterruptionStatus,
  JobDetails,
  JobResult,
  JobStatus,
  JobSummary,
  TapeVolumeStatus,
} from "../service/api.ts";
import { exitCodes } from "./exit-code.ts";
import type { ExitCode } from "./exit-code.ts";
import { jobTimeText } from "./job-time-text.ts";
import { fieldsText, tableText } from "./table.ts";
import { countText, pathText, plural, sizeText, timeText } from "./text.ts";

export const statusNames: Readonly<Record<JobStatus, string>> = {
  queued: "queued",
  running: "running",
  interrupted: "interrupted",
  resuming: "resuming",
  complete: "complete",
  completeWithExceptions: "complete with exceptions",
  failed: "failed",
  cancelled: "cancelled",
};

/** A job's status, and what has become of it since. */
function stateText({ status, expiredAtMs, writtenOver }: JobSummary): string {
  const since = writtenOver === true ? ", written over" : expiredAtMs === undefined ? "" : ", expired";
  return `${statusNames[status]}${since}`;
}

/** How a command ends that ran a job until it had this status. */
export function jobExitCode(status: JobStatus): ExitCode {
  switch (status) {
    case "complete":
      return exitCodes.done;
    case "completeWithExceptions":
      return exitCodes.someUnreadable;
    case "interrupted":
      return exitCodes.interrupted;
    case "failed":
    case "cancelled":
    case "queued":
    case "running":
    case "resuming":
      return exitCodes.failed;
  }
}

export function jobResultText(result: JobResult): string {
  const lines = [
    `job ${result.jobId} ${statusNames[result.status]}`,
    fieldsText([
      ["  objects written", countText(result.objectsWritten)],
      ["  objects skipped", countText(result.objectsSkipped)],
      ["  objects continued", countText(result.objectsContinued)],
      ["  objects unreadable", countText(result.objectsUnreadable)],
      ["  directories skipped", countText(result.containersSkipped)],
      ["  written by this run", sizeText(result.bytesWritten)],
      ["  saved from before", sizeText(result.bytesSaved)],
      ["  durable on tape", sizeText(result.counts.durable)],
    ]),
  ];
  const time = jobTimeText(result.time);
  if (time !== "") lines.push(time);
  if (result.status === "interrupted") lines.push(`go on with: tidemark job resume ${result.jobId}`);
  return lines.join("\n");
}

export function jobListText(jobs: readonly JobSummary[]): string {
  return tableText(
    [
      { title: "JOB", align: "right" },
      { title: "STATUS" },
      { title: "STARTED" },
      { title: "OBJECTS", align: "right" },
      { title: "EXCEPTIONS", align: "right" },
      { title: "BYTES", align: "right" },
      { title: "INTERRUPTED", align: "right" },
      { title: "SOURCES" },
    ],
    jobs.map((job) => [
      job.jobId,
      stateText(job),
      timeText(job.startedAtMs),
      countText(job.objects),
      countText(job.exceptions),
      sizeText(job.bytes),
      countText(job.interruptions),
      job.sources.map(pathText).join(" "),
    ]),
  );
}

export function jobDetailsText(job: JobDetails): string {
  const parts = [`job ${job.jobId} ${stateText(job)}`, summaryText(job), sourcesText(job)];
  if (job.tapeVolumes.length > 0) parts.push(tapeVolumesText(job.tapeVolumes));
  if (job.segments.length > 0) parts.push(segmentsText(job));
  if (job.openObject !== undefined) parts.push(openObjectText(job.openObject));
  if (job.interruptionHistory.length > 0) parts.push(historyText(job.interruptionHistory));
  const time = job.time === undefined ? "" : jobTimeText(job.time);
  if (time !== "") parts.push(time);
  const stories = storiesText(job.interruptionHistory);
  if (stories !== "") parts.push(stories);
  if (job.status === "interrupted") {
    parts.push(
      `see what a resume does: tidemark job resume ${job.jobId} --plan\ngo on with: tidemark job resume ${job.jobId}`,
    );
  }
  return parts.join("\n\n");
}

function summaryText(job: JobDetails): string {
  return fieldsText([
    ["started", timeText(job.startedAtMs)],
    ...(job.endedAtMs === undefined ? [] : [["ended", timeText(job.endedAtMs)] as const]),
    ["objects", countText(job.objects)],
    ["exceptions", countText(job.exceptions)],
    ["bytes", sizeText(job.bytes)],
    ["epoch", String(job.epoch)],
    ["interruptions", countText(job.interruptions)],
    ...(job.parts === undefined ? [] : ([["parts", `jobs ${job.parts.join(", ")}, each on its own drive`]] as const)),
    ...(job.temporaryCatalog === undefined ? [] : [["temporary catalog", catalogText(job.temporaryCatalog)] as const]),
  ]);
}

function catalogText({ bytes, damaged, frames }: NonNullable<JobDetails["temporaryCatalog"]>): string {
  return `${plural(BigInt(frames), "frame")}, ${sizeText(bytes)}${damaged ? ", damaged" : ""}`;
}

function sourcesText(job: JobDetails): string {
  const names = { complete: "complete", partial: "partial", notStarted: "not started" };
  return tableText(
    [
      { title: "SOURCE VOLUME" },
      { title: "STATUS" },
      { title: "OBJECTS", align: "right" },
      { title: "EXCEPTIONS", align: "right" },
      { title: "STREAM FROM", align: "right" },
      { title: "TO", align: "right" },
    ],
    job.sourceVolumes.map((source) => [
      pathText(source.path),
      names[source.status],
      countText(source.objects),
      countText(source.exceptions),
      offsetText(source.streamStart),
      offsetText(source.streamEnd),
    ]),
  );
}

/** Exact bytes: these four are what the product is about. */
function tapeVolumesText(volumes: readonly TapeVolumeStatus[]): string {
  return tableText(
    [
      { title: "TAPE VOLUME" },
      { title: "SUBMITTED", align: "right" },
      { title: "ACCEPTED", align: "right" },
      { title: "DURABLE", align: "right" },
      { title: "VERIFIED", align: "right" },
      { title: "DURABLE POSITION", align: "right" },
    ],
    volumes.map(({ volumeTag, counts, durablePosition }) => [
      volumeTag,
      countText(counts.submitted),
      countText(counts.accepted),
      countText(counts.durable),
      countText(counts.verified),
      countText(durablePosition),
    ]),
  );
}

function segmentsText(job: JobDetails): string {
  return tableText(
    [
      { title: "SEGMENT", align: "right" },
      { title: "TAPE VOLUME" },
      { title: "TAPE FILE", align: "right" },
      { title: "FIRST BLOCK", align: "right" },
      { title: "STREAM FROM", align: "right" },
      { title: "TO", align: "right" },
      { title: "ENDED" },
    ],
    job.segments.map((segment) => [
      String(segment.segment),
      segment.volumeTag,
      String(segment.tapeFile),
      countText(segment.firstDataBlock),
      offsetText(segment.streamStart),
      offsetText(segment.streamEnd),
      segment.ended === "givenUp" ? "given up" : (segment.ended ?? "open"),
    ]),
  );
}

function openObjectText(open: NonNullable<JobDetails["openObject"]>): string {
  return [
    `being written: ${pathText(open.path)}`,
    fieldsText([
      ["  size in the archive", countText(open.archivedBytes)],
      ["  durable", countText(open.durableBytes)],
      ["  recorded as sent", countText(open.recordedBytes)],
    ]),
  ].join("\n");
}

function historyText(history: readonly InterruptionStatus[]): string {
  return tableText(
    [
      { title: "RESUMED AS EPOCH", align: "right" },
      { title: "TAPE VOLUME" },
      { title: "AT STREAM OFFSET", align: "right" },
      { title: "BLOCK", align: "right" },
      { title: "ADOPTED", align: "right" },
      { title: "DISCARDED", align: "right" },
      { title: "WRITTEN AGAIN", align: "right" },
    ],
    history.map((entry) => [
      String(entry.epoch),
      entry.volumeTag ?? "-",
      countText(entry.streamOffset),
      countText(entry.boundaryBlock),
      sizeText(entry.adoptedBytes),
      entry.discardedObjects === undefined ? "-" : plural(entry.discardedObjects, "block"),
      entry.repeatedBytes === undefined ? "-" : sizeText(entry.repeatedBytes),
    ]),
  );
}

/** Each interruption in sentences: why the job stopped, what was found, what was decided. */
function storiesText(history: readonly InterruptionStatus[]): string {
  return history
    .flatMap(({ cause, continued, epoch, reasons, restarted, resumedAtMs }) => {
      if (cause === undefined) return [];
      const when = resumedAtMs === undefined ? "" : `, ${timeText(resumedAtMs)}`;
      return [
        `epoch ${epoch}${when}: the job had stopped: ${cause}`,
        ...(reasons ?? []).map((reason) => `  ${reason}`),
        ...(continued === undefined ? [] : [`  continued: ${pathText(continued)}`]),
        ...(restarted === undefined ? [] : [`  written again whole: ${pathText(restarted)}`]),
      ];
    })
    .join("\n");
}

function offsetText(offset: bigint | undefined): string {
  return offset === undefined ? "-" : countText(offset);
}
