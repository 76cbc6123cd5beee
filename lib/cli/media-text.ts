// SPDX-License-Identifier: Apache-2.0
/** Pools, sets and their volumes and jobs, written for people. */
import type {
  AllocationPolicy,
  CartridgeLocation,
  JobVerdict,
  MediaSetSummary,
  PoolJob,
  PoolVolume,
  Retention,
  VolumeUse,
} from "../service/media-api.ts";
import { statusNames } from "./job-text.ts";
import { tableText } from "./table.ts";
import { pathText, sizeText, timeText } from "./text.ts";

const millisecondsPerUnit = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

export function allocationText(allocation: AllocationPolicy): string {
  switch (allocation.kind) {
    case "continue":
      return "continue";
    case "newSet":
      return "new set";
    case "period":
      return `every ${durationText(allocation.periodMs)}`;
  }
}

/** `7 days`: in the largest unit that needs no fraction. */
export function durationText(durationMs: number): string {
  const unit = millisecondsPerUnit.find(([, milliseconds]) => durationMs % milliseconds === 0);
  if (unit === undefined) return `${durationMs} ms`;
  const count = durationMs / unit[1];
  return `${count} ${unit[0]}${count === 1 ? "" : "s"}`;
}

/** `3 last, 7 daily`. */
export function retentionText(retention: Retention | undefined): string {
  const rules = [
    [retention?.keepLast, "last"],
    [retention?.keepDaily, "daily"],
    [retention?.keepWeekly, "weekly"],
    [retention?.keepMonthly, "monthly"],
    [retention?.keepYearly, "yearly"],
  ] as const;
  const given = rules.flatMap(([count, name]) => (count === undefined ? [] : [`${count} ${name}`]));
  return given.length === 0 ? "everything" : given.join(", ");
}

export function locationText(location: CartridgeLocation | undefined): string {
  switch (location?.kind) {
    case undefined:
      return "not seen yet";
    case "library":
      return location.elementAddress === undefined ? "library" : `library, element ${location.elementAddress}`;
    case "vault":
      return `vault ${location.name}`;
    case "outside":
      return "outside the library";
  }
}

const useTexts: Readonly<Record<VolumeUse, string>> = {
  append: "behind what is on it",
  first: "from its beginning: nothing is on it",
  relabel: "anew: everything on it has expired",
};

/** Whether and how the next job can write it. */
export function useText({ use, refusal }: Pick<PoolVolume, "use" | "refusal">): string {
  return use === undefined ? `no: ${refusal ?? "no label"}` : useTexts[use];
}

export function verdictText(verdict: JobVerdict | undefined): string {
  switch (verdict?.kind) {
    case undefined:
      return "-";
    case "kept":
      return verdict.rule === "forever" ? "kept" : `kept: ${verdict.rule}`;
    case "expires":
      return "would expire";
    case "expired":
      return "expired";
  }
}

/** A set's UUID, as short as people use it. */
export function shortUuid(uuid: string): string {
  return uuid.slice(0, 8);
}

export function poolVolumesText(volumes: readonly PoolVolume[]): string {
  return tableText(
    [
      { title: "BARCODE" },
      { title: "SET" },
      { title: "NUMBER", align: "right" },
      { title: "STATE" },
      { title: "WRITTEN", align: "right" },
      { title: "CAPACITY", align: "right" },
      { title: "PLACE" },
      { title: "CAN BE WRITTEN" },
    ],
    volumes.map((volume) => [
      volume.volumeTag,
      volume.mediaSet === undefined ? "-" : shortUuid(volume.mediaSet),
      volume.setNumber === undefined ? "-" : String(volume.setNumber),
      volume.state,
      sizeText(volume.bytes),
      volume.capacityBytes === undefined ? "-" : sizeText(volume.capacityBytes),
      locationText(volume.location),
      useText(volume),
    ]),
  );
}

export function mediaSetsText(sets: readonly MediaSetSummary[]): string {
  return tableText(
    [
      { title: "SET" },
      { title: "POOL" },
      { title: "BEGAN" },
      { title: "CLOSED" },
      { title: "VOLUMES", align: "right" },
      { title: "WRITTEN", align: "right" },
    ],
    sets.map((set) => [
      set.uuid,
      set.pool,
      timeText(set.createdAtMs),
      set.closedAtMs === undefined ? "-" : timeText(set.closedAtMs),
      String(set.volumes),
      sizeText(set.bytes),
    ]),
  );
}

/** @param last a further column */
export function poolJobsText<Job extends PoolJob>(
  jobs: readonly Job[],
  last?: { readonly title: string; readonly cell: (job: Job) => string },
): string {
  return tableText(
    [
      { title: "JOB", align: "right" },
      { title: "STATUS" },
      { title: "STARTED" },
      { title: "RETENTION" },
      ...(last === undefined ? [] : [{ title: last.title }]),
      { title: "SOURCES" },
    ],
    jobs.map((job) => [
      job.jobId,
      statusNames[job.status] + originText(job),
      timeText(job.startedAtMs),
      verdictText(job.verdict),
      ...(last === undefined ? [] : [last.cell(job)]),
      job.sources.map(pathText).join(" "),
    ]),
  );
}

function originText(job: PoolJob): string {
  if (job.parentJobId !== undefined) return `, part of ${job.parentJobId}`;
  return job.copyOfJobId === undefined ? "" : `, copy of ${job.copyOfJobId}`;
}
