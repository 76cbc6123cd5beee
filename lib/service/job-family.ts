// SPDX-License-Identifier: Apache-2.0
/** A job and its parts as one: users see the job, the catalog holds the parts. */
import { sumOfTimes } from "../protocol/job-time.ts";
import type { JobEntry, JobRegister } from "../protocol/job.ts";
import type { JobDetails, JobSummary } from "./api.ts";

/** The jobs that hold a job's objects: its parts, or itself. */
export function holdersOf(jobs: JobRegister, jobId: string): readonly string[] {
  const parts = jobs.parts(jobId);
  return parts.length === 0 ? [jobId] : parts.map((part) => part.jobId);
}

/** The job that a user knows it by. */
export function familyName(jobs: JobRegister, jobId: string): string {
  return jobs.get(jobId)?.parentJobId ?? jobId;
}

export function combinedSummary(job: JobEntry, parts: readonly JobSummary[]): JobSummary {
  const sum = (value: (part: JobSummary) => bigint): bigint => parts.reduce((total, part) => total + value(part), 0n);
  const times = parts.flatMap(({ time }) => time ?? []);
  return {
    ...job,
    objects: sum(({ objects }) => objects),
    exceptions: sum(({ exceptions }) => exceptions),
    bytes: sum(({ bytes }) => bytes),
    ...(times.length === 0 ? {} : { time: times.reduce(sumOfTimes) }),
    interruptions: parts.reduce((most, { interruptions }) => Math.max(most, interruptions), job.interruptions),
    parts: parts.map(({ jobId }) => jobId),
    ...(parts.some(({ writtenOver }) => writtenOver === true) ? { writtenOver: true } : {}),
  };
}

/** Source volumes by their places in the job, tape volumes and segments part by part. */
export function combinedDetails(job: JobEntry, parts: readonly JobDetails[]): JobDetails {
  const [first] = parts;
  const place = (path: Uint8Array): number => job.sources.findIndex((source) => Buffer.compare(source, path) === 0);
  const catalogs = parts.flatMap(({ temporaryCatalog }) => temporaryCatalog ?? []);
  const open = parts.find(({ openObject }) => openObject !== undefined)?.openObject;
  return {
    ...combinedSummary(job, parts),
    sourceVolumes: parts
      .flatMap(({ sourceVolumes }) => sourceVolumes)
      .map((source) => ({ ...source, index: place(source.path) }))
      .toSorted((left, right) => left.index - right.index),
    tapeVolumes: parts.flatMap(({ tapeVolumes }) => tapeVolumes),
    segments: parts.flatMap(({ segments }) => segments),
    interruptionHistory: parts.flatMap(({ interruptionHistory }) => interruptionHistory),
    epoch: parts.reduce((highest, { epoch }) => Math.max(highest, epoch), first?.epoch ?? 0),
    ...(open === undefined ? {} : { openObject: open }),
    ...(catalogs.length === 0 ? {} : { temporaryCatalog: combinedCatalog(catalogs) }),
  };
}

type TemporaryCatalogStatus = NonNullable<JobDetails["temporaryCatalog"]>;

function combinedCatalog(catalogs: readonly TemporaryCatalogStatus[]): TemporaryCatalogStatus {
  return {
    frames: catalogs.reduce((total, { frames }) => total + frames, 0),
    bytes: catalogs.reduce((total, { bytes }) => total + bytes, 0n),
    damaged: catalogs.some(({ damaged }) => damaged),
  };
}
